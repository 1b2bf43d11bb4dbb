"""Defects of real maps: each is mended or reported under a stable code."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from server.core.places.rules.lanes import is_fire_lane, width_cm
from server.core.places.rules.survey import FINDINGS, MENDED, Survey
from server.core.places.rules.surveying import survey
from tests.factories.osm_yard import small_yard


def counts(found: Survey) -> dict[str, int]:
    return dict(found.findings.counts)


def reachable(found: Survey, start: str) -> set[str]:
    """Return the nodes that hang together with ``start``."""
    near: dict[str, set[str]] = {}
    for lane in found.lanes:
        near.setdefault(lane.from_ref, set()).add(lane.to_ref)
        near.setdefault(lane.to_ref, set()).add(lane.from_ref)
    seen, todo = {start}, [start]
    while todo:
        for other in near.get(todo.pop(), set()) - seen:
            seen.add(other)
            todo.append(other)
    return seen


def test_a_path_that_ends_five_metres_beside_a_lane_is_joined_to_the_middle_of_it(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    end = yard.node(45, -35)
    yard.lane((45, -5), end, kind="footway", width="2")
    found = survey(yard.read())
    assert counts(found) == {"component_joined": 1}
    assert f"n{end}" in reachable(found, found.gates[0].node_ref)
    joint = next(lane for lane in found.lanes if lane.ref.startswith("join."))
    assert joint.length_m == pytest.approx(5, abs=0.1)


def test_a_path_twenty_metres_away_is_left_cut_off_and_reported(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.lane((45, -20), (45, -60), kind="footway", width="2")
    found = survey(yard.read())
    assert counts(found) == {"component_cut_off": 1}
    assert found.components == 2


def test_no_lane_is_joined_through_a_house(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.house(40, -8, width=30, depth=5, number="3")
    yard.lane((45, -10), (65, -10), kind="footway", width="2")
    found = survey(yard.read())
    assert "component_joined" not in counts(found)
    assert found.components == 2


def test_lanes_that_meet_without_a_common_point_are_one_crossing(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    corner = yard.node(100, 0)  # The lane ends at another node in the very same place.
    end = yard.node(100, -40)
    yard.lane(corner, end, width="4")
    found = survey(yard.read())
    assert counts(found) == {"node_twice": 1}
    assert f"n{end}" in reachable(found, found.gates[0].node_ref)


def test_a_bridge_over_a_lane_is_no_crossing(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.lane((50, -40), (50, 0), (50, 8), kind="footway", width="2", bridge="yes", layer="1")
    crossing = [n for n, ((x, y), _) in enumerate(yard.nodes, start=1) if (x, y) == (50, 0)]
    yard.ways[0][0].insert(2, yard.node(50, 0))
    found = survey(yard.read())
    assert "node_twice" not in counts(found)
    assert len(crossing) == 1


def test_a_gate_beside_its_road_is_put_onto_it(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.node(70, -6, barrier="gate", name="东门")
    found = survey(yard.read())
    assert counts(found) == {"gate_off_lane": 1}
    east = next(gate for gate in found.gates if gate.label == "东门")
    assert east.at[1] == pytest.approx(0, abs=0.5)
    assert east.node_ref in reachable(found, found.gates[0].node_ref)


def test_a_gate_far_from_any_lane_is_left_out_and_reported(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.node(70, -60, barrier="gate")
    found = survey(yard.read())
    assert counts(found) == {"gate_unplaced": 1}
    assert len(found.gates) == 1


def test_a_gate_on_a_lane_that_leads_nowhere_is_left_out(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    gate = yard.node(50, -80, barrier="gate")
    yard.lane((40, -80), gate, (60, -80), width="4")
    found = survey(yard.read())
    assert counts(found) == {"component_cut_off": 1, "gate_cut_off": 1}
    assert len(found.gates) == 1


def test_goods_come_in_where_a_vehicle_passes_and_not_by_a_footpath(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    wicket = yard.node(50, -20, barrier="wicket_gate", name="便门")
    middle = yard.node(50, 0)
    yard.ways[0][0].insert(2, middle)
    yard.lane(middle, wicket, kind="footway", width="2")
    found = survey(yard.read())
    assert {gate.label: gate.takes_goods for gate in found.gates} == {"南门": True, "便门": False}


def test_without_a_gate_in_the_map_one_is_assumed_where_a_road_crosses_the_outline(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.nodes = [(at, {k: v for k, v in tags.items() if k != "barrier"}) for at, tags in yard.nodes]
    found = survey(yard.read(), within="桂园")
    assert counts(found) == {"gate_assumed": 1}
    assert found.gates[0].is_assumed


def test_a_door_drawn_before_its_wall_is_moved_onto_it(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.node(25, 7, entrance="yes", ref="2")
    found = survey(yard.read())
    assert counts(found) == {"door_off_outline": 1}
    moved = next(e for e in found.entrances if e.label == "2")
    assert found.buildings[0].ref == moved.building_ref
    south = min(y for _, y in found.buildings[0].outline)
    assert moved.at[1] == pytest.approx(south, abs=0.05)


def test_a_door_in_the_open_belongs_to_no_house(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.node(10, 30, entrance="yes")
    assert counts(survey(yard.read())) == {"door_without_building": 1}


def test_a_house_without_a_door_gets_one_towards_the_nearest_lane(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.house(20, -15, number="3")
    found = survey(yard.read())
    assert counts(found) == {"building_without_door": 1}
    assumed = next(e for e in found.entrances if e.is_assumed)
    house = next(b for b in found.buildings if b.ref == assumed.building_ref)
    assert assumed.at[1] == pytest.approx(max(y for _, y in house.outline), abs=0.05)


def test_a_house_with_no_lane_within_ninety_metres_has_no_entrance(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.house(20, 300, number="3")
    found = survey(yard.read())
    assert counts(found) == {"building_without_door": 1, "entrance_without_lane": 1}
    assert len(found.entrances) == 2


def test_a_door_is_reached_from_its_own_side_and_not_through_the_house(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    # The door looks north, the near lane runs south of the house, another one farther to the north.
    house = yard.house(20, -15, depth=10, number="3")
    door = yard.node(30, -15, entrance="yes", ref="1")
    yard.ways[house - 1][0].insert(1, door)
    corner = yard.node(100, 0)
    yard.ways[0][0][-1] = corner
    yard.lane(corner, (100, -45), (0, -45), kind="footway", width="2")
    found = survey(yard.read())
    approach = next(lane for lane in found.lanes if lane.ref == f"door.n{door}.door")
    assert approach.length_m == pytest.approx(30, abs=0.2)


def test_houses_without_a_number_get_one_each(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.house(20, 30)
    yard.house(60, 30)
    found = survey(yard.read())
    assert counts(found)["building_unnumbered"] == 2
    assert sorted(b.label for b in found.buildings) == ["#1", "#2", "1", "2"]


def test_two_houses_of_one_number_are_told_apart_by_their_street(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.house(20, 30, number="1", street="桃源路")
    yard.house(60, 30, number="2")
    found = survey(yard.read())
    assert counts(found)["building_number_twice"] == 4
    assert sorted(b.label for b in found.buildings) == ["1", "2", "2(2)", "桃源路1"]


def test_a_point_that_is_not_in_the_file_is_passed_over(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.ways[0][0].insert(2, 999)
    assert counts(survey(yard.read())) == {"way_broken": 1}


def test_a_bollard_leaves_room_for_a_hand_cart_but_not_for_a_tricycle(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.ways[0][0].insert(2, yard.node(50, 0, barrier="bollard"))
    found = survey(yard.read())
    assert {lane.width_cm for lane in found.lanes if lane.kind == "service"} == {120, 400}
    assert counts(found) == {"bollard": 2}


def test_doors_of_one_name_are_told_apart(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.node(25, 10, entrance="yes", ref="1")
    yard.node(35, 10, entrance="yes")
    found = survey(yard.read())
    labels = [e.label for e in found.entrances if e.building_ref == found.buildings[0].ref]
    assert labels == ["1", "1(2)", "2"]


@pytest.mark.parametrize(
    ("tags", "width", "is_given"),
    [
        ({"highway": "service", "width": "3.5"}, 350, True),
        ({"highway": "service", "width": "3.5 m"}, 350, True),
        ({"highway": "service", "width": "narrow"}, 400, False),
        ({"highway": "service", "width": "0"}, 400, False),
        ({"highway": "service", "service": "alley"}, 300, False),
        ({"highway": "steps"}, 150, False),
    ],
)
def test_a_lane_is_as_wide_as_the_map_says_else_as_its_kind_usually_is(
    tags: dict[str, str], width: int, is_given: bool
) -> None:
    assert width_cm(tags) == (width, is_given)


def test_fire_lanes_are_known_by_the_tags_that_mark_them() -> None:
    assert is_fire_lane({"highway": "service", "emergency": "fire_lane"})
    assert is_fire_lane({"highway": "service", "service": "emergency_access"})
    assert not is_fire_lane({"highway": "service"})


def test_a_oneway_drawn_backwards_runs_the_other_way(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    west, east = yard.node(0, -40), yard.node(60, -40)
    yard.lane((0, -1), west, width="4")
    yard.lane(west, east, width="4", oneway="-1")
    lane = next(lane for lane in survey(yard.read()).lanes if lane.is_oneway)
    assert (lane.from_ref, lane.to_ref) == (f"n{east}", f"n{west}")


def test_steps_are_counted_by_the_map_or_by_thirty_centimetres(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.lane((50, -1), (50, -10), kind="steps", step_count="12")
    yard.lane((80, -1), (80, -10), kind="steps")
    steps = {lane.ref: lane.steps for lane in survey(yard.read()).lanes if lane.kind == "steps"}
    assert sorted(steps.values()) == [12, 30]


def test_splitting_a_lane_loses_no_metre(tmp_path: Path) -> None:
    found = survey(small_yard(tmp_path).read())
    along = [lane for lane in found.lanes if lane.kind == "service"]
    assert sum(lane.length_m for lane in along) == pytest.approx(130, abs=0.3)
    for lane in found.lanes:
        ends = {node.ref: node.at for node in found.nodes}
        assert math.dist(lane.points[0], ends[lane.from_ref]) < 0.05
        assert math.dist(lane.points[-1], ends[lane.to_ref]) < 0.05


def test_every_mended_finding_has_words() -> None:
    assert set(FINDINGS) >= MENDED
