"""Replays: an episode as a small file that plays again bit for bit (`airside replay FILE`)."""

from airside_sim.replay.file import Outcome, Replay, ReplayError, load_replay, save_replay
from airside_sim.replay.playback import Playback, Verdict, replay_actions, verify
from airside_sim.replay.recorder import RecordReplay

__all__ = [
    "Outcome",
    "Playback",
    "RecordReplay",
    "Replay",
    "ReplayError",
    "Verdict",
    "load_replay",
    "replay_actions",
    "save_replay",
    "verify",
]
