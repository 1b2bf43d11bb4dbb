"""What stays when a map is read again: labels, marks and closings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from shapely.geometry import LineString
from shapely.geometry import Point as Spot

from server.core.places.rules.survey import Point

MARKS = frozenset(["width_cm", "is_fire_lane", "is_oneway"])
SAME_LINE_M = 2.0


@dataclass(frozen=True)
class KeptLane:
    """A lane as one of the two maps has it, in the new map's metres. ``ends``: names of its two nodes."""

    ref: str
    ends: tuple[str, str]
    points: tuple[Point, ...]


def home_label(building: str, entrance: str, door: str) -> str:
    """Return a home's label as people write it: 12-2-301."""
    return f"{building}-{entrance}-{door}"


def labels_of(
    things: Iterable[tuple[str, str, bool]], known: Mapping[str, str], by_hand: Set[str] = frozenset()
) -> dict[str, str]:
    """Return ref → label, each label once.

    ``things``: (ref, label, whether the map gives it). ``known``: the labels so far; ``by_hand``: whose label people
    gave. Theirs counts most, then the map's own; one that was made up stays as it is once given, and a new one takes a
    number that is free.
    """
    listed = list(things)
    labels = {ref: known[ref] for ref, _, _ in listed if ref in by_hand}
    taken = set(labels.values())
    for ref, label, is_given in listed:
        if is_given and ref not in labels and label not in taken:
            labels[ref] = label
            taken.add(label)
    for ref, _, is_given in listed:
        if not is_given and known.get(ref) and known[ref] not in taken:
            labels[ref] = known[ref]
            taken.add(known[ref])
    for ref, label, _ in listed:
        if ref in labels:
            continue
        mark = "#" if label.startswith("#") else ""
        number = 1
        while f"{mark}{number}" in taken or f"{mark}{number}" in known.values():
            number += 1
        labels[ref] = f"{mark}{number}"
        taken.add(labels[ref])
    return labels


def way_of(ref: str) -> str:
    """Return the way of the map that a lane is a piece of: w12 for w12.3/0. A lane that was added is its own."""
    way, _, _ = ref.partition(".")
    return way if re.fullmatch(r"w[0-9]+", way) else ref


def heirs(old: Iterable[KeptLane], new: Iterable[KeptLane]) -> dict[str, str]:
    """Return new ref → old ref: the same lane, or a piece of the same way on the same line if it is cut otherwise now.

    A lane that the map has moved is still itself if it has its name and its ends.
    """
    by_way: dict[str, list[KeptLane]] = {}
    by_ref: dict[str, KeptLane] = {}
    for lane in old:
        by_way.setdefault(way_of(lane.ref), []).append(lane)
        by_ref[lane.ref] = lane
    found: dict[str, str] = {}
    for lane in new:
        itself = by_ref.get(lane.ref)
        if itself is not None and itself.ends == lane.ends:
            found[lane.ref] = lane.ref
            continue
        middle = LineString(lane.points).interpolate(0.5, normalized=True)
        best = SAME_LINE_M
        for other in by_way.get(way_of(lane.ref), ()):
            gap = LineString(other.points).distance(Spot(middle))
            if gap <= best:
                found[lane.ref], best = other.ref, gap
    return found
