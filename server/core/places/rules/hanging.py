"""Hanging doors and gates onto the lanes, wherever the map has drawn them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace

from shapely import STRtree
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as Spot
from shapely.ops import nearest_points

from server.core.places.rules.joining import components
from server.core.places.rules.lanes import Network
from server.core.places.rules.osm import RawMap, is_door, is_gate
from server.core.places.rules.survey import (
    Findings,
    Point,
    Projection,
    SurveyedBuilding,
    SurveyedEntrance,
    SurveyedGate,
    SurveyedLane,
)

BESIDE_M = 15.0  # lanes and gates this near outside the outline still belong to the compound
DOOR_TO_WALL_M = 8.0
DOOR_TO_LANE_M = 90.0
GATE_TO_LANE_M = 25.0
APPROACH_CM = 150
GOODS_CM = 200  # a tricycle with its load, and somebody beside it
FOOT_KINDS = ("footway", "path", "steps", "track", "corridor", "cycleway")


@dataclass
class Hooks:
    """Doors and gates waiting to be hung onto lanes: lane number → [(metres along, node)].

    Only lanes between nodes of ``main`` are hooks: a lane that leads nowhere serves nobody.
    """

    network: Network
    main: set[str]
    spots: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = [
            LineString(lane.points) if lane.from_ref in self.main else LineString()
            for lane in self.network.lanes
        ]
        self.tree = STRtree(self.lines)

    def nearest(self, at: Point, within_m: float, wall: Polygon | None = None) -> int | None:
        """Return the number of the nearest lane, None beyond ``within_m``.

        A lane that is reached without going through ``wall`` comes before a nearer one behind it.
        """
        spot = Spot(at)
        numbers = [int(n) for n in self.tree.query(spot, predicate="dwithin", distance=within_m)]
        near = sorted(numbers, key=lambda n: (self.lines[n].distance(spot), n))
        if wall is None:
            return near[0] if near else None
        inside = wall.buffer(-0.5)
        for number in near:
            if not inside.intersects(LineString(nearest_points(spot, self.lines[number]))):
                return number
        return near[0] if near else None

    def hang(self, number: int, at: Point, ref: str) -> str:
        """Hang a node onto lane ``number`` where it is nearest to ``at``; return the node's name.

        Near an end of the lane that end's own node serves.
        """
        lane, line = self.network.lanes[number], self.lines[number]
        along = line.project(Spot(at))
        if along < 1.0:
            return lane.from_ref
        if along > line.length - 1.0:
            return lane.to_ref
        for other, known in self.spots.get(number, []):
            if abs(other - along) < 0.5:
                return known
        self.spots.setdefault(number, []).append((along, ref))
        spot = line.interpolate(along)
        self.network.nodes[ref] = (round(spot.x, 2), round(spot.y, 2))
        return ref


@dataclass(frozen=True)
class Door:
    """A door of a building, before it hangs on a lane."""

    ref: str
    building_ref: str
    at: Point
    label: str
    is_assumed: bool
    is_labelled: bool


def find_doors(
    raw: RawMap,
    projection: Projection,
    buildings: list[SurveyedBuilding],
    walls: dict[str, Polygon],
    hooks: Hooks,
    outline: Polygon | None,
    findings: Findings,
) -> list[Door]:
    """Return every door; a building without one gets one where its wall is nearest to a lane."""
    refs = [building.ref for building in buildings]
    found = _doors_of_map(raw, projection, walls, outline, findings)
    doors: list[Door] = []
    for building in refs:
        if building not in found:
            findings.add("building_without_door", building)
            at = _assumed_door(walls[building], hooks)
            doors.append(Door(f"{building}.door", building, at, "1", is_assumed=True, is_labelled=False))
            continue
        taken = {label for _, _, label in found[building] if label}
        free = (str(n) for n in range(1, len(found[building]) + len(taken) + 1) if str(n) not in taken)
        used: Counter[str] = Counter()
        for ref, at, given in sorted(found[building], key=lambda door: door[1]):
            label = given or next(free)
            used[label] += 1
            # Two doors of one name: the second is told apart.
            label = label if used[label] == 1 else f"{label}({used[label]})"
            doors.append(Door(ref, building, at, label, is_assumed=False, is_labelled=bool(given)))
    return doors


def _doors_of_map(
    raw: RawMap,
    projection: Projection,
    walls: dict[str, Polygon],
    outline: Polygon | None,
    findings: Findings,
) -> dict[str, list[tuple[str, Point, str]]]:
    refs = list(walls)
    tree = STRtree([walls[ref] for ref in refs])
    found: dict[str, list[tuple[str, Point, str]]] = {}
    for node, tags in sorted(raw.node_tags.items()):
        if not is_door(tags) or node not in raw.nodes:
            continue
        at = projection.to_metres(*raw.nodes[node])
        if outline is not None and not outline.dwithin(Spot(at), DOOR_TO_WALL_M):
            continue
        building = refs[int(tree.nearest(Spot(at)))]
        gap = walls[building].exterior.distance(Spot(at))
        if gap > DOOR_TO_WALL_M:
            findings.add("door_without_building", f"n{node}")
            continue
        if gap > 0.3:
            findings.add("door_off_outline", f"n{node}")
            wall = nearest_points(walls[building].exterior, Spot(at))[0]
            at = (round(wall.x, 2), round(wall.y, 2))
        label = next((tags[key].strip() for key in ("ref", "addr:unit", "name") if tags.get(key)), "")
        found.setdefault(building, []).append((f"n{node}.door", at, label[:16]))
    return found


def _assumed_door(wall: Polygon, hooks: Hooks) -> Point:
    number = hooks.nearest((wall.centroid.x, wall.centroid.y), DOOR_TO_LANE_M + 50)
    if number is None:
        return round(wall.centroid.x, 2), round(wall.centroid.y, 2)
    door = nearest_points(wall.exterior, hooks.lines[number])[0]
    return round(door.x, 2), round(door.y, 2)


def hang_doors(
    doors: list[Door], walls: dict[str, Polygon], hooks: Hooks, findings: Findings
) -> tuple[list[SurveyedEntrance], list[SurveyedLane]]:
    """Return the entrances within reach of a lane, and the approaches from the lanes to them."""
    entrances, approaches = [], []
    for door in doors:
        number = hooks.nearest(door.at, DOOR_TO_LANE_M, walls[door.building_ref])
        if number is None:
            findings.add("entrance_without_lane", door.ref)
            continue
        on_lane = hooks.hang(number, door.at, f"foot.{door.ref}")
        hooks.network.nodes[door.ref] = door.at
        approaches.append(approach(door.ref, door.at, on_lane, hooks.network.nodes[on_lane]))
        entrances.append(
            SurveyedEntrance(
                door.ref, door.building_ref, door.label, door.at, door.ref, door.is_assumed, door.is_labelled
            )
        )
    return entrances, approaches


def approach(door_ref: str, at: Point, on_lane: str, foot: Point) -> SurveyedLane:
    """Return the few metres from a lane to a door."""
    return SurveyedLane(
        ref=f"door.{door_ref}",
        from_ref=on_lane,
        to_ref=door_ref,
        points=(foot, at),
        length_m=max(0.1, round(math.dist(foot, at), 1)),
        kind="approach",
        width_cm=APPROACH_CM,
    )


def find_gates(
    raw: RawMap,
    projection: Projection,
    hooks: Hooks,
    outline: Polygon | None,
    is_drawn: bool,
    findings: Findings,
) -> list[SurveyedGate]:
    """Return the gates, hung onto lanes of the main network; assumed where roads cross an outline without any.

    A drawn outline has its gates along it. Around an address, any gate inside counts.
    """
    gates: list[SurveyedGate] = []
    for node, tags in sorted(raw.node_tags.items()):
        if not is_gate(tags) or node not in raw.nodes:
            continue
        at, ref = projection.to_metres(*raw.nodes[node]), f"n{node}"
        edge = outline.exterior if outline is not None and is_drawn else outline
        if edge is not None and edge.distance(Spot(at)) > BESIDE_M:
            continue
        on_lane = _gate_node(ref, at, hooks, findings)
        if on_lane is not None:
            label = tags.get("name", tags.get("ref", ""))[:40]
            gates.append(SurveyedGate(ref, label, hooks.network.nodes[on_lane], on_lane, tags["barrier"]))
    if not gates and outline is not None:
        gates = _assumed_gates(hooks, outline, findings)
    by_node = {gate.node_ref: gate for gate in reversed(gates)}
    return sorted(by_node.values(), key=lambda gate: gate.ref)


def _gate_node(ref: str, at: Point, hooks: Hooks, findings: Findings) -> str | None:
    if ref in hooks.main:
        return ref
    number = hooks.nearest(at, GATE_TO_LANE_M)
    if number is None:
        findings.add("gate_cut_off" if ref in hooks.network.nodes else "gate_unplaced", ref)
        return None
    findings.add("gate_off_lane", ref)
    return hooks.hang(number, at, f"{ref}.gate")


def _assumed_gates(hooks: Hooks, outline: Polygon, findings: Findings) -> list[SurveyedGate]:
    crossings = [
        (number, lane, hooks.lines[number].intersection(outline.exterior))
        for number, lane in enumerate(hooks.network.lanes)
        if not hooks.lines[number].is_empty
    ]
    crossings = [crossing for crossing in crossings if not crossing[2].is_empty]
    roads = [crossing for crossing in crossings if crossing[1].kind not in FOOT_KINDS]
    gates = []
    # People on foot come in by a path if no road does.
    for number, lane, crossing in roads or crossings:
        spot = hooks.lines[number].interpolate(hooks.lines[number].project(crossing.representative_point()))
        ref = f"{lane.ref}.gate"
        findings.add("gate_assumed", lane.ref)
        node = hooks.hang(number, (spot.x, spot.y), ref)
        gates.append(SurveyedGate(ref, "", hooks.network.nodes[node], node, "assumed", is_assumed=True))
    return gates


def with_goods(gates: list[SurveyedGate], network: Network) -> list[SurveyedGate]:
    """Say which gates take goods: those from where a vehicle gets to most of the lanes; all of them if none does."""
    roads = [lane for lane in network.lanes if lane.kind not in FOOT_KINDS and lane.width_cm >= GOODS_CM]
    ends = {ref: network.nodes[ref] for lane in roads for ref in (lane.from_ref, lane.to_ref)}
    driven = (components(Network(ends, roads)) or [set()])[0]
    if not any(gate.node_ref in driven for gate in gates):
        return gates
    return [replace(gate, takes_goods=gate.node_ref in driven) for gate in gates]
