"""The demo's drawing, and real extracts where they are present, can be delivered in."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path

import pytest

from server.core.places.rules.fire_lanes import assume_fire_lanes
from server.core.places.rules.marks import STAND_ON_CM, Junction, propose_standing_points
from server.core.places.rules.osm import read_osm
from server.core.places.rules.survey import Survey, SurveyedLane
from server.core.places.rules.surveying import survey

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "seeds" / "demo_compound.osm"
DATA = Path(os.environ.get("LINLI_SHARED_DATA", ROOT.parent / "shared" / "data"))
EXTRACTS = ("osm-shanghai-tongji", "osm-beijing-bupt", "osm-hangzhou-zju")


def reached(found: Survey, start: str, may_pass: Callable[[SurveyedLane], bool]) -> set[str]:
    near: dict[str, list[str]] = defaultdict(list)
    for lane in found.lanes:
        if may_pass(lane):
            near[lane.from_ref].append(lane.to_ref)
            near[lane.to_ref].append(lane.from_ref)
    seen, todo = {start}, deque([start])
    while todo:
        for other in near[todo.popleft()]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def standing_points(found: Survey) -> set[str]:
    lanes_at: dict[str, list[SurveyedLane]] = defaultdict(list)
    for lane in found.lanes:
        if lane.kind != "approach":
            lanes_at[lane.from_ref].append(lane)
            lanes_at[lane.to_ref].append(lane)
    at = {node.ref: node.at for node in found.nodes}
    return set(
        propose_standing_points(
            Junction(
                ref,
                *at[ref],
                len(lanes),
                any(lane.is_fire_lane and lane.width_cm >= STAND_ON_CM for lane in lanes),
            )
            for ref, lanes in lanes_at.items()
        )
    )


def served_by_cart(found: Survey, gate: str) -> float:
    """Return the share of entrances within 150 m (as the crow flies) of a place where a cart from the gate stands."""
    cart = reached(found, gate, lambda lane: lane.is_fire_lane and lane.width_cm >= 110 and not lane.steps)
    at = {node.ref: node.at for node in found.nodes}
    spots = [at[ref] for ref in standing_points(found) & cart]
    near = [
        e for e in found.entrances if any((e.at[0] - x) ** 2 + (e.at[1] - y) ** 2 <= 150**2 for x, y in spots)
    ]
    return len(near) / len(found.entrances)


def test_the_demo_compound_is_as_large_and_varied_as_promised() -> None:
    found = survey(read_osm(DEMO), within="梧桐里")
    assert len(found.buildings) >= 40
    assert len(found.entrances) >= 80
    assert len(found.gates) >= 2
    assert any(lane.is_oneway for lane in found.lanes)
    assert any(lane.steps for lane in found.lanes)
    assert min(lane.width_cm for lane in found.lanes if lane.kind != "approach") < 130
    assert {area.kind for area in found.scenery} >= {"water", "green"}


def test_the_demo_compound_has_the_defects_of_real_maps() -> None:
    found = survey(read_osm(DEMO), within="梧桐里").findings.counts
    assert set(found) >= {
        "building_unnumbered",
        "building_without_door",
        "component_joined",
        "door_off_outline",
        "gate_off_lane",
        "lane_without_width",
    }


def test_carts_reach_the_demo_s_entrances_from_any_gate_for_goods() -> None:
    found = survey(read_osm(DEMO), within="梧桐里")
    for gate in found.gates:
        on_foot = reached(found, gate.node_ref, lambda lane: True)
        assert all(entrance.node_ref in on_foot for entrance in found.entrances)
        if gate.takes_goods:
            assert served_by_cart(found, gate.node_ref) > 0.95


@pytest.mark.parametrize("name", EXTRACTS)
def test_a_real_extract_can_be_walked_from_every_gate_to_every_door(name: str) -> None:
    path = DATA / name / "map.osm"
    if not path.is_file():
        pytest.skip(f"{path} is not there: shared data is optional")
    found = survey(read_osm(path))
    assert len(found.buildings) >= 100
    assert len(found.entrances) >= 0.9 * len(found.buildings)
    labels = [building.label for building in found.buildings]
    assert len(set(labels)) == len(labels)
    for gate in found.gates:
        on_foot = reached(found, gate.node_ref, lambda lane: True)
        assert all(entrance.node_ref in on_foot for entrance in found.entrances)


@pytest.mark.parametrize("name", EXTRACTS)
def test_with_roads_taken_for_fire_lanes_carts_serve_most_of_a_real_extract(name: str) -> None:
    path = DATA / name / "map.osm"
    if not path.is_file():
        pytest.skip(f"{path} is not there: shared data is optional")
    found = assume_fire_lanes(survey(read_osm(path)))
    goods = [gate for gate in found.gates if gate.takes_goods]
    assert goods
    assert min(served_by_cart(found, gate.node_ref) for gate in goods) > 0.9
