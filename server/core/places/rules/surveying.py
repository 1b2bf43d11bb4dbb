"""From a raw map to a surveyed compound: which part of it, its buildings, doors and gates, hung onto the lanes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from shapely import STRtree
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as Spot
from shapely.ops import linemerge, nearest_points, polygonize, unary_union

from server.core.places.rules import lanes as lane_rules
from server.core.places.rules.lanes import Network
from server.core.places.rules.osm import ATTRIBUTION, RawMap, is_building, is_door, is_gate, is_lane
from server.core.places.rules.survey import (
    Findings,
    Point,
    Projection,
    Survey,
    SurveyedBuilding,
    SurveyedEntrance,
    SurveyedGate,
    SurveyedLane,
    SurveyedNode,
)
from server.kit.errors import Refused

BESIDE_M = 15.0  # lanes and gates this near outside the outline still belong to the compound
DOOR_TO_WALL_M = 8.0
DOOR_TO_LANE_M = 90.0
GATE_TO_LANE_M = 25.0
AROUND_ADDRESS_M = 350.0
SMALLEST_BUILDING_M2 = 12.0
APPROACH_CM = 150

Locate = Callable[[str], tuple[float, float] | None]


@dataclass
class _Attachments:
    """Doors and gates waiting to be hung onto lanes: lane number → [(metres along, node)]."""

    network: Network
    tree: STRtree
    lines: list[LineString]
    spots: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def nearest(self, at: Point, within_m: float) -> int | None:
        """Return the number of the nearest lane, None beyond ``within_m``."""
        if not self.lines:
            return None
        number = int(self.tree.nearest(Spot(at)))
        return number if self.lines[number].distance(Spot(at)) <= within_m else None

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


def survey(raw: RawMap, *, within: str | None = None, locate: Locate | None = None) -> Survey:
    """Survey a compound.

    ``within``: the name of an area in the map, or an address that ``locate`` turns into (latitude, longitude).
    Raises Refused: places.within_not_found, places.no_lanes, places.no_buildings, places.no_gate.
    """
    projection = _projection(raw)
    findings = Findings()
    outline = _outline(raw, projection, within, locate) if within else None
    if outline is not None:
        # Measured anew around the compound itself, so that its metres are right.
        middle = projection.to_degrees((outline.centroid.x, outline.centroid.y))
        projection = Projection(*middle)
        outline = _outline(raw, projection, within or "", locate)
    area = outline.buffer(BESIDE_M) if outline is not None else None
    buildings, walls = _buildings(raw, projection, outline, findings)
    if not buildings:
        raise Refused("places.no_buildings", within=within)
    network = lane_rules.build_network(raw, projection, area, findings)
    if not network.lanes:
        raise Refused("places.no_lanes", within=within)
    count = lane_rules.join_components(network, walls.values(), findings)
    gates, entrances = _hang_all(raw, projection, network, buildings, walls, outline, findings)
    if not gates:
        raise Refused("places.no_gate", within=within)
    return Survey(
        projection=projection,
        outline=tuple(outline.exterior.coords) if outline is not None else (),
        buildings=tuple(buildings),
        nodes=tuple(SurveyedNode(ref, network.nodes[ref]) for ref in sorted(network.nodes)),
        lanes=tuple(network.lanes),
        entrances=tuple(entrances),
        gates=tuple(gates),
        findings=findings,
        components=count,
        attribution=ATTRIBUTION,
    )


def _projection(raw: RawMap) -> Projection:
    of_lanes = [raw.nodes[r] for way in raw.ways if is_lane(way.tags) for r in way.refs if r in raw.nodes]
    points = of_lanes or list(raw.nodes.values())
    latitudes, longitudes = [p[0] for p in points], [p[1] for p in points]
    return Projection((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)


def _outline(raw: RawMap, projection: Projection, name: str, locate: Locate | None) -> Polygon:
    wanted = name.strip().casefold()
    found = [
        shape
        for tags, shape in _areas(raw, projection)
        if wanted in {tags.get(key, "").casefold() for key in ("name", "name:zh", "name:en", "alt_name")}
    ]
    if found:
        return max(found, key=lambda shape: shape.area)
    place = locate(name) if locate else None
    if place is None:
        raise Refused("places.within_not_found", within=name, known=_names(raw)[:20])
    return Spot(projection.to_metres(*place)).buffer(AROUND_ADDRESS_M, quad_segs=8)


def _names(raw: RawMap) -> list[str]:
    named = {
        tags["name"]
        for tags in [*(w.tags for w in raw.ways if w.is_closed), *(r.tags for r in raw.relations)]
        if "name" in tags and ("landuse" in tags or "place" in tags or "amenity" in tags)
    }
    return sorted(named)


def _areas(raw: RawMap, projection: Projection) -> list[tuple[dict[str, str], Polygon]]:
    found = []
    for way in raw.ways:
        if way.is_closed and "building" not in way.tags and ("name" in way.tags or "alt_name" in way.tags):
            shape = _polygon([raw.nodes[r] for r in way.refs if r in raw.nodes], projection)
            if shape is not None:
                found.append((way.tags, shape))
    for relation_tags, shape in _relation_shapes(raw, projection):
        if "building" not in relation_tags:
            found.append((relation_tags, shape))
    return found


def _relation_shapes(raw: RawMap, projection: Projection) -> list[tuple[dict[str, str], Polygon]]:
    ways = {way.id: way for way in raw.ways}
    found = []
    for relation in raw.relations:
        lines = []
        for way_id in relation.outer:
            refs = ways[way_id].refs if way_id in ways else ()
            points = [projection.to_metres(*raw.nodes[r]) for r in refs if r in raw.nodes]
            if len(points) > 1:
                lines.append(LineString(points))
        if lines:
            tags = {**relation.tags, "@ref": f"r{relation.id}"}
            found += [(tags, shape) for shape in polygonize(unary_union(linemerge(lines)))]
    return found


def _polygon(degrees: list[tuple[float, float]], projection: Projection) -> Polygon | None:
    points = [projection.to_metres(*p) for p in degrees]
    if len(points) < 4:
        return None
    shape = Polygon(points)
    if not shape.is_valid:
        shape = shape.buffer(0)
    return shape if isinstance(shape, Polygon) and not shape.is_empty else None


def _buildings(
    raw: RawMap, projection: Projection, outline: Polygon | None, findings: Findings
) -> tuple[list[SurveyedBuilding], dict[str, Polygon]]:
    shapes: list[tuple[str, dict[str, str], Polygon]] = []
    for way in raw.ways:
        if way.is_closed and is_building(way.tags):
            shape = _polygon([raw.nodes[r] for r in way.refs if r in raw.nodes], projection)
            if shape is not None:
                shapes.append((f"w{way.id}", way.tags, shape))
    shapes += [(tags["@ref"], tags, s) for tags, s in _relation_shapes(raw, projection) if is_building(tags)]
    buildings, walls, given = [], {}, 0
    for ref, tags, shape in sorted(shapes, key=lambda item: (-item[2].centroid.y, item[2].centroid.x)):
        if shape.area < SMALLEST_BUILDING_M2 or ref in walls:
            continue
        if outline is not None and not outline.contains(shape.centroid):
            continue
        label = _label(tags)
        if label is None:
            given += 1
            findings.add("building_unnumbered", ref)
        walls[ref] = shape
        points = tuple((round(x, 2), round(y, 2)) for x, y in shape.exterior.coords)
        number = label or f"#{given}"
        levels = tags.get("building:levels", "")
        buildings.append(
            SurveyedBuilding(
                ref,
                number,
                label is not None,
                points,
                int(levels) if levels.isdigit() else 0,
                tags["building"],
            )
        )
    return buildings, walls


def _label(tags: dict[str, str]) -> str | None:
    for key in ("addr:housenumber", "ref", "name", "addr:housename"):
        if tags.get(key, "").strip():
            return tags[key].strip()[:40]
    return None


def _hang_all(
    raw: RawMap,
    projection: Projection,
    network: Network,
    buildings: list[SurveyedBuilding],
    walls: dict[str, Polygon],
    outline: Polygon | None,
    findings: Findings,
) -> tuple[list[SurveyedGate], list[SurveyedEntrance]]:
    main = (lane_rules.components(network) or [set()])[0]
    # Doors and gates hang on what hangs together; a lane that leads nowhere serves nobody.
    lines = [LineString(lane.points) if lane.from_ref in main else LineString() for lane in network.lanes]
    hooks = _Attachments(network, STRtree(lines), lines)
    gates = _gates(raw, projection, hooks, outline, findings)
    doors = _doors(raw, projection, buildings, walls, hooks, findings)
    entrances, approaches = [], []
    for door_ref, building, at, is_assumed, label in doors:
        number = hooks.nearest(at, DOOR_TO_LANE_M)
        if number is None:
            findings.add("entrance_without_lane", door_ref)
            continue
        on_lane = hooks.hang(number, at, f"foot.{door_ref}")
        network.nodes[door_ref] = at
        approaches.append((door_ref, on_lane, at))
        entrances.append(SurveyedEntrance(door_ref, building, label, at, door_ref, is_assumed))
    lane_rules.split_at(network, hooks.spots)
    for door_ref, on_lane, at in approaches:
        if door_ref != on_lane:
            _add_approach(network, door_ref, on_lane, at)
    return gates, entrances


def _add_approach(network: Network, door_ref: str, on_lane: str, at: Point) -> None:
    foot = network.nodes[on_lane]
    network.lanes.append(
        SurveyedLane(
            ref=f"door.{door_ref}",
            from_ref=on_lane,
            to_ref=door_ref,
            points=(foot, at),
            length_m=max(0.1, round(math.dist(foot, at), 1)),
            kind="approach",
            width_cm=APPROACH_CM,
        )
    )


Door = tuple[str, str, Point, bool, str]


def _doors(
    raw: RawMap,
    projection: Projection,
    buildings: list[SurveyedBuilding],
    walls: dict[str, Polygon],
    hooks: _Attachments,
    findings: Findings,
) -> list[Door]:
    """Return (ref, building, place, is assumed, label) of every door, buildings without one given one."""
    refs = [building.ref for building in buildings]
    tree = STRtree([walls[ref] for ref in refs])
    found: dict[str, list[tuple[str, Point, str]]] = {}
    for node, tags in sorted(raw.node_tags.items()):
        if not is_door(tags) or node not in raw.nodes:
            continue
        at = projection.to_metres(*raw.nodes[node])
        building = refs[int(tree.nearest(Spot(at)))]
        gap = walls[building].exterior.distance(Spot(at))
        if gap > DOOR_TO_WALL_M:
            findings.add("door_without_building", f"n{node}")
            continue
        if gap > 0.3:
            findings.add("door_off_outline", f"n{node}")
            wall = nearest_points(walls[building].exterior, Spot(at))[0]
            at = (round(wall.x, 2), round(wall.y, 2))
        found.setdefault(building, []).append((f"n{node}.door", at, tags.get("ref", tags.get("name", ""))))
    doors: list[Door] = []
    for building in refs:
        if building not in found:
            findings.add("building_without_door", building)
            doors.append((f"{building}.door", building, _assumed_door(walls[building], hooks), True, "1"))
        for nth, (ref, at, label) in enumerate(sorted(found.get(building, []), key=lambda d: d[1]), start=1):
            doors.append((ref, building, at, False, label[:20] or str(nth)))
    return doors


def _assumed_door(wall: Polygon, hooks: _Attachments) -> Point:
    number = hooks.nearest((wall.centroid.x, wall.centroid.y), DOOR_TO_LANE_M)
    if number is None:
        return round(wall.centroid.x, 2), round(wall.centroid.y, 2)
    door = nearest_points(wall.exterior, hooks.lines[number])[0]
    return round(door.x, 2), round(door.y, 2)


def _gates(
    raw: RawMap,
    projection: Projection,
    hooks: _Attachments,
    outline: Polygon | None,
    findings: Findings,
) -> list[SurveyedGate]:
    gates: list[SurveyedGate] = []
    for node, tags in sorted(raw.node_tags.items()):
        if not is_gate(tags) or node not in raw.nodes:
            continue
        at, ref = projection.to_metres(*raw.nodes[node]), f"n{node}"
        if outline is not None and outline.exterior.distance(Spot(at)) > BESIDE_M:
            continue
        label = tags.get("name", tags.get("ref", ""))[:40]
        if ref in hooks.network.nodes:
            gates.append(SurveyedGate(ref, label, at, ref, tags["barrier"]))
            continue
        number = hooks.nearest(at, GATE_TO_LANE_M)
        if number is None:
            findings.add("gate_unplaced", ref)
            continue
        findings.add("gate_off_lane", ref)
        on_lane = hooks.hang(number, at, f"{ref}.gate")
        gates.append(SurveyedGate(ref, label, hooks.network.nodes[on_lane], on_lane, tags["barrier"]))
    if not gates and outline is not None:
        gates = _assumed_gates(hooks, outline, findings)
    return _once_a_node(gates)


def _once_a_node(gates: list[SurveyedGate]) -> list[SurveyedGate]:
    by_node = {gate.node_ref: gate for gate in reversed(gates)}
    return sorted(by_node.values(), key=lambda gate: gate.ref)


def _assumed_gates(hooks: _Attachments, outline: Polygon, findings: Findings) -> list[SurveyedGate]:
    gates = []
    for number, lane in enumerate(hooks.network.lanes):
        crossing = hooks.lines[number].intersection(outline.exterior)
        if crossing.is_empty or lane.kind in ("footway", "path", "steps", "track"):
            continue
        at = (crossing.centroid.x, crossing.centroid.y)
        ref = f"{lane.ref}.gate"
        findings.add("gate_assumed", lane.ref)
        node = hooks.hang(number, at, ref)
        gates.append(SurveyedGate(ref, "", hooks.network.nodes[node], node, "assumed", is_assumed=True))
    return gates
