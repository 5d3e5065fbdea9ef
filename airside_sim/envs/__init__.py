"""Adapters from the simulator to environment APIs: Gymnasium (single, vector), SB3, Safety-Gymnasium."""
