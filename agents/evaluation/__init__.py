"""Judging agents: driving suites, playing the replays again, measuring and scoring what really happened."""
