"""From what a listing says to the doors of this compound; every number that is not on the map is a doubt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.modules.zones.rules.reading import BORDERS
from server.modules.zones.rules.structure import (
    ANYWHERE,
    Compound,
    Door,
    Doubt,
    Level,
    Listing,
    Part,
    Resolved,
    Spot,
    Unclear,
    Within,
)
from server.modules.zones.rules.text import plain

STRICTEST_FIRST = (Level.HIGH, Level.MANAGED, Level.MID, Level.LOW)
UNIT_OF_BUILDING = re.compile(r"(?:号楼|号栋|栋楼|栋|幢|座|号|楼|#)+$")
UNIT_OF_DOOR = re.compile(r"(?:号单元|单元|号门|门|号|#)+$")
KIND_OF_AREA = re.compile(r"(?<=.)(?:街道办事处|街道|街|镇|乡|地区|区|县|市)$")
# Whoever says all of a city, a district or a street may mean us with it.
ALL_OF_AN_AREA = re.compile(r"(?:全|本)(?:市|区|县|街道?|镇)(?:域|范围|内)*|.{1,4}市")
SAID_OF_ALL = re.compile(r"[全本][市区县]|[各所](?:有)?(?:街道?|镇|社区|小区)")
KIND_OF_COMPOUND = re.compile(r"(?<=..)(?:小区|社区)$")


@dataclass(frozen=True)
class Claim:
    """One row: its listing and level, and what a person has decided: the doors, or that nothing of it is here.

    ``within``: what columns of the row's own say about where it is.
    """

    listing: Listing
    level: Level | None
    by_hand: frozenset[UUID] | None = None
    is_dismissed: bool = False
    within: Within = ANYWHERE


def resolve_all(claims: Sequence[Claim], compound: Compound) -> list[Resolved]:
    """Return each row's doors. "Without the high-risk zone" takes away what the list's own high-risk rows name.

    A row that does so is in doubt while no such row is resolved, or one of them is in doubt itself.
    """
    places = _Lookup(compound)
    results: dict[int, Resolved] = {}
    by_level: dict[Level, frozenset[UUID] | None] = {}
    for level in (*STRICTEST_FIRST, None):
        rows = [turn for turn, claim in enumerate(claims) if claim.level == level]
        for turn in rows:
            results[turn] = _resolve(claims[turn], places, by_level)
        if level is not None:
            by_level[level] = _named([results[turn] for turn in rows], [claims[turn] for turn in rows])
    return [results[turn] for turn in range(len(claims))]


def may_be_near(text: str, compound: Compound) -> bool:
    """Tell whether a text that was not understood names the compound, what it lies in, or an area by its borders."""
    words = plain(text)
    near = {same_name(name) for name in compound.names}
    near |= {same_area(area) for area in compound.areas | compound.districts}
    return bool(BORDERS.search(words) or SAID_OF_ALL.search(words)) or any(name in words for name in near)


def same_name(name: str) -> str:
    """Return a compound's name as it is compared: 梧桐里小区 is 梧桐里."""
    return KIND_OF_COMPOUND.sub("", re.sub(r"\s", "", unicodedata.normalize("NFKC", name)))


def same_area(name: str) -> str:
    """Return an area's name as it is compared: 新立街 and 新立街道 are one."""
    return KIND_OF_AREA.sub("", re.sub(r"\s", "", unicodedata.normalize("NFKC", name)))


def bare_building(label: str) -> str:
    """Return a building's label without its unit: 12号楼, 12栋 and 12 are one."""
    return _bare(label, UNIT_OF_BUILDING)


def bare_door(label: str) -> str:
    """Return a door's label without its unit."""
    return _bare(label, UNIT_OF_DOOR)


class _Lookup:
    """The compound's doors by what they are called."""

    def __init__(self, compound: Compound) -> None:
        self.names = {same_name(name) for name in compound.names}
        self.areas = compound.areas
        self.streets = {same_area(name) for name in compound.areas}
        self.districts = {same_area(name) for name in compound.districts}
        self.all = frozenset(door.id for door in compound.doors)
        self.buildings: dict[str, dict[UUID, list[Door]]] = {}
        self.doors: dict[str, list[Door]] = {}
        for door in compound.doors:
            of_name = self.buildings.setdefault(bare_building(door.building), {})
            of_name.setdefault(door.building_id, []).append(door)
            self.doors.setdefault(bare_door(door.label), []).append(door)

    def find(self, spot: Spot) -> frozenset[UUID] | Doubt:
        """Return the doors of a spot, or why it is not clear which they are."""
        if spot.building is None:
            found = self.doors.get(spot.door or "", [])
            # 9门 of a compound: only where its doors are numbered throughout can it be one door.
            return frozenset([found[0].id]) if len(found) == 1 else Doubt(Unclear.DOOR, str(spot))
        buildings = self.buildings.get(bare_building(spot.building), {})
        if len(buildings) != 1:
            return Doubt(Unclear.BUILDING, str(spot))
        doors = next(iter(buildings.values()))
        if spot.door is None:
            return frozenset(door.id for door in doors)
        named = [door for door in doors if bare_door(door.label) == spot.door]
        return frozenset([named[0].id]) if len(named) == 1 else Doubt(Unclear.DOOR, str(spot))

    def find_all(self, spots: Iterable[Spot]) -> tuple[frozenset[UUID], list[Doubt]]:
        results = [self.find(spot) for spot in sorted(spots, key=str)]
        doors = frozenset[UUID]().union(*(one for one in results if not isinstance(one, Doubt)))
        return doors, [one for one in results if isinstance(one, Doubt)]


def _resolve(claim: Claim, places: _Lookup, by_level: Mapping[Level, frozenset[UUID] | None]) -> Resolved:
    if claim.is_dismissed:
        return Resolved(is_elsewhere=True)
    if claim.by_hand is not None:
        return Resolved(claim.by_hand)
    if claim.listing.doubt is not None:
        return Resolved(doubts=(claim.listing.doubt,))
    doors: frozenset[UUID] = frozenset()
    doubts: list[Doubt] = []
    is_elsewhere = True
    for part in claim.listing.parts:
        doubt = _whose(part, claim.within, places)
        if doubt is None:
            continue
        is_elsewhere = False
        if isinstance(doubt, Doubt):
            doubts.append(doubt)
            continue
        found, why = _doors_of(part, places, by_level)
        doors |= found
        doubts += why
    if not is_elsewhere and not doors and not doubts:
        doubts.append(Doubt(Unclear.NOTHING_LEFT, ""))
    return Resolved(doors, tuple(doubts), is_elsewhere)


def _whose(part: Part, columns: Within, places: _Lookup) -> Doubt | bool | None:
    """Return True for this compound, None for another place, a doubt for a name that may be ours."""
    name = same_name(part.name)
    if _is_in_another_district(part.within, columns, places):
        return None
    if name in places.names:
        return True if _lies_here(part.within, columns, places) else Doubt(Unclear.NAMESAKE, part.name)
    excepted = {same_name(other) for other in part.except_names}
    if name in places.areas or same_area(name) in places.districts or ALL_OF_AN_AREA.fullmatch(name):
        return None if excepted & places.names else Doubt(Unclear.AREA, part.name)
    if any(ours in name or name in ours for ours in places.names):
        return Doubt(Unclear.NEAR_NAME, part.name)
    return None


def _is_in_another_district(said: Within, columns: Within, places: _Lookup) -> bool:
    """Tell whether the row names another district beyond doubt: every city has its 幸福里."""
    sure = [columns.district] if columns.district else [said.district] if said.is_sure else []
    return bool(places.districts) and any(one and same_area(one) not in places.districts for one in sure)


def _lies_here(said: Within, columns: Within, places: _Lookup) -> bool:
    """Tell whether all that the row says about where it is agrees with where the compound is.

    A street is asked first: where that is ours, a district that nobody has told us is taken as said.
    """
    streets = {same_area(one) for one in (said.street, columns.street) if one}
    districts = {same_area(one) for one in (said.district, columns.district) if one}
    if not streets <= places.streets:
        return False
    return districts <= places.districts or (bool(streets) and not places.districts)


def _doors_of(
    part: Part, places: _Lookup, by_level: Mapping[Level, frozenset[UUID] | None]
) -> tuple[frozenset[UUID], list[Doubt]]:
    included, doubts = places.find_all(part.spots) if part.spots else (places.all, [])
    excepted, more = places.find_all(part.except_spots)
    doubts += more
    doubts += [Doubt(Unclear.EXCLUSION, name) for name in sorted(part.except_names)]
    for level in sorted(part.except_levels):
        taken = by_level.get(level)
        if taken is None:
            doubts.append(Doubt(Unclear.NO_SUCH_LEVEL, level.value))
        else:
            excepted |= taken
    return included - excepted, doubts


def _named(results: Sequence[Resolved], claims: Sequence[Claim]) -> frozenset[UUID] | None:
    """Return the doors that a level's rows name together; None if there are none, or some row is in doubt."""
    here = [one for one in results if not one.is_elsewhere]
    # A listing that nobody has understood may be about this compound as well as about any other.
    if not here or any(one.doubts for one in here):
        return None
    return frozenset[UUID]().union(*(one.doors for one in here))


def _bare(label: str, unit: re.Pattern[str]) -> str:
    words = re.sub(r"\s", "", unicodedata.normalize("NFKC", label)).upper()
    bare = unit.sub("", words) or words
    return bare.lstrip("0") or bare
