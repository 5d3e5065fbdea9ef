"""Offline datasets: episodes in one format, on disk as HDF5 or zarr, for every learner (docs/datasets.md)."""

from airside_sim.data.episode import Episode, EpisodeMeta, validate_episode
from airside_sim.data.schema import SCHEMA, DatasetError
from airside_sim.data.store import Dataset, DatasetWriter, open_writer, sample_path

__all__ = [
    "SCHEMA",
    "Dataset",
    "DatasetError",
    "DatasetWriter",
    "Episode",
    "EpisodeMeta",
    "open_writer",
    "sample_path",
    "validate_episode",
]
