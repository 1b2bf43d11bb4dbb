"""Draw the demo compound, Wutong Court (梧桐里), as OpenStreetMap data: `python -m seeds.draw_demo_compound`.

It is nobody's home: drawn for the demo in plain metres and put down at a point in Shanghai. It has what real compounds
have, and what real maps get wrong: a building without doors, unnumbered sheds, a gate beside the road, a path that
ends short of the next one, doors off the wall. Fire lanes carry the tag ``emergency=fire_lane``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from shapely.geometry import LineString
from shapely.geometry import Point as Spot

TARGET = Path(__file__).with_name("demo_compound.osm")
LATITUDE, LONGITUDE = 31.2793, 121.5071
EARTH_M = 6_371_008.8

Point = tuple[float, float]
Tags = dict[str, str]

FIRE: Tags = {"highway": "service", "emergency": "fire_lane", "surface": "asphalt"}
WEST, EAST = (34.0, 90.0, 146.0), (232.0, 288.0, 344.0)
ROWS = (36.0, 74.0, 112.0, 166.0, 204.0, 242.0)
LANE_BEHIND_M = 20.0
SLAB_M, DEPTH_M = 45.0, 11.0
RING_W, RING_E, RING_S, RING_N, AXIS = 20.0, 404.0, 20.0, 290.0, 212.0
CROSS = 150.0

# What stands in a cell of the grid (column's west edge, row's south edge) instead of a slab.
MARKET, OFFICES, KINDERGARTEN = (34.0, 36.0), (232.0, 36.0), (344.0, 112.0)
GARDEN = ((232.0, 166.0), (288.0, 166.0))
TOWERS = ((236, 232), (276, 232), (316, 232), (356, 232), (346, 194), (376, 194))
TOWER_CELLS = ((232.0, 242.0), (288.0, 242.0), (344.0, 242.0), (344.0, 204.0))
WITHOUT_DOORS, DOOR_OFF_WALL = (146.0, 242.0), (90.0, 166.0)


@dataclass
class Drawing:
    """Nodes shared by their place, ways over them. Ids are negative: these objects are in no public map."""

    nodes: dict[Point, int] = field(default_factory=dict)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)

    def node(self, at: Point, tags: Tags | None = None) -> int:
        """Return the node at a place, new or known; add tags to it."""
        place = (round(at[0], 2), round(at[1], 2))
        number = self.nodes.setdefault(place, len(self.nodes) + 1)
        if tags:
            self.node_tags.setdefault(number, {}).update(tags)
        return number

    def way(self, points: list[Point], tags: Tags) -> None:
        """Add a way through the points."""
        self.ways.append(([self.node(p) for p in points], tags))

    def area(self, points: list[Point], tags: Tags) -> None:
        """Add a closed way."""
        self.way([*points, points[0]], tags)

    def lanes(self, lanes: list[tuple[list[Point], Tags]]) -> None:
        """Add lanes, with a common node wherever two of them cross or touch."""
        lines = [LineString(points) for points, _ in lanes]
        for i, (points, tags) in enumerate(lanes):
            along = {lines[i].project(Spot(p)): p for p in points}
            for j, other in enumerate(lines):
                crossing = lines[i].intersection(other)
                for part in getattr(crossing, "geoms", [crossing]) if i != j else []:
                    if part.geom_type == "Point":
                        along.setdefault(round(lines[i].project(part), 3), (part.x, part.y))
            self.way([along[key] for key in sorted(along)], tags)

    def to_xml(self) -> str:
        """Return the drawing as an .osm file."""
        out = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="linli demo">']
        for (x, y), number in self.nodes.items():
            lat = LATITUDE + math.degrees(y / EARTH_M)
            lon = LONGITUDE + math.degrees(x / (EARTH_M * math.cos(math.radians(LATITUDE))))
            tags = _tags(self.node_tags.get(number, {}))
            out.append(f'  <node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{tags}</node>')
        for number, (refs, tags_of_way) in enumerate(self.ways, start=1):
            members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            out.append(f'  <way id="{number}" version="1">{members}{_tags(tags_of_way)}</way>')
        return "\n".join([*out, "</osm>", ""])


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def draw() -> Drawing:
    """Return the whole compound."""
    drawing = Drawing()
    drawing.area(
        [(4, 0), (420, 0), (424, 6), (424, 300), (414, 310), (60, 310), (0, 286), (0, 6)],
        {"landuse": "residential", "name": "梧桐里", "name:en": "Wutong Court"},
    )
    drawing.lanes(_lanes())
    _buildings(drawing)
    _gates_and_barriers(drawing)
    _green(drawing)
    return drawing


def _lanes() -> list[tuple[list[Point], Tags]]:
    ring_tags = {**FIRE, "name": "环路", "name:en": "Ring", "width": "6"}
    south_east = [(28, 20), (396, 20), (402, 22), (404, 28), (404, 282), (402, 288), (396, 290)]
    north_west = [(396, 290), (64, 290), (34, 282), (20, 268), (20, 28), (22, 22), (28, 20)]
    fire_row = {**FIRE, "width": "4"}
    foot = {"highway": "footway", "surface": "paving_stones"}
    alley = {"highway": "service", "service": "alley", "surface": "concrete"}
    lanes: list[tuple[list[Point], Tags]] = [
        ([(float(x), float(y)) for x, y in south_east], ring_tags),
        ([(float(x), float(y)) for x, y in north_west], ring_tags),
        ([(AXIS, -30), (AXIS, RING_N)], {**FIRE, "name": "梧桐道", "name:en": "Wutong Walk", "width": "7"}),
        ([(-30, CROSS), (RING_E, CROSS)], {**FIRE, "name": "中路", "name:en": "Middle Lane", "width": "5"}),
        ([(-60, -30), (470, -30)], {"highway": "tertiary", "name": "四季路", "name:en": "Four Seasons Road"}),
        ([(-30, -60), (-30, 340)], {"highway": "residential", "name": "槐荫路", "name:en": "Huaiyin Road"}),
        ([(414, 340), (414, 304), (402, 288)], foot),
        ([(RING_W, 56), (RING_E, 56)], fire_row),
        ([(RING_W, 94), (RING_E, 94)], {**foot, "width": "1.8"}),
        ([(RING_W, 132), (AXIS, 132)], fire_row),
        ([(AXIS, 132), (336, 132)], {**FIRE, "width": "3.5", "oneway": "yes"}),
        ([(336, 132), (336, CROSS)], {**FIRE, "width": "3.5", "oneway": "yes"}),
        ([(RING_W, 186), (AXIS, 186)], alley),
        ([(RING_W, 224), (RING_E, 224)], fire_row),
        ([(RING_W, 262), (AXIS, 262)], {**alley, "width": "2.4"}),
        ([(AXIS, 262), (RING_E, 262)], fire_row),
        # Around the lake: a walk with two flights of steps.
        ([(AXIS, 186), (226, 188), (240, 196), (250, 199)], foot),
        ([(250, 199), (257, 199.5)], {"highway": "steps", "step_count": "9", "surface": "stone"}),
        ([(257, 199.5), (290, 199.5), (316, 196), (332, 188), (338, 176), (338, CROSS)], foot),
        ([(332, 188), (350, 186), (RING_E, 186)], {**foot, "width": "1.2"}),
        # Between the slabs people cut through; one of these ends four metres short of the next.
        ([(84.5, RING_S), (84.5, 94)], {**foot, "width": "1.5"}),
        ([(140.5, 94), (140.5, 132)], {**foot, "width": "1.5"}),
        ([(282.5, 56), (282.5, 132)], {**foot, "width": "1.5"}),
        ([(140.5, 186), (140.5, 262)], {**foot, "width": "1.5"}),
        ([(84.5, 262), (84.5, 286)], {**foot, "width": "1.5"}),
        ([(87, 265), (110, 278), (124, 285.5)], foot),
        # On the island there is a path that leads nowhere.
        ([(270, 186), (280, 190)], {"highway": "path"}),
    ]
    return lanes


def _buildings(drawing: Drawing) -> None:
    number = 0
    for row, y in enumerate(ROWS):
        for column, x in enumerate((*WEST, *EAST)):
            cell = (x, y)
            if cell in (MARKET, OFFICES, KINDERGARTEN, *GARDEN, *TOWER_CELLS):
                continue
            number += 1
            units = 4 if (row + column) % 3 == 0 else 3
            shift = 1.5 * ((row * 2 + column) % 3 - 1)
            _slab(drawing, (x, y + shift), units, f"{number}号楼", levels=5 if row == 0 else 6, cell=cell)
    for x, y in TOWERS:
        number += 1
        _tower(drawing, (float(x), float(y)), f"{number}号楼")
    _hall(drawing, (34, 34), 45, 16, {"building": "retail", "name": "便民市场", "building:levels": "1"})
    _hall(drawing, (232, 36), 20, 11, {"building": "clinic", "name": "卫生站", "building:levels": "2"})
    _hall(drawing, (258, 36), 19, 11, {"building": "public", "name": "居委会", "building:levels": "2"})
    _hall(drawing, (348, 112), 38, 14, {"building": "kindergarten", "name": "幼儿园", "building:levels": "2"})
    _hall(drawing, (222, 3), 9, 5, {"building": "gatehouse", "name": "门卫室", "building:levels": "1"})
    _hall(drawing, (184, 3), 18, 7, {"building": "kiosk", "name": "快递驿站", "building:levels": "1"})
    for x, y in ((60, 298), (200, 297), (409, 120)):
        _hall(drawing, (x, y), 8, 4, {"building": "shed"}, has_door=False)


def _slab(
    drawing: Drawing, at: Point, units: int, label: str, *, levels: int, cell: tuple[float, float]
) -> None:
    """A slab that looks south, its stairs standing out of the north wall with a door each."""
    x, y = at
    width = SLAB_M / units
    north: list[Point] = []
    doors: list[Point] = []
    for unit in range(units):
        middle = x + width * (unit + 0.5)
        door = (middle, y + DEPTH_M + 1.2)
        doors.append(door)
        north += [
            (middle - 1.6, y + DEPTH_M),
            (middle - 1.6, y + DEPTH_M + 1.2),
            door,
            (middle + 1.6, y + DEPTH_M + 1.2),
            (middle + 1.6, y + DEPTH_M),
        ]
    outline = [(x, y), (x, y + DEPTH_M), *north, (x + SLAB_M, y + DEPTH_M), (x + SLAB_M, y)]
    tags = {"building": "apartments", "addr:housenumber": label, "building:levels": str(levels)}
    drawing.area(outline, tags)
    if cell == WITHOUT_DOORS:
        return
    for unit, door in enumerate(doors, start=1):
        off = (door[0], door[1] + 1.8) if cell == DOOR_OFF_WALL else door
        drawing.node(off, {"entrance": "staircase", "ref": f"{unit}单元"})


def _tower(drawing: Drawing, at: Point, label: str) -> None:
    """A point block with cut corners and one lobby to the north."""
    x, y = at
    a, b, side = 6.0, 16.0, 22.0
    outline = [(x + a, y), (x + a, y + 3), (x, y + 3), (x, y + b), (x + a, y + b), (x + a, y + side)]
    outline += [(x + 11, y + side), (x + b, y + side), (x + b, y + b), (x + side, y + b)]
    outline += [(x + side, y + 3), (x + b, y + 3), (x + b, y)]
    tags = {"building": "apartments", "addr:housenumber": label, "building:levels": "18"}
    drawing.area(outline, tags)
    drawing.node((x + 11, y + side), {"entrance": "main", "ref": "1单元"})


def _hall(
    drawing: Drawing, at: Point, width: float, depth: float, tags: Tags, *, has_door: bool = True
) -> None:
    x, y = at
    door = (x + width / 2, y + depth)
    drawing.area([(x, y), (x, y + depth), door, (x + width, y + depth), (x + width, y)], tags)
    if has_door:
        drawing.node(door, {"entrance": "main"})


def _gates_and_barriers(drawing: Drawing) -> None:
    drawing.node((AXIS, 0), {"barrier": "lift_gate", "name": "南门", "name:en": "South gate"})
    drawing.node((0, CROSS), {"barrier": "gate", "name": "西门", "name:en": "West gate"})
    # Mapped beside its path, as one gate in three is in the real extracts.
    drawing.node((419, 303), {"barrier": "wicket_gate", "name": "北小门", "name:en": "North wicket"})
    drawing.node((140.5, 100), {"barrier": "bollard"})
    _put_on_lanes(drawing, [(AXIS, 0.0), (0.0, CROSS), (140.5, 100.0)])


def _put_on_lanes(drawing: Drawing, points: list[Point]) -> None:
    """Make each point a member of the lane that runs through it."""
    places = {number: place for place, number in drawing.nodes.items()}
    for point in points:
        for refs, tags in drawing.ways:
            line = LineString([places[ref] for ref in refs])
            if "highway" in tags and line.distance(Spot(point)) < 0.01:
                along = line.project(Spot(point))
                before = [ref for ref in refs if line.project(Spot(places[ref])) < along]
                refs.insert(len(before), drawing.node(point))
                break


def _green(drawing: Drawing) -> None:
    lake = [(240, 172), (262, 164), (296, 168), (318, 178), (308, 190), (284, 195), (258, 193), (242, 186)]
    drawing.area([(float(x), float(y)) for x, y in lake], {"natural": "water", "name": "小荷池"})
    drawing.area([(226, 158), (334, 158), (334, 201), (226, 201)], {"leisure": "garden", "name": "中心花园"})
    drawing.area([(350, 156), (396, 156), (396, 176), (350, 176)], {"leisure": "playground", "name": "乐园"})


def main() -> None:
    """Write the file beside this one."""
    TARGET.write_text(draw().to_xml(), encoding="utf-8")


if __name__ == "__main__":
    main()
