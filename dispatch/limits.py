"""How long solving may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# A wave of ten stops has its best plan long before the limit.
ENOUGH_S = 0.1
ENOUGH_S_PER_STOP = 0.02


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Limits:
    """How long solving may take at most, in seconds of wall time; naming reasons for what is left comes on top.

    Small waves take less, unless ``is_patient``: what more time would not better. ``rounds``: so many rounds of the
    search instead, whatever time they take: the same problem then has the same plan. ``is_cancelled``: asked some
    twenty times a second. ``processes``: how many may search at once.
    """

    seconds: float = 5.0
    rounds: int | None = None
    is_patient: bool = False
    is_cancelled: Callable[[], bool] = _never
    processes: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.seconds < float("inf"):
            raise ValueError(f"a search needs a positive time limit, not {self.seconds}")

    def seconds_for(self, stops: int) -> float:
        """Return the seconds that so many stops are worth."""
        return self.seconds if self.is_patient else min(self.seconds, ENOUGH_S + stops * ENOUGH_S_PER_STOP)
