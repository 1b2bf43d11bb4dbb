"""From ways to a network of lanes: widths, fire lanes, one-ways, splitting, joining."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from server.core.places.rules.osm import RawMap, RawWay, is_gate, is_lane, stops_carts
from server.core.places.rules.survey import Findings, Point, Projection, SurveyedLane

# Usual clear widths in centimetres where the map gives none. Fire lanes: GB 50016-2014, 7.1.8 asks for 4 m.
WIDTHS_CM = {
    "primary": 900,
    "secondary": 800,
    "tertiary": 700,
    "unclassified": 500,
    "residential": 500,
    "road": 400,
    "living_street": 400,
    "service": 400,
    "pedestrian": 400,
    "track": 300,
    "cycleway": 200,
    "footway": 180,
    "path": 150,
    "corridor": 150,
    "steps": 150,
}
NARROW_SERVICE_CM = 300
BOLLARD_CM = 120
STEP_M = 0.3
SHORTEST_M = 0.05
ON_A_LEVEL = frozenset(["bridge", "tunnel", "layer", "level"])


@dataclass
class Network:
    """Lanes between named nodes, while it is being built."""

    nodes: dict[str, Point] = field(default_factory=dict)
    lanes: list[SurveyedLane] = field(default_factory=list)

    def lines(self) -> list[LineString]:
        return [LineString(lane.points) for lane in self.lanes]


def width_cm(tags: dict[str, str]) -> tuple[int, bool]:
    """Return the lane's width and whether the map gives it."""
    given = re.match(r"\s*([0-9]+(?:\.[0-9]+)?)", tags.get("width", "") or tags.get("est_width", ""))
    if given and 0.3 <= float(given[1]) <= 60:
        return round(float(given[1]) * 100), True
    kind = tags["highway"]
    if kind == "service" and tags.get("service") in ("alley", "parking_aisle", "driveway"):
        return NARROW_SERVICE_CM, False
    return WIDTHS_CM.get(kind, 150), False


def passage_cm(tags: dict[str, str]) -> int:
    """Return how wide a bollard leaves the lane: as the map says, else 1.2 m, too narrow for a tricycle."""
    given = re.match(
        r"\s*([0-9]+(?:\.[0-9]+)?)", tags.get("maxwidth:physical", "") or tags.get("maxwidth", "")
    )
    return max(30, min(6000, round(float(given[1]) * 100))) if given else BOLLARD_CM


def is_fire_lane(tags: dict[str, str]) -> bool:
    """Tell whether the map marks the way as a fire lane; hardly any map does."""
    return (
        tags.get("emergency") in ("fire_lane", "designated")
        or tags.get("fire_lane") == "yes"
        or tags.get("service") in ("emergency_access", "fire_lane")
    )


def build_network(
    raw: RawMap, projection: Projection, area: BaseGeometry | None, findings: Findings
) -> Network:
    """Return the lanes that touch ``area`` (all for None), split wherever ways meet, a gate stands or a bollard."""
    at = {ref: projection.to_metres(*place) for ref, place in raw.nodes.items()}
    first_at: dict[tuple[float, float], int] = {}
    ways = []
    for way in raw.ways:
        if is_lane(way.tags) and _touches([at[ref] for ref in way.refs if ref in at], area):
            ways.append(_mended(way, raw, first_at, findings))
    ways = [way for way in ways if len(way.refs) > 1]
    cuts = _cuts(ways, raw)
    network = Network()
    for way in ways:
        _add_way(network, way, at, cuts, raw, area, findings)
    return network


def _touches(points: list[Point], area: BaseGeometry | None) -> bool:
    return len(points) > 1 and (area is None or LineString(points).intersects(area))


def _mended(way: RawWay, raw: RawMap, first_at: dict[tuple[float, float], int], findings: Findings) -> RawWay:
    """Return the way without points that are not there; of several nodes at one place the first serves all."""
    known = tuple(ref for ref in way.refs if ref in raw.nodes)
    if len(known) < len(way.refs):
        findings.add("way_broken", f"w{way.id}")
    if not ON_A_LEVEL.isdisjoint(way.tags):
        # A bridge's node above a road's is another place.
        return replace(way, refs=known)
    merged = tuple(first_at.setdefault(raw.nodes[ref], ref) for ref in known)
    for ref, first in zip(known, merged, strict=True):
        if ref != first:
            findings.add("node_twice", f"n{ref}")
            raw.node_tags.setdefault(first, {}).update(raw.node_tags.pop(ref, {}))
    if way.tags.get("area") == "yes":
        findings.add("area_walked_around", f"w{way.id}")
    known = merged
    # A point named twice in a row has no length and no direction.
    once = tuple(ref for i, ref in enumerate(known) if i == 0 or ref != known[i - 1])
    return replace(way, refs=once)


def _cuts(ways: list[RawWay], raw: RawMap) -> set[int]:
    seen: set[int] = set()
    cuts: set[int] = set()
    for way in ways:
        for ref in way.refs:
            if ref in seen:
                cuts.add(ref)
            seen.add(ref)
        cuts.update((way.refs[0], way.refs[-1]))
        cuts.update(ref for ref in way.refs if _is_cut(raw.node_tags.get(ref)))
    return cuts


def _is_cut(tags: dict[str, str] | None) -> bool:
    return tags is not None and (is_gate(tags) or stops_carts(tags))


def _add_way(
    network: Network,
    way: RawWay,
    at: dict[int, Point],
    cuts: set[int],
    raw: RawMap,
    area: BaseGeometry | None,
    findings: Findings,
) -> None:
    full_width, is_given = width_cm(way.tags)
    if not is_given:
        findings.add("lane_without_width", f"w{way.id}")
    begin, piece = 0, 0
    for end in range(1, len(way.refs)):
        if way.refs[end] not in cuts:
            continue
        refs = way.refs[begin : end + 1]
        begin, piece = end, piece + 1
        points = tuple(at[ref] for ref in refs)
        length = max(SHORTEST_M, LineString(points).length)
        if not _touches(list(points), area):
            continue
        width = full_width
        bollards = [r for r in (refs[0], refs[-1]) if stops_carts(raw.node_tags.get(r, {}))]
        for ref in bollards:
            findings.add("bollard", f"n{ref}")
            width = min(width, passage_cm(raw.node_tags[ref]))
        network.nodes[f"n{refs[0]}"] = points[0]
        network.nodes[f"n{refs[-1]}"] = points[-1]
        network.lanes.append(_lane(way, f"w{way.id}.{piece}", refs, points, length, width))


def _lane(
    way: RawWay, ref: str, refs: tuple[int, ...], points: tuple[Point, ...], length: float, width: int
) -> SurveyedLane:
    oneway = way.tags.get("oneway", "yes" if way.tags.get("junction") == "roundabout" else "no")
    if oneway == "-1":
        refs, points = refs[::-1], points[::-1]
    return SurveyedLane(
        ref=ref,
        from_ref=f"n{refs[0]}",
        to_ref=f"n{refs[-1]}",
        points=points,
        length_m=round(length, 1),
        kind=way.tags["highway"],
        width_cm=width,
        is_fire_lane=is_fire_lane(way.tags),
        is_oneway=oneway in ("yes", "1", "true", "-1"),
        steps=_steps(way.tags, length),
        surface=way.tags.get("surface", ""),
        name=way.tags.get("name", ""),
    )


def _steps(tags: dict[str, str], length: float) -> int:
    if tags["highway"] != "steps":
        return 0
    count = tags.get("step_count", "")
    return int(count) if count.isdecimal() else math.ceil(length / STEP_M)


def split_at(network: Network, spots: dict[int, list[tuple[float, str]]]) -> None:
    """Cut lanes where doors and gates hang: lane number → [(metres along, name of the new node)]."""
    lanes = []
    for number, lane in enumerate(network.lanes):
        if number not in spots:
            lanes.append(lane)
            continue
        lanes.extend(_pieces(network, lane, sorted(spots[number])))
    network.lanes = lanes


def _pieces(network: Network, lane: SurveyedLane, spots: list[tuple[float, str]]) -> list[SurveyedLane]:
    line = LineString(lane.points)
    pieces: list[SurveyedLane] = []
    begin, from_ref = 0.0, lane.from_ref
    for end, to_ref in [*spots, (line.length, lane.to_ref)]:
        points = tuple((round(x, 2), round(y, 2)) for x, y in substring(line, begin, end).coords)
        if len(points) == 1:
            points = (points[0], points[0])
        share = (end - begin) / line.length
        pieces.append(
            replace(
                lane,
                ref=f"{lane.ref}/{len(pieces)}",
                from_ref=from_ref,
                to_ref=to_ref,
                points=points,
                length_m=round(end - begin, 1),
                steps=round(lane.steps * share),
            )
        )
        network.nodes.setdefault(to_ref, points[-1])
        begin, from_ref = end, to_ref
    return pieces
