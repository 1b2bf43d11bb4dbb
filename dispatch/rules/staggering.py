"""At most so many homes are called to a shelf in one interval, each when its goods are there."""

from __future__ import annotations

from dispatch.problem import Shelf

NAME = "Staggered calls"
REASON = "An entrance where everybody is called at once is a crowd behind closed gates."


def first_interval(put_down_s: int, interval_s: int) -> int:
    """Return the number of the first interval that begins with the goods there."""
    return -(-put_down_s // interval_s)


def most_at_once(shelf: Shelf, homes: int) -> int:
    """Return how many of so many homes can be called in one interval."""
    return min(homes, shelf.homes_at_once)
