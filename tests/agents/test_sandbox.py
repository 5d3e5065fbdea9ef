"""A foreign agent's process: limits hold, failures are told apart, and nothing it does stops the judge."""

from pathlib import Path

import pytest

from agents.evaluation.contestants import contestant, contestants
from agents.evaluation.drive import drive_entry
from agents.evaluation.resimulate import judge_entry
from agents.evaluation.sandbox import AgentFailure, Limits, Sandbox
from airside_sim.suite import load_suite

QUICK = Limits(action_s=2.0, memory_mb=2000)


def _drive(agents_file: Path, name: str, suite_file: Path, tmp_path: Path, limits: Limits = QUICK, seeds: int = 1):
    suite = load_suite(suite_file)
    one = contestant(f"{agents_file}:{name}")
    return drive_entry(one, suite.entries[0], suite.seed_list(seeds), tmp_path, limits)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Quitting", "its process ended (exit 3)"),
        ("Chatty", "ValueError: could not convert string to float"),
        ("Cheat", "obs: 'traffic' is not the agent's to choose"),
        ("Missing", "AttributeError"),
        ("Forging", "it wrote into the conversation"),
    ],
)
def test_what_goes_wrong_is_said(agents_file: Path, suite_file: Path, tmp_path: Path, name: str, reason: str) -> None:
    (claim,) = _drive(agents_file, name, suite_file, tmp_path).claims
    assert reason in claim.failed
    assert claim.path is None


def test_the_rest_is_not_driven_after_three_failures_in_a_row(
    agents_file: Path, suite_file: Path, tmp_path: Path
) -> None:
    reasons = [c.failed for c in _drive(agents_file, "Crashing", suite_file, tmp_path, seeds=5).claims]
    assert reasons[:3] == ["RuntimeError: boom (odd.py:18)"] * 3
    assert reasons[3:] == ["not driven after 3 failures in a row: RuntimeError: boom (odd.py:18)"] * 2


def test_after_a_failure_a_fresh_process_goes_on(agents_file: Path, suite_file: Path, tmp_path: Path) -> None:
    (agents_file.parent / "was_here").unlink(missing_ok=True)
    claims = _drive(agents_file, "Flaky", suite_file, tmp_path, seeds=3).claims
    assert "first time" in claims[0].failed
    assert [c.failed for c in claims[1:]] == ["", ""]


def test_an_episode_has_a_time_limit_of_its_own(agents_file: Path, suite_file: Path, tmp_path: Path) -> None:
    limits = Limits(action_s=2.0, episode_s=1e-4, memory_mb=2000)
    (claim,) = _drive(agents_file, "Steady", suite_file, tmp_path, limits).claims
    assert claim.failed == "its actions took over 0.0001 s in one episode"


def test_a_closed_sandbox_leaves_no_process(agents_file: Path) -> None:
    box = Sandbox(f"{agents_file}:Steady", is_folder=False, limits=QUICK)
    assert (box.obs, box.takes_batches) == ({"obs_type": "objects"}, False)
    box.close()
    assert box._process.poll() is not None
    with pytest.raises((AgentFailure, OSError, ValueError)):
        box.reset()


def test_names_are_unique_and_random_and_expert_always_drive(agents_file: Path, tmp_path: Path) -> None:
    assert [c.name for c in contestants(["stop", "expert"])] == ["random", "expert", "stop"]
    twin = tmp_path / "odd.py"
    twin.write_text("")
    with pytest.raises(ValueError, match="would both be called 'odd-Steady'"):
        contestants([f"{agents_file}:Steady", f"{twin}:Steady"])
    with pytest.raises(ValueError, match="there is no file"):
        contestant("nowhere.py:Agent")


def test_the_agent_of_the_guide_drives(repository: Path, suite_file: Path, tmp_path: Path) -> None:
    text = (repository / "docs" / "evaluation.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    assert "class Follower" in code
    (tmp_path / "my_agent.py").write_text(code)
    suite = load_suite(suite_file)
    one = contestant(f"{tmp_path / 'my_agent.py'}:Follower")
    done = drive_entry(one, suite.entries[0], suite.seed_list(2), tmp_path, QUICK)
    rows = judge_entry(suite.entries[0], done.claims)
    assert [r.failed for r in rows] == ["", ""]
    assert min(r.completion for r in rows) > 0.5
