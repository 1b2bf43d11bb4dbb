"""Which part of a map is meant: named areas, named places, addresses; and the scenery to draw around the lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as Spot
from shapely.ops import polygonize, unary_union

from server.core.places.rules.osm import RawMap, is_lane
from server.core.places.rules.survey import Projection, Scenery
from server.kit.errors import Refused

AROUND_ADDRESS_M = 350.0
NAMES = ("name", "name:zh", "name:en", "alt_name", "official_name")
SCENERY = {
    "natural": {"water": "water", "wood": "green", "scrub": "green"},
    "water": {"pond": "water", "lake": "water", "canal": "water"},
    "landuse": {"grass": "green", "forest": "green", "flowerbed": "green", "recreation_ground": "green"},
    "leisure": {
        "garden": "green",
        "park": "green",
        "pitch": "sport",
        "track": "sport",
        "playground": "play",
        "swimming_pool": "water",
    },
}

Locate = Callable[[str], tuple[float, float] | None]


def projection_of(raw: RawMap) -> Projection:
    """Return metres around the middle of the map's lanes."""
    of_lanes = [raw.nodes[r] for way in raw.ways if is_lane(way.tags) for r in way.refs if r in raw.nodes]
    points = of_lanes or list(raw.nodes.values())
    latitudes, longitudes = [p[0] for p in points], [p[1] for p in points]
    return Projection((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)


def find_outline(
    raw: RawMap, projection: Projection, name: str, locate: Locate | None
) -> tuple[Polygon, bool]:
    """Return the area of that name and True; else 350 m around the place or address of that name and False.

    The map itself is asked first, then ``locate``. Raises Refused: places.within_not_found, places.within_elsewhere.
    """
    wanted = name.strip().casefold()
    found = [
        shape
        for tags, shape in areas(raw, projection)
        if "building" not in tags and wanted in {tags.get(key, "").casefold() for key in NAMES}
    ]
    if found:
        return max(found, key=lambda shape: shape.area), True
    place = _place_in_map(raw, wanted) or (locate(name) if locate else None)
    if place is None:
        raise Refused("places.within_not_found", within=name, known=known_names(raw)[:20])
    circle = Spot(projection.to_metres(*place)).buffer(AROUND_ADDRESS_M, quad_segs=8)
    if not any(circle.contains(Spot(projection.to_metres(*at))) for at in raw.nodes.values()):
        raise Refused("places.within_elsewhere", within=name, latitude=place[0], longitude=place[1])
    return circle, False


def _place_in_map(raw: RawMap, wanted: str) -> tuple[float, float] | None:
    for node, tags in raw.node_tags.items():
        if node in raw.nodes and wanted in _called(tags):
            return raw.nodes[node]
    for way in raw.ways:
        if "highway" not in way.tags and wanted in _called(way.tags):
            points = [raw.nodes[r] for r in way.refs if r in raw.nodes]
            if points:
                return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
    return None


def _called(tags: dict[str, str]) -> set[str]:
    street, number = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
    names = {tags[key].casefold() for key in (*NAMES, "addr:full") if key in tags}
    if street and number:
        number = number.removesuffix("号")
        names |= {
            f"{street}{number}号".casefold(),
            f"{street} {number}".casefold(),
            f"{number} {street}".casefold(),
        }
    return names


def known_names(raw: RawMap) -> list[str]:
    """Return the names of the map's areas, so that a wrong one can be put right."""
    named = {
        tags["name"]
        for tags in [*(w.tags for w in raw.ways if w.is_closed), *(r.tags for r in raw.relations)]
        if "name" in tags and ("landuse" in tags or "place" in tags or "amenity" in tags)
    }
    return sorted(named, key=lambda name: (len(name), name))


def areas(raw: RawMap, projection: Projection) -> Iterator[tuple[dict[str, str], Polygon]]:
    """Yield the tags and shape of everything closed: ways, and relations put together from their outer ways.

    The tag ``@ref`` is the name of the object in the map.
    """
    for way in raw.ways:
        if way.is_closed:
            shape = _polygon([raw.nodes[r] for r in way.refs if r in raw.nodes], projection)
            if shape is not None:
                yield {**way.tags, "@ref": f"w{way.id}"}, shape
    ways = {way.id: way for way in raw.ways}
    for relation in raw.relations:
        lines = []
        for way_id in relation.outer:
            refs = ways[way_id].refs if way_id in ways else ()
            points = [projection.to_metres(*raw.nodes[r]) for r in refs if r in raw.nodes]
            if len(points) > 1:
                lines.append(LineString(points))
        for shape in polygonize(unary_union(lines)) if lines else ():
            yield {**relation.tags, "@ref": f"r{relation.id}"}, shape


def scenery(raw: RawMap, projection: Projection, outline: Polygon | None) -> tuple[Scenery, ...]:
    """Return water, greens and places to play, the largest first, so that the smaller are drawn upon them."""
    found = []
    for tags, shape in areas(raw, projection):
        kind = next((SCENERY[k][tags[k]] for k in SCENERY if tags.get(k) in SCENERY[k]), None)
        if kind is None or "building" in tags:
            continue
        seen = shape if outline is None else shape.intersection(outline)
        if isinstance(seen, Polygon) and seen.area > 1:
            points = tuple((round(x, 1), round(y, 1)) for x, y in seen.exterior.coords)
            found.append((seen.area, Scenery(kind, tags.get("name", "")[:40], points)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].outline)))


def _polygon(degrees: list[tuple[float, float]], projection: Projection) -> Polygon | None:
    points = [projection.to_metres(*p) for p in degrees]
    if len(points) < 4:
        return None
    shape = Polygon(points)
    if not shape.is_valid:
        shape = shape.buffer(0)
    return shape if isinstance(shape, Polygon) and not shape.is_empty else None
