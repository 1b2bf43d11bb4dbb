"""Writing a survey down: all of it in one transaction, keeping what is there already."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.places.events import PlacesImported
from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.core.places.rules import hanging, joining, keeping
from server.core.places.rules.keeping import KeptLane
from server.core.places.rules.lanes import Network as Drawn
from server.core.places.rules.survey import Projection, Survey, SurveyedLane
from server.core.places.service.naming import rename_homes
from server.core.places.service.standing import propose_anew
from server.kit.audit import record
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def import_map(session: Session, actor: Actor, community: CommunityRef, survey: Survey) -> dict[str, Any]:
    """Write the survey into the community and return its figures.

    Things are known again by their name in the map: they keep their ids, numbers that were given to them, lanes their
    marks and closings, gates what was set by hand, entrances their homes. What the new map lacks is removed, unless
    something hangs on it: an entrance with homes stays and is joined to the nearest lane.
    """
    network = session.get(Network, community.id)
    if network is None:
        network = Network(community_id=community.id, version=0, latitude=0.0, longitude=0.0)
        session.add(network)
    else:
        _move(session, network, survey.projection)
    network.version += 1
    network.latitude, network.longitude = survey.projection.latitude, survey.projection.longitude
    network.outline = [list(point) for point in survey.outline]
    network.attribution = survey.attribution
    network.scenery = [
        {"kind": area.kind, "label": area.label, "outline": [list(p) for p in area.outline]}
        for area in survey.scenery
    ]
    writer = _Writer(session, community.id)
    nodes = writer.write(Node, {n.ref: {"x_m": n.at[0], "y_m": n.at[1]} for n in survey.nodes})
    inherited = _inherited(session, community.id, survey)
    writer.write(
        Lane,
        {lane.ref: {**OPEN, **_lane(lane, nodes), **inherited.get(lane.ref, {})} for lane in survey.lanes},
    )
    _write_doors(session, writer, community.id, survey, nodes)
    writer.write(
        Gate, {g.ref: _gate(g, nodes, i) for i, g in enumerate(survey.gates, start=1)}, once=GATE_ONCE
    )
    removed = _remove_gone(session, community.id, survey)
    kept = _rejoin_kept(session, community.id, survey)
    network.findings = survey.findings.to_json()
    propose_anew(session, community.id)
    session.flush()
    facts = {"removed": removed, "network_version": network.version}
    record(session, actor, community.id, "places.imported", ("network", None), facts=facts)
    emit(session, PlacesImported(community.id, network_version=network.version))
    return {**survey.summary(), **facts, "kept": kept}


# What people may have changed since: a known gate keeps it.
GATE_ONCE = frozenset(["label", "takes_goods"])


class _Writer:
    """Inserts or updates rows of one community by their ``ref``."""

    def __init__(self, session: Session, community_id: UUID) -> None:
        self.session = session
        self.community_id = community_id

    def write(
        self,
        table: Any,
        wanted: dict[str, dict[str, Any]],
        *,
        once: frozenset[str] = frozenset(),
    ) -> dict[str, UUID]:
        """Write the rows and return ref → id. ``once``: columns that are set for new rows only."""
        known = {row.ref: row for row in _rows(self.session, table, self.community_id)}
        for ref, values in wanted.items():
            row = known.get(ref)
            if row is None:
                known[ref] = table(community_id=self.community_id, ref=ref, **values)
                self.session.add(known[ref])
                continue
            for column, value in values.items():
                if column not in once:
                    setattr(row, column, value)
        self.session.flush()
        return {ref: known[ref].id for ref in wanted}


def _write_doors(
    session: Session, writer: _Writer, community_id: UUID, survey: Survey, nodes: dict[str, UUID]
) -> None:
    """Write buildings and entrances under labels that stay, and call the homes behind them accordingly."""
    old = _rows(session, Building, community_id)
    labels = keeping.labels_of(((b.ref, b.label, b.is_numbered) for b in survey.buildings), *_known(old))
    buildings = writer.write(
        Building,
        {
            b.ref: {
                "label": labels[b.ref],
                "outline": [list(point) for point in b.outline],
                "levels": b.levels,
                "use": b.use[:40],
            }
            for b in survey.buildings
        },
    )
    doors: dict[UUID, list[Entrance]] = {}
    for row in _rows(session, Entrance, community_id):
        doors.setdefault(row.building_id, []).append(row)
    wanted: dict[str, dict[str, Any]] = {}
    for building in survey.buildings:
        here = [e for e in survey.entrances if e.building_ref == building.ref]
        names = keeping.labels_of(
            ((e.ref, e.label, e.is_labelled) for e in here),
            *_known(doors.get(buildings[building.ref], [])),
        )
        for e in here:
            wanted[e.ref] = {
                "building_id": buildings[building.ref],
                "node_id": nodes[e.node_ref],
                "label": names[e.ref],
                "is_assumed": e.is_assumed,
            }
    writer.write(Entrance, wanted)
    rename_homes(session, community_id)


def _known(rows: Iterable[Building | Entrance]) -> tuple[dict[str, str], frozenset[str]]:
    """Return the labels so far, and the names of those that were labelled by hand."""
    listed = list(rows)
    return {row.ref: row.label for row in listed}, frozenset(row.ref for row in listed if row.is_named)


def _move(session: Session, network: Network, projection: Projection) -> None:
    """Measure what is there already from the new map's origin, so that old and new lie on one drawing."""
    before = Projection(network.latitude, network.longitude)
    if (before.latitude, before.longitude) == (projection.latitude, projection.longitude):
        return

    def moved(point: Any) -> list[float]:
        return list(projection.to_metres(*before.to_degrees((point[0], point[1]))))

    for node in _rows(session, Node, network.community_id):
        node.x_m, node.y_m = moved((node.x_m, node.y_m))
    for lane in _rows(session, Lane, network.community_id):
        lane.points = [moved(point) for point in lane.points]
    for building in _rows(session, Building, network.community_id):
        building.outline = [moved(point) for point in building.outline]


OPEN = {"state": "open", "closed_by": None, "closed_reason": None, "closed_until": None}


def _inherited(session: Session, community_id: UUID, survey: Survey) -> dict[str, dict[str, Any]]:
    """Return what people have said of lanes, also of those that are cut otherwise now: new ref → columns."""
    refs = {row.id: row.ref for row in _rows(session, Node, community_id)}
    old = [row for row in _rows(session, Lane, community_id) if row.is_marked or row.state == "closed"]
    heirs = keeping.heirs(
        [
            KeptLane(row.ref, (refs[row.from_node], refs[row.to_node]), tuple((x, y) for x, y in row.points))
            for row in old
        ],
        [KeptLane(lane.ref, (lane.from_ref, lane.to_ref), lane.points) for lane in survey.lanes],
    )
    by_ref = {row.ref: row for row in old}
    found = {}
    for new, of in heirs.items():
        row = by_ref[of]
        columns = [*OPEN, *((*keeping.MARKS, "is_marked") if row.is_marked else ())]
        found[new] = {column: getattr(row, column) for column in columns}
    return found


def _lane(lane: SurveyedLane, nodes: dict[str, UUID]) -> dict[str, Any]:
    return {
        "from_node": nodes[lane.from_ref],
        "to_node": nodes[lane.to_ref],
        "points": [list(point) for point in lane.points],
        "length_m": lane.length_m,
        "kind": lane.kind,
        "name": lane.name[:120],
        "surface": lane.surface[:40],
        "width_cm": lane.width_cm,
        "is_fire_lane": lane.is_fire_lane,
        "is_oneway": lane.is_oneway,
        "steps": lane.steps,
        "is_marked": lane.is_marked,
    }


def _gate(gate: Any, nodes: dict[str, UUID], number: int) -> dict[str, Any]:
    return {
        "node_id": nodes[gate.node_ref],
        "label": gate.label or str(number),
        "kind": gate.kind[:20],
        "takes_goods": gate.takes_goods,
    }


def _remove_gone(session: Session, community_id: UUID, survey: Survey) -> int:
    """Delete what the new map lacks, in the order of references; return how many things went.

    What others still refer to stays: homes on an entrance, a courier's route that ends at a node. An old node without
    lanes does no harm.
    """
    gone = _gone(session, Entrance, community_id, (e.ref for e in survey.entrances))
    with_homes = set(session.scalars(select(Home.entrance_id).where(Home.community_id == community_id)))
    removed = _delete_free(session, [row for row in gone if row.id not in with_homes])
    removed += _delete_free(session, _gone(session, Gate, community_id, (g.ref for g in survey.gates)))
    removed += _delete_free(session, _gone(session, Lane, community_id, (lane.ref for lane in survey.lanes)))
    nodes = _gone(session, Node, community_id, (n.ref for n in survey.nodes))
    lost = {row.id for row in nodes}
    points = [row for row in _rows(session, StandingPoint, community_id) if row.node_id in lost]
    _delete_free(session, points)
    kept = {row.building_id for row in _rows(session, Entrance, community_id)}
    buildings = _gone(session, Building, community_id, (b.ref for b in survey.buildings))
    removed += _delete_free(session, [row for row in buildings if row.id not in kept])
    held = {row.node_id for table in (Entrance, Gate) for row in _rows(session, table, community_id)}
    _delete_free(session, [row for row in nodes if row.id not in held])
    return removed


def _delete_free(session: Session, rows: list[Any]) -> int:
    """Delete the rows, all at once if nothing refers to any, else one by one as far as possible; return how many."""
    if not rows:
        return 0
    try:
        with session.begin_nested():
            for row in rows:
                session.delete(row)
            session.flush()
        return len(rows)
    except IntegrityError:
        if len(rows) == 1:
            return 0
    half = len(rows) // 2
    return _delete_free(session, rows[:half]) + _delete_free(session, rows[half:])


def _rejoin_kept(session: Session, community_id: UUID, survey: Survey) -> int:
    """Join entrances and gates that stayed without being in the new map to the nearest node of its lanes."""
    drawn = Drawn({n.ref: n.at for n in survey.nodes}, list(survey.lanes))
    doors = {e.node_ref for e in survey.entrances}
    main = {ref for ref in joining.components(drawn)[0] if ref not in doors}
    nodes = {row.ref: row for row in _rows(session, Node, community_id)}
    by_id = {row.id: row for row in nodes.values()}
    kept = _gone(session, Entrance, community_id, (e.ref for e in survey.entrances))
    kept += _gone(session, Gate, community_id, (g.ref for g in survey.gates))
    for row in kept:
        node = by_id[row.node_id]
        if node.ref in main:
            continue
        at = (node.x_m, node.y_m)
        foot = min(sorted(main), key=lambda ref: math.dist(drawn.nodes[ref], at))
        values = _lane(
            hanging.approach(node.ref, at, foot, drawn.nodes[foot]), {k: v.id for k, v in nodes.items()}
        )
        session.add(Lane(community_id=community_id, ref=f"door.{node.ref}", **values))
        survey.findings.add("entrance_kept", row.ref)
    session.flush()
    return len(kept)


def _rows(session: Session, table: Any, community_id: UUID) -> list[Any]:
    return list(session.scalars(select(table).where(table.community_id == community_id)))


def _gone(session: Session, table: Any, community_id: UUID, refs: Iterable[str]) -> list[Any]:
    staying = set(refs)
    return [row for row in _rows(session, table, community_id) if row.ref not in staying]
