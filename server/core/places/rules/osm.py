"""Reading .osm and .osm.pbf files: what is in them, nothing judged yet.

Source of the tags: wiki.openstreetmap.org/wiki/Map_features.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm import Node, Relation, Way

from server.kit.errors import Refused

LANE_KINDS = frozenset(
    [
        "service",
        "residential",
        "living_street",
        "pedestrian",
        "footway",
        "path",
        "steps",
        "track",
        "cycleway",
        "unclassified",
        "tertiary",
        "secondary",
        "primary",
        "corridor",
        "road",
    ]
)
ATTRIBUTION = "© OpenStreetMap contributors"


@dataclass(frozen=True)
class RawWay:
    id: int
    refs: tuple[int, ...]
    tags: dict[str, str]

    @property
    def is_closed(self) -> bool:
        return len(self.refs) > 3 and self.refs[0] == self.refs[-1]


@dataclass(frozen=True)
class RawRelation:
    id: int
    outer: tuple[int, ...]
    tags: dict[str, str]


@dataclass
class RawMap:
    """Nodes as (latitude, longitude), tags only where there are any."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[RawWay] = field(default_factory=list)
    relations: list[RawRelation] = field(default_factory=list)


def read_osm(path: Path) -> RawMap:
    """Read a map file.

    Raises Refused: places.no_such_file, places.bad_map for what is no OpenStreetMap data, places.empty_map.
    """
    if not path.is_file():
        raise Refused("places.no_such_file", file=path.name)
    raw = RawMap()
    try:
        for entity in osmium.FileProcessor(str(path)):
            if isinstance(entity, Node):
                if entity.location.valid():
                    raw.nodes[entity.id] = (entity.location.lat, entity.location.lon)
                if len(entity.tags):
                    raw.node_tags[entity.id] = {tag.k: tag.v for tag in entity.tags}
            elif isinstance(entity, Way):
                tags = {tag.k: tag.v for tag in entity.tags}
                raw.ways.append(RawWay(entity.id, tuple(node.ref for node in entity.nodes), tags))
            elif isinstance(entity, Relation) and len(entity.tags):
                outer = tuple(m.ref for m in entity.members if m.type == "w" and m.role in ("outer", ""))
                raw.relations.append(RawRelation(entity.id, outer, {t.k: t.v for t in entity.tags}))
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise Refused("places.bad_map", file=path.name, reader=str(error)[:200]) from None
    if not raw.nodes or not raw.ways:
        raise Refused("places.empty_map", file=path.name)
    return raw


def is_lane(tags: dict[str, str]) -> bool:
    """Tell whether a way can be walked or driven."""
    return tags.get("highway") in LANE_KINDS and tags.get("access") != "no"


def is_building(tags: dict[str, str]) -> bool:
    """Tell whether a way or relation is a building that stands."""
    return tags.get("building", "no") not in ("no", "construction", "ruins", "roof")


def is_gate(tags: dict[str, str]) -> bool:
    """Tell whether a node is a gate through which people or goods come in."""
    return tags.get("barrier") in (
        "gate",
        "lift_gate",
        "swing_gate",
        "sliding_gate",
        "wicket_gate",
        "entrance",
    )


def is_door(tags: dict[str, str]) -> bool:
    """Tell whether a node is a door of a building that can be used every day."""
    return tags.get("entrance") not in (None, "no", "emergency", "exit")


def stops_carts(tags: dict[str, str]) -> bool:
    """Tell whether a node keeps carts out but lets people pass."""
    return tags.get("barrier") in ("bollard", "block", "kissing_gate", "stile", "turnstile", "cycle_barrier")
