"""Whatever a map holds: it is read into a network that holds together, or refused by a stable code."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.places.rules.osm import RawMap, RawRelation, RawWay
from server.core.places.rules.surveying import survey
from server.kit.errors import Refused

BASE = {
    101: (0.0, 0.0),
    102: (2e-4, 0.0),
    103: (5e-4, 0.0),
    104: (1e-4, 1e-4),
    105: (3e-4, 1e-4),
    106: (3e-4, 2e-4),
    107: (1e-4, 2e-4),
}
REFS = st.integers(1, 14)
TAGS = st.fixed_dictionaries(
    {},
    optional={
        "highway": st.sampled_from(["service", "footway", "steps", "primary", "construction"]),
        "building": st.sampled_from(["yes", "apartments", "no"]),
        "width": st.sampled_from(["3", "0", "2.5 m", "²", "-1", "9999"]),
        "oneway": st.sampled_from(["yes", "-1", "no"]),
        "area": st.just("yes"),
        "bridge": st.just("yes"),
        "name": st.sampled_from(["甲", "乙"]),
        "leisure": st.sampled_from(["garden", "pitch"]),
        "building:levels": st.sampled_from(["6", "六", "²", "99999"]),
        "addr:housenumber": st.sampled_from(["1", "2", " "]),
        "step_count": st.sampled_from(["12", "many", "²"]),
    },
)
NODE_TAGS = st.fixed_dictionaries(
    {},
    optional={
        "barrier": st.sampled_from(["gate", "bollard", "wall"]),
        "entrance": st.sampled_from(["yes", "no"]),
        "ref": st.sampled_from(["1", "2"]),
        "maxwidth": st.sampled_from(["1", "0", "x"]),
    },
)


@st.composite
def maps(draw: st.DrawFn) -> RawMap:
    # A coarse grid: points on the same spot, lines that double back and houses without area are frequent.
    place = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(
        lambda xy: (31 + xy[0] * 1e-4, 121 + xy[1] * 1e-4)
    )
    nodes = draw(st.dictionaries(REFS, place, min_size=4, max_size=14))
    ways = [
        RawWay(number, tuple(refs) + (refs[0],) * is_closed, tags)
        for number, (refs, is_closed, tags) in enumerate(
            draw(
                st.lists(
                    st.tuples(st.lists(REFS, min_size=1, max_size=6), st.booleans(), TAGS),
                    min_size=2,
                    max_size=8,
                )
            ),
            start=1,
        )
    ]
    relations = [RawRelation(1, tuple(draw(st.lists(st.integers(1, 9), max_size=4))), draw(TAGS))]
    marks = draw(st.dictionaries(REFS, NODE_TAGS))
    if draw(st.integers(0, 9)):
        # Nearly always something that can be a compound, so that the rest is put to use.
        nodes |= {ref: (31.0001 + y, 121 + x) for ref, (x, y) in BASE.items()}
        ways += [
            RawWay(101, (101, 102, 103), {"highway": "service"}),
            RawWay(102, (104, 105, 106, 107, 104), {"building": "yes"}),
        ]
        marks[102] = {"barrier": "gate"}
    return RawMap(nodes, marks, ways, relations)


@settings(max_examples=150, deadline=None)
@given(maps(), st.sampled_from([None, "甲", "丙"]))
def test_any_map_becomes_a_sound_network_or_is_refused(raw: RawMap, within: str | None) -> None:
    with suppress(Refused):
        found = survey(raw, within=within)
        nodes = {node.ref for node in found.nodes}
        assert len(nodes) == len(found.nodes)
        assert len({lane.ref for lane in found.lanes}) == len(found.lanes)
        assert len({entrance.ref for entrance in found.entrances}) == len(found.entrances)
        assert len({gate.ref for gate in found.gates}) == len(found.gates) > 0
        for lane in found.lanes:
            assert {lane.from_ref, lane.to_ref} <= nodes
            assert lane.length_m >= 0
            assert 30 <= lane.width_cm <= 6000
            assert len(lane.points) >= 2
        assert {entrance.node_ref for entrance in found.entrances} <= nodes
        assert {gate.node_ref for gate in found.gates} <= nodes
        assert len({building.label for building in found.buildings}) == len(found.buildings)
        assert sum(found.findings.counts.values()) >= 0
        found.summary()
