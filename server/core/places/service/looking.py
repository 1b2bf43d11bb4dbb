"""Asking about places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.core.places.rules import hours
from server.core.places.rules.survey import Projection
from server.kit import clock
from server.kit.errors import NotFound, Refused
from server.kit.tenancy import CommunityRef

# What people write between building, unit and door.
BETWEEN = re.compile(r"(?:[\s\-—–,，、/.]|号楼|号|楼|栋|幢|单元|室)+")


@dataclass(frozen=True)
class Site:
    """Where an entrance, and any home behind it, is."""

    entrance_id: UUID
    building_id: UUID
    node_id: UUID
    x_m: float
    y_m: float
    label: str
    floor: int = 1
    door: str = ""
    shelf_parcels: int = 0
    grid_area_id: UUID | None = None


@dataclass(frozen=True)
class NetworkData:
    """The lanes as plain data for planning: rows as in the tables."""

    version: int
    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    standing_points: tuple[StandingPoint, ...]


@dataclass(frozen=True)
class Doorway:
    """An entrance and its building, by what they are called."""

    id: UUID
    label: str
    building_id: UUID
    building: str


def doorways(session: Session, community_id: UUID) -> list[Doorway]:
    """Return all entrances of the community with their buildings."""
    rows = session.execute(
        select(Entrance.id, Entrance.label, Building.id, Building.label)
        .join(Building, Building.id == Entrance.building_id)
        .where(Entrance.community_id == community_id)
        .order_by(Building.label, Entrance.label, Entrance.id)
    )
    return [Doorway(*row) for row in rows]


def count_homes(
    session: Session, community_id: UUID, homes: Select[UUID], *, by: Literal["entrance", "grid"]
) -> dict[UUID, int]:
    """Count the homes that a query names, by entrance or by grid; those without one are left out.

    A query, not its ids: a whole compound may be meant.
    """
    key = Home.entrance_id if by == "entrance" else Home.grid_area_id
    rows = session.execute(
        select(key, func.count()).where(Home.community_id == community_id, Home.id.in_(homes)).group_by(key)
    )
    return {area_id: count for area_id, count in rows if area_id is not None}


def homes_of_grid(community_id: UUID, grid_id: UUID) -> Select[UUID]:
    """Return the query for the homes of a grid, to be asked within another query."""
    return select(Home.id).where(Home.community_id == community_id, Home.grid_area_id == grid_id)


def homes_behind(session: Session, community_id: UUID, entrance_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return home → entrance for the homes behind some entrances."""
    rows = session.execute(
        select(Home.id, Home.entrance_id).where(
            Home.community_id == community_id, Home.entrance_id.in_(list(entrance_ids))
        )
    )
    return {row.id: row.entrance_id for row in rows}


def home(session: Session, community_id: UUID, home_id: UUID) -> Home:
    """Return the home. Raises NotFound."""
    found = session.scalars(select(Home).where(Home.community_id == community_id, Home.id == home_id)).first()
    if found is None:
        raise NotFound("places.home_not_found")
    return found


def entrance(session: Session, community_id: UUID, entrance_id: UUID) -> Entrance:
    """Return the entrance. Raises NotFound."""
    found = session.scalars(
        select(Entrance).where(Entrance.community_id == community_id, Entrance.id == entrance_id)
    ).first()
    if found is None:
        raise NotFound("places.entrance_not_found")
    return found


def home_labels(session: Session, community_id: UUID, home_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return each home's label; homes of other communities are left out."""
    rows = session.execute(
        select(Home.id, Home.label).where(Home.community_id == community_id, Home.id.in_(list(home_ids)))
    )
    return {row.id: row.label for row in rows}


def homes_of_entrance(session: Session, community_id: UUID, entrance_id: UUID) -> list[Home]:
    """Return the homes behind an entrance, by floor and door."""
    return list(
        session.scalars(
            select(Home)
            .where(Home.community_id == community_id, Home.entrance_id == entrance_id)
            .order_by(Home.floor, Home.door)
        )
    )


def homes_page(
    session: Session, community_id: UUID, *, query: str = "", entrance_id: UUID | None = None, limit: int = 50
) -> list[Home]:
    """Return homes whose label has the parts of ``query`` in their order: "12-1-502" finds 12号楼-1单元-502.

    Words for building, unit and door are not looked at: people say 号楼, 栋 or 幢.

    Those that begin with the first part come first, the shortest of them before all: 1号楼 before 11号楼.
    """
    wanted = select(Home).where(Home.community_id == community_id)
    parts = [
        part.replace("/", "//").replace("%", "/%").replace("_", "/_") for part in BETWEEN.split(query) if part
    ]
    in_order = "%".join(parts) + "%"
    if parts:
        wanted = wanted.where(Home.label.like(f"%{in_order}", escape="/"))
    if entrance_id is not None:
        wanted = wanted.where(Home.entrance_id == entrance_id)
    starts = Home.label.like(in_order, escape="/")
    ordered = wanted.order_by(starts.desc(), func.length(Home.label), Home.label)
    return list(session.scalars(ordered.limit(min(limit, 5000))))


def sites_of_homes(session: Session, community_id: UUID, home_ids: Iterable[UUID]) -> dict[UUID, Site]:
    """Return where each home is."""
    # Columns, not rows: thousands of homes are asked for at once, and nobody changes them here.
    rows = session.execute(
        select(
            Home.id,
            Home.label,
            Home.floor,
            Home.door,
            Home.grid_area_id,
            Entrance.id.label("entrance_id"),
            Entrance.building_id,
            Entrance.shelf_parcels,
            Node.id.label("node_id"),
            Node.x_m,
            Node.y_m,
        )
        .join(Entrance, Entrance.id == Home.entrance_id)
        .join(Node, Node.id == Entrance.node_id)
        .where(Home.community_id == community_id, Home.id.in_(list(home_ids)))
    )
    return {
        row.id: Site(
            entrance_id=row.entrance_id,
            building_id=row.building_id,
            node_id=row.node_id,
            x_m=row.x_m,
            y_m=row.y_m,
            label=row.label,
            floor=row.floor,
            door=row.door,
            shelf_parcels=row.shelf_parcels,
            grid_area_id=row.grid_area_id,
        )
        for row in rows
    }


def sites_of_entrances(
    session: Session, community_id: UUID, entrance_ids: Iterable[UUID]
) -> dict[UUID, Site]:
    """Return where each entrance is."""
    rows = session.execute(
        select(Entrance, Node, Building.label)
        .join(Node, Node.id == Entrance.node_id)
        .join(Building, Building.id == Entrance.building_id)
        .where(Entrance.community_id == community_id, Entrance.id.in_(list(entrance_ids)))
    )
    return {
        door.id: Site(
            entrance_id=door.id,
            building_id=door.building_id,
            node_id=node.id,
            x_m=node.x_m,
            y_m=node.y_m,
            label=f"{building}-{door.label}",
            shelf_parcels=door.shelf_parcels,
        )
        for door, node, building in rows
    }


def entrances_in_use(session: Session, community_id: UUID) -> list[tuple[UUID, UUID, int]]:
    """Return (entrance, its node, how many homes are behind it) of all entrances with homes, by id."""
    rows = session.execute(
        select(Entrance.id, Entrance.node_id, func.count(Home.id))
        .join(Home, Home.entrance_id == Entrance.id)
        .where(Entrance.community_id == community_id)
        .group_by(Entrance.id, Entrance.node_id)
        .order_by(Entrance.id)
    )
    return [(entrance_id, node_id, homes) for entrance_id, node_id, homes in rows]


def goods_gate(session: Session, community_id: UUID) -> Gate:
    """Return the open gate where goods come in; the first by label. Raises Refused if there is none."""
    gate = session.scalars(
        select(Gate)
        .where(Gate.community_id == community_id, Gate.is_open, Gate.takes_goods)
        .order_by(Gate.label, Gate.ref)
    ).first()
    if gate is None:
        raise Refused("places.no_open_gate")
    return gate


def gate_site(session: Session, community_id: UUID, gate_id: UUID) -> tuple[Gate, Node]:
    """Return a gate and its node. Raises NotFound."""
    row = session.execute(
        select(Gate, Node)
        .join(Node, Node.id == Gate.node_id)
        .where(Gate.community_id == community_id, Gate.id == gate_id)
    ).first()
    if row is None:
        raise NotFound("places.gate_not_found")
    return row[0], row[1]


def network_version(session: Session, community_id: UUID) -> int:
    """Return the version of the lanes; 0 before any map was imported."""
    return session.scalar(select(Network.version).where(Network.community_id == community_id)) or 0


def network_data(session: Session, community_id: UUID) -> NetworkData:
    """Return the lanes for planning. Raises Refused before any map was imported."""
    network = session.get(Network, community_id)
    if network is None:
        raise Refused("places.no_map_yet")
    return NetworkData(
        version=network.version,
        nodes=tuple(session.scalars(select(Node).where(Node.community_id == community_id).order_by(Node.id))),
        lanes=tuple(session.scalars(select(Lane).where(Lane.community_id == community_id).order_by(Lane.id))),
        standing_points=tuple(
            session.scalars(
                select(StandingPoint)
                .where(StandingPoint.community_id == community_id)
                .order_by(StandingPoint.id)
            )
        ),
    )


def lane_names(session: Session, community_id: UUID, lane_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return each lane's name and its reference in the map."""
    rows = session.execute(
        select(Lane.id, Lane.name, Lane.ref).where(
            Lane.community_id == community_id, Lane.id.in_(list(lane_ids))
        )
    )
    return {row.id: (row.name, row.ref) for row in rows}


def own_places(session: Session, community_id: UUID) -> dict[str, tuple[float, float]]:
    """Return label → (latitude, longitude) of the community's buildings, entrances and gates; {} without a map."""
    network = session.get(Network, community_id)
    if network is None:
        return {}
    projection = Projection(network.latitude, network.longitude)
    doors = session.execute(
        select(Building.label, Entrance.label, Node.x_m, Node.y_m)
        .join(Entrance, Entrance.building_id == Building.id)
        .join(Node, Node.id == Entrance.node_id)
        .where(Building.community_id == community_id)
        .order_by(Building.label, Entrance.label.desc())
    )
    found: dict[str, tuple[float, float]] = {}
    for building, door, x_m, y_m in doors:
        found[building] = found[f"{building}-{door}"] = projection.to_degrees((x_m, y_m))
    gates = session.execute(
        select(Gate.label, Node.x_m, Node.y_m)
        .join(Node, Node.id == Gate.node_id)
        .where(Gate.community_id == community_id)
    )
    found.update({label: projection.to_degrees((x_m, y_m)) for label, x_m, y_m in gates})
    return found


def map_data(session: Session, community: CommunityRef) -> dict[str, Any]:
    """Return everything that the map page draws, in local metres. Raises Refused before any map was imported."""
    network = session.get(Network, community.id)
    if network is None:
        raise Refused("places.no_map_yet")
    data = network_data(session, community.id)
    nodes = {node.id: node for node in data.nodes}
    buildings = session.scalars(select(Building).where(Building.community_id == community.id)).all()
    entrances = session.scalars(select(Entrance).where(Entrance.community_id == community.id)).all()
    gates = session.scalars(select(Gate).where(Gate.community_id == community.id).order_by(Gate.label)).all()
    corners = [p for b in buildings for p in b.outline] + [[n.x_m, n.y_m] for n in data.nodes]
    xs, ys = [p[0] for p in corners] or [0.0], [p[1] for p in corners] or [0.0]
    return {
        "community": community.slug,
        "attribution": network.attribution,
        "network_version": network.version,
        "bounds": {"min_x_m": min(xs), "min_y_m": min(ys), "max_x_m": max(xs), "max_y_m": max(ys)},
        "outline": network.outline,
        "findings": network.findings,
        "scenery": network.scenery,
        "buildings": [
            {"id": b.id, "label": b.label, "outline": b.outline, "levels": b.levels, "use": b.use}
            for b in buildings
        ],
        "entrances": [
            {
                "id": e.id,
                "building_id": e.building_id,
                "label": e.label,
                "is_assumed": e.is_assumed,
                "shelf_parcels": e.shelf_parcels,
                **_at(nodes, e.node_id),
            }
            for e in entrances
        ],
        "gates": [
            {
                "id": g.id,
                "label": g.label,
                "is_open": g.is_open and hours.is_within(g.hours, clock.now(), community.zone),
                "is_open_by_hand": g.is_open,
                "takes_goods": g.takes_goods,
                "hours": g.hours,
                **_at(nodes, g.node_id),
            }
            for g in gates
        ],
        "lanes": [_lane(lane) for lane in data.lanes],
        "standing_points": [
            {"id": p.id, "is_proposed": p.is_proposed, "width_cm": p.width_cm, **_at(nodes, p.node_id)}
            for p in data.standing_points
        ],
    }


def _at(nodes: dict[UUID, Node], node_id: UUID) -> dict[str, float]:
    return {"x_m": nodes[node_id].x_m, "y_m": nodes[node_id].y_m}


def _lane(lane: Lane) -> dict[str, Any]:
    columns = [
        "id",
        "ref",
        "points",
        "kind",
        "name",
        "width_cm",
        "length_m",
        "is_fire_lane",
        "is_oneway",
        "steps",
        "state",
        "closed_reason",
        "closed_until",
    ]
    return {column: getattr(lane, column) for column in columns}
