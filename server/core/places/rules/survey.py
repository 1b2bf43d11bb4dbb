"""What a map says of a compound, in local metres: the result of reading OpenStreetMap data."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

EARTH_M = 6_371_008.8  # mean radius, IUGG 1980

Point = tuple[float, float]


@dataclass(frozen=True)
class Projection:
    """Degrees to local metres around an origin: equirectangular. Within 5 km the error stays under 0.1 %."""

    latitude: float
    longitude: float

    def to_metres(self, latitude: float, longitude: float) -> Point:
        """Return (x to the east, y to the north) in metres."""
        x = math.radians(longitude - self.longitude) * math.cos(math.radians(self.latitude)) * EARTH_M
        return round(x, 2), round(math.radians(latitude - self.latitude) * EARTH_M, 2)

    def to_degrees(self, point: Point) -> tuple[float, float]:
        """Return (latitude, longitude)."""
        latitude = self.latitude + math.degrees(point[1] / EARTH_M)
        longitude = self.longitude + math.degrees(
            point[0] / (EARTH_M * math.cos(math.radians(self.latitude)))
        )
        return round(latitude, 7), round(longitude, 7)


@dataclass(frozen=True)
class SurveyedBuilding:
    """``ref``: stable name of the object in the map. ``is_numbered``: the map gives the label."""

    ref: str
    label: str
    is_numbered: bool
    outline: tuple[Point, ...]
    levels: int
    use: str


@dataclass(frozen=True)
class SurveyedNode:
    ref: str
    at: Point


@dataclass(frozen=True)
class SurveyedLane:
    """A lane between two nodes. ``points`` runs from the first to the second, both included.

    ``is_marked``: its marks are on somebody's word rather than the map's, so that they outlive the map.
    """

    ref: str
    from_ref: str
    to_ref: str
    points: tuple[Point, ...]
    length_m: float
    kind: str
    width_cm: int
    is_fire_lane: bool = False
    is_oneway: bool = False
    steps: int = 0
    surface: str = ""
    name: str = ""
    is_marked: bool = False


@dataclass(frozen=True)
class SurveyedEntrance:
    """A door where goods are dropped.

    ``is_assumed``: the map has none for this building. ``is_labelled``: the map gives the label.
    """

    ref: str
    building_ref: str
    label: str
    at: Point
    node_ref: str
    is_assumed: bool
    is_labelled: bool = False


@dataclass(frozen=True)
class SurveyedGate:
    """``takes_goods``: a lane wide enough for a vehicle leads through it."""

    ref: str
    label: str
    at: Point
    node_ref: str
    kind: str
    is_assumed: bool = False
    takes_goods: bool = True


@dataclass(frozen=True)
class Scenery:
    """Something to find one's way by on the drawn map. ``kind``: water, green, play or sport."""

    kind: str
    label: str
    outline: tuple[Point, ...]


@dataclass
class Findings:
    """What was found wrong: code → how often, with a few examples and what was done about it."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, example: str) -> None:
        self.counts[code] += 1
        some = self.examples.setdefault(code, [])
        if len(some) < 5:
            some.append(example)

    def to_json(self) -> list[dict[str, Any]]:
        """Return [{code, count, was_mended, what, examples}] in the order of codes."""
        return [
            {
                "code": code,
                "count": count,
                "was_mended": code in MENDED,
                "what": FINDINGS[code],
                "examples": self.examples[code],
            }
            for code, count in sorted(self.counts.items())
        ]


# What each finding means, in the words of the report; those in MENDED were put right.
FINDINGS = {
    "area_walked_around": "square drawn as an area: its edge is the lane",
    "building_number_twice": "number that another building has too: told apart by street or a count",
    "building_unnumbered": "has no number in the map: one was given",
    "building_without_door": "has no door in the map: one was assumed at the nearest lane",
    "component_joined": "lanes cut off by a small gap: joined",
    "component_cut_off": "lanes without any way to the rest: left as they are",
    "door_off_outline": "door a little off its building: moved to the wall",
    "door_without_building": "door with no building near: left out",
    "entrance_without_lane": "no lane within reach: left out, goods cannot be brought there",
    "fire_lane_assumed": "road wide enough for a fire engine: taken for a fire lane as asked",
    "gate_cut_off": "gate whose lane leads nowhere: left out",
    "gate_off_lane": "gate beside the road: moved onto it",
    "gate_unplaced": "gate with no lane near: left out",
    "gate_assumed": "no gate in the map: assumed where a road crosses the outline",
    "bollard": "bollard: the lane is narrow there",
    "entrance_kept": "no longer in the map, but homes are there: kept, and joined to the nearest lane",
    "lane_without_width": "no width in the map: taken from the kind of lane",
    "node_twice": "lanes that meet without a common point: joined",
    "way_broken": "way with points that are not in the file: the rest was used",
}
MENDED = frozenset(FINDINGS) - {
    "component_cut_off",
    "door_without_building",
    "entrance_without_lane",
    "gate_cut_off",
    "gate_unplaced",
}


@dataclass(frozen=True)
class Survey:
    """A compound as surveyed. ``outline``: empty when the whole extract was taken."""

    projection: Projection
    outline: tuple[Point, ...]
    buildings: tuple[SurveyedBuilding, ...]
    nodes: tuple[SurveyedNode, ...]
    lanes: tuple[SurveyedLane, ...]
    entrances: tuple[SurveyedEntrance, ...]
    gates: tuple[SurveyedGate, ...]
    findings: Findings
    components: int
    attribution: str
    scenery: tuple[Scenery, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Return the figures that the import prints."""
        return {
            "buildings": len(self.buildings),
            "entrances": len(self.entrances),
            "entrances_assumed": sum(e.is_assumed for e in self.entrances),
            "gates": len(self.gates),
            "nodes": len(self.nodes),
            "lanes": len(self.lanes),
            "lane_km": round(sum(lane.length_m for lane in self.lanes) / 1000, 2),
            "fire_lane_km": round(sum(s.length_m for s in self.lanes if s.is_fire_lane) / 1000, 2),
            "components": self.components,
            "findings": self.findings.to_json(),
        }
