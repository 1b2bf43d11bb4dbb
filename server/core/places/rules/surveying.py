"""From a raw map to a surveyed compound: its buildings and lanes, with doors and gates hung onto them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from shapely.geometry import Polygon

from server.core.places.rules import hanging, joining
from server.core.places.rules.lanes import Network, build_network, split_at
from server.core.places.rules.osm import ATTRIBUTION, RawMap, is_building
from server.core.places.rules.outline import Locate, areas, find_outline, projection_of, scenery
from server.core.places.rules.survey import (
    Findings,
    Projection,
    Survey,
    SurveyedBuilding,
    SurveyedEntrance,
    SurveyedGate,
    SurveyedNode,
)
from server.kit.errors import Refused

SMALLEST_BUILDING_M2 = 12.0


def survey(raw: RawMap, *, within: str | None = None, locate: Locate | None = None) -> Survey:
    """Survey a compound.

    ``within``: the name of an area or place in the map, or an address that ``locate`` turns into (latitude,
    longitude). Raises Refused: places.within_not_found, places.within_elsewhere, places.no_lanes,
    places.no_buildings, places.no_gate.
    """
    projection, findings = projection_of(raw), Findings()
    outline, is_drawn = find_outline(raw, projection, within, locate) if within else (None, False)
    if outline is not None:
        # Measured anew around the compound itself, so that its metres are right.
        whole = projection
        projection = Projection(*whole.to_degrees((outline.centroid.x, outline.centroid.y)))
        corners = [whole.to_degrees(corner) for corner in outline.exterior.coords]
        outline = Polygon([projection.to_metres(*corner) for corner in corners])
    buildings, walls = _buildings(raw, projection, outline, findings)
    if not buildings:
        raise Refused("places.no_buildings", within=within)
    area = outline.buffer(hanging.BESIDE_M) if outline is not None else None
    network = build_network(raw, projection, area, findings)
    if not network.lanes:
        raise Refused("places.no_lanes", within=within)
    count = joining.join_components(network, walls.values(), findings)
    gates, entrances = _hang_all(raw, projection, network, buildings, walls, (outline, is_drawn), findings)
    if not gates:
        raise Refused("places.no_gate", within=within)
    return Survey(
        projection=projection,
        outline=_rounded(outline) if outline is not None else (),
        buildings=tuple(buildings),
        nodes=tuple(SurveyedNode(ref, network.nodes[ref]) for ref in sorted(network.nodes)),
        lanes=tuple(network.lanes),
        entrances=tuple(entrances),
        gates=tuple(gates),
        findings=findings,
        components=count,
        attribution=ATTRIBUTION,
        scenery=scenery(raw, projection, outline),
    )


def _buildings(
    raw: RawMap, projection: Projection, outline: Polygon | None, findings: Findings
) -> tuple[list[SurveyedBuilding], dict[str, Polygon]]:
    shapes = [(tags["@ref"], tags, shape) for tags, shape in areas(raw, projection) if is_building(tags)]
    buildings: list[SurveyedBuilding] = []
    walls: dict[str, Polygon] = {}
    streets: dict[str, str] = {}
    for ref, tags, shape in sorted(shapes, key=lambda item: (-item[2].centroid.y, item[2].centroid.x)):
        if shape.area < SMALLEST_BUILDING_M2 or ref in walls:
            continue
        if outline is not None and not outline.contains(shape.centroid):
            continue
        label = _label(tags)
        levels = tags.get("building:levels", "")
        walls[ref], streets[ref] = shape, tags.get("addr:place") or tags.get("addr:street", "")
        buildings.append(
            SurveyedBuilding(
                ref=ref,
                label=label,
                is_numbered=bool(label),
                outline=_rounded(shape),
                levels=int(levels) if levels.isdecimal() and len(levels) < 4 else 0,
                use=tags["building"],
            )
        )
    return _numbered(buildings, streets, findings), walls


def _label(tags: dict[str, str]) -> str:
    for key in ("addr:housenumber", "ref", "name", "addr:housename"):
        if tags.get(key, "").strip():
            return " ".join(tags[key].split())[:30]
    return ""


def _numbered(
    buildings: list[SurveyedBuilding], streets: dict[str, str], findings: Findings
) -> list[SurveyedBuilding]:
    """Give every building a label of its own: homes are named after it."""
    count = Counter(building.label for building in buildings)
    used: Counter[str] = Counter()
    numbered = []
    for building in buildings:
        label = building.label
        if not label:
            findings.add("building_unnumbered", building.ref)
            used["#"] += 1
            label = f"#{used['#']}"
        elif count[label] > 1:
            findings.add("building_number_twice", building.ref)
            label = f"{streets[building.ref]}{label}"[:34]
        used[label] += 1
        if used[label] > 1:
            label = f"{label}({used[label]})"
        numbered.append(replace(building, label=label))
    return numbered


def _hang_all(
    raw: RawMap,
    projection: Projection,
    network: Network,
    buildings: list[SurveyedBuilding],
    walls: dict[str, Polygon],
    outline: tuple[Polygon | None, bool],
    findings: Findings,
) -> tuple[list[SurveyedGate], list[SurveyedEntrance]]:
    hooks = hanging.Hooks(network, joining.components(network)[0])
    gates = hanging.find_gates(raw, projection, hooks, *outline, findings)
    doors = hanging.find_doors(raw, projection, buildings, walls, hooks, outline[0], findings)
    entrances, approaches = hanging.hang_doors(doors, walls, hooks, findings)
    split_at(network, hooks.spots)
    network.lanes.extend(approaches)
    return hanging.with_goods(gates, network), entrances


def _rounded(shape: Polygon) -> tuple[tuple[float, float], ...]:
    return tuple((round(x, 2), round(y, 2)) for x, y in shape.exterior.coords)
