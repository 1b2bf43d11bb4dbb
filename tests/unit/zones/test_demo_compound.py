"""Generated listings find the buildings and entrances of the demo compound, as it is drawn in its map."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from seeds import DEMO_MAP, DEMO_WITHIN
from server.core.places.rules.osm import read_osm
from server.core.places.rules.surveying import survey
from server.modules.zones.rules.reading import read
from server.modules.zones.rules.resolving import Claim, resolve_all
from server.modules.zones.rules.structure import Compound, Door, Level
from tests.factories.zone_texts import BASE, STREET, Meant, written


@cache
def demo() -> Compound:
    """The demo compound as places has it after the import: sheds, shops and all."""
    surveyed = survey(read_osm(DEMO_MAP), within=DEMO_WITHIN)
    labels = {building.ref: building.label for building in surveyed.buildings}
    doors = tuple(
        Door(uuid5(BASE, one.ref), one.label, uuid5(BASE, one.building_ref), labels[one.building_ref])
        for one in surveyed.entrances
    )
    return Compound(frozenset([DEMO_WITHIN]), frozenset([STREET]), doors, frozenset(["东丽区"]))


def numbered() -> dict[int, dict[int, UUID]]:
    """Return building → door → id for the buildings with a number."""
    found: dict[int, dict[int, UUID]] = {}
    for door in demo().doors:
        building = re.fullmatch(r"(\d+)号楼", door.building)
        if building:
            number = int(re.sub(r"\D", "", door.label))
            found.setdefault(int(building[1]), {})[number] = door.id
    return found


@st.composite
def meanings(draw: st.DrawFn) -> Meant:
    """Some buildings, entrances of others, or all of the compound; any of these without others."""
    known = numbered()
    buildings = draw(st.frozensets(st.sampled_from(sorted(known)), max_size=8))
    others = sorted(set(known) - buildings)
    partly = draw(st.lists(st.sampled_from(others), unique=True, max_size=3))
    doors = tuple((one, tuple(sorted(draw(_some(known[one]))))) for one in partly)
    if buildings or doors:
        return Meant(buildings, doors)
    without = draw(st.frozensets(st.sampled_from(sorted(known)), max_size=6))
    left = draw(st.sampled_from(sorted(set(known) - without)))
    return Meant(without=without, without_doors=((left, tuple(sorted(draw(_some(known[left]))))),))


def _some(doors: dict[int, UUID]) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.sampled_from(sorted(doors)), min_size=1, max_size=3)


def ids(meant: Meant) -> frozenset[UUID]:
    known = numbered()
    if not meant.buildings and not meant.doors:
        gone = {door for one in meant.without for door in known[one].values()}
        gone |= {known[one][door] for one, some in meant.without_doors for door in some}
        return frozenset(door.id for door in demo().doors) - gone
    named = {door for one in meant.buildings for door in known[one].values()}
    return frozenset(named | {known[one][door] for one, some in meant.doors for door in some})


@settings(max_examples=300, deadline=None)
@given(meanings(), st.randoms(use_true_random=False))
def test_a_listing_finds_the_demo_compounds_doors(meant: Meant, rng: Random) -> None:
    text = written(meant, rng).replace("梧桐里", DEMO_WITHIN)
    [found] = resolve_all([Claim(read(text), Level.HIGH)], demo())
    assert (found.doors, found.doubts) == (ids(meant), ()), text


def test_the_demo_compound_has_what_is_tested() -> None:
    known = numbered()
    assert sorted(known) == list(range(1, 34))
    assert max(len(doors) for doors in known.values()) > 1
