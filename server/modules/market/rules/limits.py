"""How much of an item one home may take: at most N in a window of D days. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

MOST_PER_HOME = 1_000
LONGEST_DAYS = 90


@dataclass(frozen=True)
class StockedItem:
    """An item of a shop; ``free``: on hand and not kept for anybody.

    ``limit``: (most, days) for one home, if there is one; ``is_exact``: nothing serves in its place by itself.
    """

    id: UUID
    name: str
    name_en: str
    price_fen: int
    free: int
    limit: tuple[int, int] | None = None
    barcode: str | None = None
    is_exact: bool = False


def window_of(today: date, days: int) -> tuple[date, date]:
    """Return the first day of the window that ``today`` lies in, and the first day after it.

    Windows are the same for every home, counted from a fixed day, so that anybody can say when the next one begins.
    """
    first = date.fromordinal(today.toordinal() - today.toordinal() % days)
    return first, first + timedelta(days=days)


def within(items: Sequence[StockedItem], taken: Mapping[UUID, int]) -> list[StockedItem]:
    """Return the items as one home may take them: no more is free than its limit leaves.

    ``taken``: item → what the home has in the present window.
    """
    return [
        item
        if item.limit is None
        else replace(item, free=max(0, min(item.free, item.limit[0] - taken.get(item.id, 0))))
        for item in items
    ]
