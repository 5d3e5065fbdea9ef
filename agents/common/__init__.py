"""What every algorithm stands on, once."""
