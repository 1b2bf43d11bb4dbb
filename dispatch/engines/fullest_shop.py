"""Baskets by the rule of thumb: the guarantee list first, and what is scarce unit by unit to whom it helps most.

Of what there is enough of, each basket gets all from the shop that has most of it, the rest from the next one.
Milliseconds, and always an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dispatch.engines.handing_out import Hands, hand_out
from dispatch.sharing import Layout

NAME = "fullest_shop"


def split_greedily(layout: Layout) -> dict[tuple[int, int], int]:
    """Return units by line and stock row."""
    hands = Hands(layout)
    for turn in layout.turns():
        rations = _rations(hands, turn)
        for basket in turn:
            _fill(hands, basket, rations)
        hand_out(hands, turn)
    return hands.split()


def _rations(hands: Hands, baskets: Sequence[int]) -> dict[int, int]:
    """Return what each wish gets for the asking: all of it if there is enough for these baskets, or nothing."""
    layout = hands.layout
    lines = {wish: layout.wishes[wish].line for basket in baskets for wish in layout.of_basket[basket]}
    asked, there = Counter[str](), Counter[str]()
    for line in lines.values():
        asked[line.product] += line.quantity
    for number, row in enumerate(layout.problem.stock):
        there[row.product] += hands.left[number]
    return {
        wish: line.quantity if asked[line.product] <= there[line.product] else 0
        for wish, line in lines.items()
    }


def _fill(hands: Hands, basket: int, rations: dict[int, int]) -> None:
    """Give a basket its rations from as few shops as the rule of thumb finds."""
    layout = hands.layout
    # Rations are of the product asked for; substitutes are for whoever still lacks something.
    own = [
        (wish, choice, layout.problem.stock[choice.row].shop)
        for wish in layout.of_basket[basket]
        for choice in layout.wishes[wish].choices
        if rations[wish] and layout.problem.stock[choice.row].product == layout.wishes[wish].line.product
    ]
    while True:
        gain, fen = Counter[str](), Counter[str]()
        for wish, choice, shop in own:
            units = hands.fits(wish, choice.row, rations[wish])
            gain[shop] += units * layout.wishes[wish].parts
            fen[shop] += units * choice.fen
        best = max(gain, key=lambda shop: (gain[shop], -fen[shop], shop), default=None)
        if best is None or gain[best] == 0:
            return
        for wish, choice, shop in own:
            if shop == best and (units := hands.fits(wish, choice.row, rations[wish])):
                rations[wish] -= units
                hands.give(wish, choice.row, units)
