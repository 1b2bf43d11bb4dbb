"""Listings written from a known set of doors come back as that set, whatever the style they are written in."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from server.modules.zones.rules.reading import read
from server.modules.zones.rules.resolving import Claim, resolve_all
from server.modules.zones.rules.structure import Level
from tests.factories.zone_texts import Meant, compound, written

HERE = compound()
BUILDINGS = st.frozensets(st.integers(1, 14), min_size=1, max_size=8)
DOORS = st.frozensets(st.integers(1, 4), min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))


@st.composite
def meanings(draw: st.DrawFn) -> Meant:
    """All of the compound, some buildings, some doors of some; and any of these without others."""
    buildings = draw(st.one_of(st.just(frozenset[int]()), BUILDINGS))
    partly = draw(st.dictionaries(st.integers(1, 14), DOORS, max_size=3))
    doors = tuple((one, named) for one, named in partly.items() if one not in buildings)
    inside = sorted(buildings) or ([] if doors else list(range(1, 15)))
    without: frozenset[int] = frozenset()
    without_doors: tuple[tuple[int, tuple[int, ...]], ...] = ()
    if inside and draw(st.booleans()):
        if not buildings:
            without = draw(st.frozensets(st.sampled_from(inside), max_size=6))
        left = [one for one in inside if one not in without]
        if left:
            one = draw(st.sampled_from(left))
            without_doors = ((one, draw(DOORS)),) if draw(st.booleans()) else ()
    return Meant(buildings, doors, without, without_doors)


@settings(max_examples=400, deadline=None)
@given(meanings(), st.randoms(use_true_random=False))
def test_what_is_written_is_what_is_read(meant: Meant, rng: Random) -> None:
    text = written(meant, rng)
    [found] = resolve_all([Claim(read(text), Level.HIGH)], HERE)
    assert (found.doors, found.doubts) == (meant.ids(), ()), text


@settings(max_examples=200, deadline=None)
@given(meanings(), st.randoms(use_true_random=False))
def test_a_number_that_is_not_on_the_map_is_never_left_out_in_silence(meant: Meant, rng: Random) -> None:
    text = written(meant, rng)
    [found] = resolve_all([Claim(read(text), Level.HIGH)], compound(buildings=3, doors=2))
    named = meant.buildings | meant.without | {one for one, _ in (*meant.doors, *meant.without_doors)}
    doors = {door for _, some in (*meant.doors, *meant.without_doors) for door in some}
    if any(one > 3 for one in named) or any(door > 2 for door in doors):
        assert found.doubts, text
