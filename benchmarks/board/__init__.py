"""The leaderboard: blocks of driven and judged episodes, tables of them, and a page."""
