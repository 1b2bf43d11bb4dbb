"""A shelf never holds more parcels than it can: each lies there until the interval of its home's call is over."""

from __future__ import annotations

from dispatch.problem import Shelf

NAME = "Room on the shelf"
REASON = (
    "What does not fit on the shelf lies on the floor of the entrance, in the way and in reach of everybody."
)


def is_there(put_down_s: int, called_s: int, interval_s: int, at_s: int) -> bool:
    """Tell whether what is put down then, and called for from ``called_s`` on, lies on the shelf at ``at_s``."""
    return put_down_s <= at_s < called_s + interval_s


def holds(shelf: Shelf, parcels: int) -> bool:
    """Tell whether so many parcels can lie on the shelf at once."""
    return parcels <= shelf.parcels
