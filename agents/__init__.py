"""Learners for airside_sim: they import the simulator, never the reverse."""
