"""Why a line is short: the first thing that stands in its way, in the order in which somebody would ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from dispatch.baskets import Short
from dispatch.sharing import Layout, Split


def shortfalls(layout: Layout, split: Split) -> tuple[Short, ...]:
    """Return the lines that get less than they ask for, with reasons.

    ``nowhere``: no shop lists anything that may serve it. ``too_dear``: all cost more than its caps.
    ``sold_out``: no shop has any. ``household_limit``: the household has as much as it may. ``not_worth_it``:
    there is some, but fetching it costs more than missing it does. ``shared_out``: not enough for all who want it.
    """
    return _Shortfalls(layout, split).all()


class _Shortfalls:
    def __init__(self, layout: Layout, split: Split) -> None:
        self.layout = layout
        self.left = layout.caps()
        self.got: Counter[int] = Counter()
        self.to_guaranteed: Counter[int] = Counter()
        for (wish, row), units in split.items():
            self.got[wish] += units
            self.to_guaranteed[row] += units * layout.basket(wish).is_guaranteed
            for cap in layout.counted_by(wish, row):
                self.left[cap] -= units
        self.asked: Counter[str] = Counter()
        for one in layout.wishes:
            self.asked[one.line.product] += one.line.quantity
        self.prices: dict[str, list[int]] = defaultdict(list)
        for listed in layout.problem.stock:
            self.prices[listed.product].append(listed.price_fen)

    def all(self) -> tuple[Short, ...]:
        found = []
        for number, wish in enumerate(self.layout.wishes):
            missing = wish.line.quantity - self.got[number]
            if missing:
                reason, facts = self._why(number)
                found.append(Short(self.layout.basket(number).id, wish.line.id, missing, reason, facts))
        return tuple(found)

    def _why(self, number: int) -> tuple[str, dict[str, Any]]:
        wish, stock = self.layout.wishes[number], self.layout.problem.stock
        if not wish.choices:
            products = (wish.line.product, *(one.product for one in wish.line.substitutes))
            listed = [price for product in products for price in self.prices[product]]
            return ("too_dear", {"cheapest_fen": min(listed)}) if listed else ("nowhere", {})
        rows = [choice.row for choice in wish.choices]
        if self.layout.there(number) == 0:
            return "sold_out", {"shops": len({stock[row].shop for row in rows})}
        limits = {
            row: [cap for cap in self.layout.counted_by(number, row) if cap >= len(stock)] for row in rows
        }
        full = {row for row in rows if any(self.left[cap] <= 0 for cap in limits[row])}
        stocked = [row for row in rows if stock[row].on_hand > 0]
        if full.issuperset(stocked):
            caps = {cap for row in stocked for cap in limits[row]}
            most = min(self.layout.caps()[cap] for cap in caps if self.left[cap] <= 0)
            return "household_limit", {"most": most}
        spare = sum(self.left[row] for row in rows if row not in full)
        if spare:
            return "not_worth_it", {"left": spare}
        return "shared_out", {
            "on_hand": self.layout.there(number),
            "asked": self.asked[wish.line.product],
            "guaranteed": sum(self.to_guaranteed[row] for row in rows),
        }
