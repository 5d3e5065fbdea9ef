"""The one error that a wrong map raises."""


class MapError(ValueError):
    """`FILE:LINE: field: what is wrong`: always one line, always about the user's file."""
