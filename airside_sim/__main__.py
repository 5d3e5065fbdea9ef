"""`python -m airside_sim` is the `airside` command."""

from airside_sim.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
