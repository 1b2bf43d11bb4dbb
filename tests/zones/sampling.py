"""Which rows of the official lists were labelled by hand: a stratified random sample that anybody can draw again.

Of every text only its first row may be drawn, so that a held-out row never repeats one that was developed on.
Rows are numbered from 1, the header not counted. Every other row drawn of a stratum is held out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

SEED = 20221127
SIZES = {"exclusion": 80, "stairwell": 80, "building": 80, "number": 40, "plain": 40}
# 门 that is no stairwell: shop fronts, gates, clinics.
NO_STAIRWELL = re.compile(r"门店|门脸|大门|门前|门诊")


def stratum(place: str) -> str:
    """Return what a place's text looks like at first glance, before anything is parsed."""
    if re.search(r"除|以外|之外", place):
        return "exclusion"
    if re.search(r"门|单元", NO_STAIRWELL.sub("", place)):
        return "stairwell"
    if re.search(r"号楼|栋|楼", place):
        return "building"
    return "number" if re.search(r"[0-9０-９]", place) else "plain"


def draw(places: Sequence[str]) -> list[tuple[int, str, bool]]:
    """Return (row, stratum, held out) of the sampled rows of ``places``, by stratum in the order drawn."""
    first: dict[str, int] = {}
    for row, place in enumerate(places, start=1):
        first.setdefault(place, row)
    drawn: list[tuple[int, str, bool]] = []
    for name, size in SIZES.items():
        rows = sorted(row for place, row in first.items() if stratum(place) == name)
        chosen = random.Random(f"{SEED}/{name}").sample(rows, size)
        drawn += [(row, name, turn % 2 == 1) for turn, row in enumerate(chosen)]
    return drawn
