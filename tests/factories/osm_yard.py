"""Small maps drawn in metres, written as OpenStreetMap files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from server.core.places.rules.osm import RawMap, read_osm
from server.core.places.rules.survey import EARTH_M

LATITUDE, LONGITUDE = 31.28, 121.5
Spot = tuple[float, float]


@dataclass
class OsmYard:
    """A map to be drawn: nodes and ways get ids in the order of drawing, from 1."""

    folder: Path
    nodes: list[tuple[Spot, dict[str, str]]] = field(default_factory=list)
    ways: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)
    relations: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)

    def node(self, x: float, y: float, **tags: str) -> int:
        self.nodes.append(((x, y), tags))
        return len(self.nodes)

    def way(self, *refs: int, **tags: str) -> int:
        self.ways.append((list(refs), tags))
        return len(self.ways)

    def lane(self, *spots: Spot | int, kind: str = "service", **tags: str) -> int:
        """Draw a lane through spots (new nodes) or known nodes."""
        refs = [spot if isinstance(spot, int) else self.node(*spot) for spot in spots]
        return self.way(*refs, highway=kind, **tags)

    def house(
        self, x: float, y: float, number: str = "", *, street: str = "", width: float = 20, depth: float = 10
    ) -> int:
        """Draw a house from its south-west corner."""
        corners = [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]
        refs = [self.node(*corner) for corner in corners]
        tags = {"building": "apartments", "addr:housenumber": number, "addr:street": street}
        return self.way(*refs, refs[0], **{key: value for key, value in tags.items() if value})

    def area(self, x: float, y: float, width: float, depth: float, **tags: str) -> int:
        corners = [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]
        refs = [self.node(*corner) for corner in corners]
        return self.way(*refs, refs[0], **tags)

    def relation(self, *ways: int, **tags: str) -> None:
        self.relations.append((list(ways), tags))

    def write(self, name: str = "map.osm") -> Path:
        lines = ['<osm version="0.6">']
        for number, ((x, y), tags) in enumerate(self.nodes, start=1):
            latitude = LATITUDE + math.degrees(y / EARTH_M)
            longitude = LONGITUDE + math.degrees(x / (EARTH_M * math.cos(math.radians(LATITUDE))))
            lines.append(
                f'<node id="{number}" lat="{latitude:.8f}" lon="{longitude:.8f}">{_tags(tags)}</node>'
            )
        for number, (refs, tags) in enumerate(self.ways, start=1):
            members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            lines.append(f'<way id="{number}">{members}{_tags(tags)}</way>')
        for number, (ways, tags) in enumerate(self.relations, start=1):
            members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in ways)
            lines.append(f'<relation id="{number}">{members}{_tags(tags)}</relation>')
        path = self.folder / name
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return path

    def read(self) -> RawMap:
        return read_osm(self.write())


def small_yard(folder: Path) -> OsmYard:
    """A compound named 桂园: a gate on a lane along y = 0, houses 1 and 2 beside it, each with a door on its wall."""
    yard = OsmYard(folder)
    gate = yard.node(0, 0, barrier="gate", name="南门")
    yard.lane((-30, 0), gate, (100, 0), width="4")
    for x, number in ((20, "1"), (60, "2")):
        house = yard.house(x, 10, number)
        yard.nodes.append(((x + 10, 10), {"entrance": "yes", "ref": "1"}))
        # The door is a node of the southern wall, after the first corner.
        yard.ways[house - 1][0].insert(1, len(yard.nodes))
    yard.area(-1, -20, 110, 60, landuse="residential", name="桂园")
    return yard


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
