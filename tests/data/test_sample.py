"""The shipped sample opens, is valid and holds what the documentation says."""

from airside_sim.cli import main
from airside_sim.data import Dataset, sample_path


def test_the_sample_is_valid_and_mixed() -> None:
    assert sample_path().stat().st_size < 2_000_000
    assert main(["data", "validate", str(sample_path())]) == 0
    with Dataset.open(sample_path()) as dataset:
        assert dataset.lengths.sum() == 1500
        assert sum(dataset.meta(i).is_success for i in range(len(dataset))) == 4
        behaviours = {dataset.meta(i).behaviour for i in range(len(dataset))}
        assert behaviours == {"expert", "cautious", "aggressive", "noisy", "random"}
        assert dataset.read_leaf(0, "bev", 0, 1).shape == (1, 34, 64, 8)
        assert dataset.read_leaf(0, "bev").any()
