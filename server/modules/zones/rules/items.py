"""Buildings and doors in a row of numbers: 1、3-5号楼, 6号楼2、3门, G座1-5门, 16-2门."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.modules.zones.rules.structure import NotUnderstood, Spot, Unclear

MOST_NUMBERS = 300
ID = r"(?:增?[0-9]{1,4}|[A-Z][0-9]?)"
BUILDING = r"号楼|栋楼|号栋|楼栋|栋|幢|座|号"
DOOR = r"号门|楼门|号单元|单元|门"
# building? first(-last)? unit?, all of the chunk.
ITEM = re.compile(
    rf"(?:(?P<building>{ID})(?P<building_unit>号楼|栋楼|号栋|栋|幢|座))?"
    rf"(?P<first>{ID})(?P<first_unit>号楼|号门|号单元|栋|幢|座|单元|门|号)?"
    rf"(?:(?P<dash>[-~])(?P<last>{ID}))?(?P<unit>{DOOR}|{BUILDING})?"
)
ROW = re.compile(r"(?P<number>[0-9]{1,3})排")


@dataclass(frozen=True)
class Item:
    """A chunk of numbers before its unit is known. ``kind``: building, door, house (a bare 号), or None: not said."""

    words: str
    building: str | None
    first: str
    last: str | None
    dash: str
    kind: str | None


def item(words: str) -> Item | None:
    """Return what a chunk that is nothing but numbers and units says; None if it is something else."""
    row = ROW.fullmatch(words)
    if row:
        return Item(words, None, f"{row['number']}排", None, "", "building")
    found = ITEM.fullmatch(words)
    if not found:
        return None
    unit, first_unit = found["unit"] or "", found["first_unit"] or ""
    if first_unit and not found["last"]:
        # "3号楼" matches with its unit as the first number's own.
        if unit:
            return None
        unit, first_unit = first_unit, ""
    kind, first_kind = _kind(unit), _kind(first_unit)
    if first_kind and kind and first_kind != kind and (first_kind, kind) != ("house", "building"):
        return None
    kind = kind or first_kind
    if found["building"] and kind in ("building", "house"):
        return None
    return Item(words, found["building"], found["first"], found["last"], found["dash"] or "", kind)


def spots(items: Sequence[Item], *, inside: str | None = None) -> frozenset[Spot]:
    """Return the buildings and doors that a list of chunks names. ``inside``: the building that bare doors are of.

    A number without a unit takes the next one's; a door without a building is of the building said before it.
    Raises NotUnderstood for whatever may be read in two ways.
    """
    kinds = _inherited(items)
    found: list[Spot] = []
    building = inside
    after_whole = False
    for one, kind in zip(items, kinds, strict=True):
        if kind == "building":
            found += [Spot(label) for label in _numbers(one, dashed_label=True)]
            building, after_whole = inside, True
            continue
        if one.building is not None:
            building, after_whole = one.building, False
        elif after_whole:
            # 3号楼、2门: of building 3, or of the compound?
            raise NotUnderstood(Unclear.NUMBERS, one.words)
        found += _doors(one, building, is_alone=len(items) == 1, said=_says_ranges(items))
    return frozenset(found)


def _inherited(items: Sequence[Item]) -> list[str]:
    """Return each chunk's kind, taken from the next one where it has none of its own."""
    kinds: list[str] = []
    following: str | None = None
    takes = False
    for one in reversed(items):
        kind = one.kind
        if kind in (None, "house"):
            # 2号、3号楼 are buildings; 2号 alone, or before doors, is a house or who knows what.
            if following is None or (kind == "house" and following != "building") or not takes:
                raise NotUnderstood(Unclear.HOUSE if kind else Unclear.NUMBERS, one.words)
            kind = following
            if one.building is not None and kind != "door":
                raise NotUnderstood(Unclear.NUMBERS, one.words)
        # Before "3号楼1门" a bare 2 could be a building or a door.
        takes = one.building is None
        following = kind
        kinds.append(kind or "")
    return kinds[::-1]


def _says_ranges(items: Sequence[Item]) -> bool:
    """Tell whether doors elsewhere in the list are numbered throughout, so that a dash can only mean a range."""
    return any(one.kind == "door" and one.building is None and one.dash != "-" for one in items)


def _doors(one: Item, building: str | None, *, is_alone: bool, said: bool) -> list[Spot]:
    if one.dash == "-" and building is None and one.last is not None:
        # 16-2门 is door 2 of building 16. 2-4门 may be doors 2 to 4, or door 4 of building 2.
        first, last = _int(one.first), _int(one.last)
        if first is None or last is None or (first < last and not said) or first == last:
            raise NotUnderstood(Unclear.RANGE, one.words)
        if first > last:
            return [Spot(one.first, one.last)]
    return [Spot(building, door) for door in _numbers(one, dashed_label=False)]


def _numbers(one: Item, *, dashed_label: bool) -> list[str]:
    if one.last is None:
        return [one.first]
    first, last = _int(one.first), _int(one.last)
    if first is None or last is None:
        raise NotUnderstood(Unclear.RANGE, one.words)
    if first > last and dashed_label and one.dash == "-":
        # 18-1号楼 cannot be a range: it is what the building is called.
        return [f"{one.first}-{one.last}"]
    if not first < last or last - first > MOST_NUMBERS:
        raise NotUnderstood(Unclear.RANGE, one.words)
    return [str(value) for value in range(first, last + 1)]


def _kind(unit: str) -> str | None:
    if not unit:
        return None
    if unit == "号":
        return "house"
    return "door" if unit.endswith(("门", "单元")) else "building"


def _int(label: str) -> int | None:
    return int(label) if label.isascii() and label.isdigit() else None
