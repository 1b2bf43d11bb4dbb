"""Where compounds stand: a grid of lanes made by a seed, or the lanes and buildings of an OpenStreetMap extract."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import osmium
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dispatch.problem import Lane, Node, StandingPoint
from dispatch.reading import BadProblem

COLUMNS, ROWS, PITCH_M, BUILDINGS = 9, 6, 40.0, 40
# Widths in centimetres, by the kind of way; whatever is wide enough for a cart is taken for a fire lane.
WIDTHS = {"footway": 180, "path": 150, "steps": 150, "pedestrian": 300, "cycleway": 200}
ROAD_CM, FIRE_LANE_CM = 400, 300
STANDING_EVERY_M = 60.0
EARTH_M = 6_371_000


@dataclass(frozen=True)
class Ground:
    """Lanes, the doors on them, standing points, and the gate where everybody starts."""

    name: str
    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    doors: tuple[str, ...]
    points: tuple[StandingPoint, ...]
    gate: str


def grid(rng: random.Random) -> Ground:
    """Return a 9 by 6 grid with dead ends and 40 buildings."""
    crossings = [Node(f"n{c}-{r}", c * PITCH_M, r * PITCH_M) for c in range(COLUMNS) for r in range(ROWS)]
    lanes = _grid_lanes(rng)
    doors = []
    for building in range(BUILDINGS):
        beside = crossings[rng.randrange(len(crossings))]
        door = Node(f"door{building}", beside.x_m + rng.uniform(5, 18), beside.y_m + rng.uniform(5, 18))
        length = abs(door.x_m - beside.x_m) + abs(door.y_m - beside.y_m)
        lanes.append(Lane(f"path{building}", beside.id, door.id, length, 100))
        doors.append(door)
    points = tuple(
        StandingPoint(f"s{i}", f"n{c}-{r}")
        for i, (c, r) in enumerate((c, r) for c in range(0, 9, 2) for r in range(0, 6, 2))
    )
    nodes = (*crossings, *doors)
    return Ground("grid", nodes, tuple(lanes), tuple(door.id for door in doors), points, "n0-0")


def _grid_lanes(rng: random.Random) -> list[Lane]:
    lanes = []
    for c in range(COLUMNS):
        for r in range(ROWS):
            is_main = c % 2 == 0 or r % 2 == 0
            width = 400 if is_main else 180
            if c + 1 < COLUMNS and (r % 2 == 0 or rng.random() < 0.7):
                lanes.append(
                    Lane(f"h{c}-{r}", f"n{c}-{r}", f"n{c + 1}-{r}", PITCH_M, width, is_fire_lane=is_main)
                )
            if r + 1 < ROWS and (c % 2 == 0 or rng.random() < 0.7):
                lanes.append(
                    Lane(f"v{c}-{r}", f"n{c}-{r}", f"n{c}-{r + 1}", PITCH_M, width, is_fire_lane=is_main)
                )
    return lanes


def extract(file: Path) -> Ground:
    """Return the largest connected network of an OpenStreetMap extract, with a door where each building is nearest.

    Everybody starts at its southernmost crossing. Raises BadProblem for a file without ways and buildings.
    """
    ways, buildings = _read(file)
    if not ways or not buildings:
        raise BadProblem(f"{file} has no ways or no buildings")
    places, pieces = _largest(ways)
    nodes = tuple(Node(name, x, y) for name, (x, y) in sorted(places.items()))
    lanes = tuple(
        Lane(
            f"w{nth}",
            a,
            b,
            math.dist(places[a], places[b]),
            WIDTHS.get(kind, ROAD_CM),
            is_fire_lane=WIDTHS.get(kind, ROAD_CM) >= FIRE_LANE_CM,
            steps=round(math.dist(places[a], places[b]) / 0.3) if kind == "steps" else 0,
        )
        for nth, (a, b, kind) in enumerate(pieces)
    )
    nearest = {min(places, key=lambda name: math.dist(places[name], at)) for at in buildings}
    roads = sorted(
        {end for a, b, kind in pieces if WIDTHS.get(kind, ROAD_CM) >= FIRE_LANE_CM for end in (a, b)}
    )
    points: list[str] = []
    for road in roads:
        if all(math.dist(places[road], places[other]) >= STANDING_EVERY_M for other in points):
            points.append(road)
    gate = min(roads or sorted(places), key=lambda name: (places[name][1], name))
    standing = tuple(StandingPoint(f"s{nth}", name) for nth, name in enumerate(points))
    return Ground(file.parent.name, nodes, lanes, tuple(sorted(nearest)), standing, gate)


Way = tuple[str, list[tuple[str, float, float]]]
Piece = tuple[str, str, str]
Places = dict[str, tuple[float, float]]


def _read(file: Path) -> tuple[list[Way], list[tuple[float, float]]]:
    """Return ways as (kind, points) and the buildings' middles, in metres from the first point."""
    ways: list[Way] = []
    buildings = []
    origin: tuple[float, float] | None = None
    try:
        for entity in osmium.FileProcessor(str(file)).with_locations():
            if not entity.is_way() or not ("highway" in entity.tags or "building" in entity.tags):
                continue
            points = []
            for node in entity.nodes:
                if node.location.valid():
                    origin = origin or (node.lat, node.lon)
                    north = math.radians(node.lat - origin[0]) * EARTH_M
                    east = math.radians(node.lon - origin[1]) * EARTH_M * math.cos(math.radians(origin[0]))
                    points.append((f"o{node.ref}", east, north))
            if "highway" in entity.tags:
                ways.append((entity.tags["highway"], points))
            elif points:
                count = len(points)
                buildings.append((sum(p[1] for p in points) / count, sum(p[2] for p in points) / count))
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise BadProblem(f"{file}: {error}") from None
    return ways, buildings


def _largest(ways: list[Way]) -> tuple[Places, list[Piece]]:
    """Return the places and pieces of way of the largest connected network."""
    places = {name: (x, y) for _, points in ways for name, x, y in points}
    names = sorted(places)
    number = {name: nth for nth, name in enumerate(names)}
    pieces = [(a[0], b[0], kind) for kind, points in ways for a, b in pairwise(points) if a[0] != b[0]]
    rows, columns = [number[a] for a, _, _ in pieces], [number[b] for _, b, _ in pieces]
    _, of = connected_components(
        coo_matrix(([1] * len(pieces), (rows, columns)), shape=(len(names), len(names))), directed=False
    )
    sizes: dict[int, int] = defaultdict(int)
    for component in of:
        sizes[int(component)] += 1
    largest = max(sizes, key=lambda one: sizes[one])
    kept = {name for name in names if of[number[name]] == largest}
    return {name: places[name] for name in kept}, [piece for piece in pieces if piece[0] in kept]
