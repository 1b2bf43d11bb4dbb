"""Writing a survey down: all of it in one transaction, keeping what is there already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.events import PlacesImported
from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.core.places.rules.survey import Survey
from server.core.places.service.marking import propose_anew
from server.kit.audit import record
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def import_map(session: Session, actor: Actor, community: CommunityRef, survey: Survey) -> dict[str, Any]:
    """Write the survey into the community and return its figures.

    Things are known again by their name in the map: they keep their ids, lanes their marks and closings, entrances
    their homes. What the new map lacks is removed, unless homes hang on it.
    """
    network = session.get(Network, community.id)
    if network is None:
        network = Network(community_id=community.id, version=0, latitude=0.0, longitude=0.0)
        session.add(network)
    network.version += 1
    network.latitude, network.longitude = survey.projection.latitude, survey.projection.longitude
    network.outline = [list(point) for point in survey.outline]
    network.attribution = survey.attribution
    network.findings = survey.findings.to_json()
    writer = _Writer(session, community.id)
    nodes = writer.write(Node, {n.ref: {"x_m": n.at[0], "y_m": n.at[1]} for n in survey.nodes})
    writer.write(Lane, {lane.ref: _lane(lane, nodes) for lane in survey.lanes}, keep_if_marked=True)
    buildings = writer.write(Building, {b.ref: _building(b) for b in survey.buildings})
    writer.write(
        Entrance,
        {
            e.ref: {
                "building_id": buildings[e.building_ref],
                "node_id": nodes[e.node_ref],
                "label": e.label,
                "is_assumed": e.is_assumed,
            }
            for e in survey.entrances
        },
    )
    writer.write(Gate, {g.ref: _gate(g, nodes, i) for i, g in enumerate(survey.gates, start=1)})
    removed = _remove_gone(session, community.id, survey)
    propose_anew(session, community.id)
    session.flush()
    record(session, actor, community.id, "places.imported", ("network", None), facts={"removed": removed})
    emit(session, PlacesImported(community.id, network_version=network.version))
    return {**survey.summary(), "network_version": network.version, "removed": removed}


class _Writer:
    """Inserts or updates rows of one community by their ``ref``."""

    def __init__(self, session: Session, community_id: UUID) -> None:
        self.session = session
        self.community_id = community_id

    def write(
        self, table: Any, wanted: dict[str, dict[str, Any]], *, keep_if_marked: bool = False
    ) -> dict[str, UUID]:
        """Write the rows and return ref → id."""
        known = {
            row.ref: row
            for row in self.session.scalars(select(table).where(table.community_id == self.community_id))
        }
        for ref, values in wanted.items():
            row = known.get(ref)
            if row is None:
                row = table(community_id=self.community_id, ref=ref, **values)
                self.session.add(row)
                known[ref] = row
                continue
            for column, value in values.items():
                if keep_if_marked and row.is_marked and column in ("width_cm", "is_fire_lane", "is_oneway"):
                    continue
                setattr(row, column, value)
        self.session.flush()
        return {ref: known[ref].id for ref in wanted}


def _lane(lane: Any, nodes: dict[str, UUID]) -> dict[str, Any]:
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
    }


def _building(building: Any) -> dict[str, Any]:
    return {
        "label": building.label,
        "outline": [list(point) for point in building.outline],
        "levels": building.levels,
        "use": building.use[:40],
    }


def _gate(gate: Any, nodes: dict[str, UUID], number: int) -> dict[str, Any]:
    return {"node_id": nodes[gate.node_ref], "label": gate.label or str(number), "kind": gate.kind[:20]}


def _remove_gone(session: Session, community_id: UUID, survey: Survey) -> int:
    """Delete what the new map lacks, in the order of references. Entrances with homes stay, and all they need."""
    with_homes = set(session.scalars(select(Home.entrance_id).where(Home.community_id == community_id)))
    entrances = _rows(session, Entrance, community_id)
    gone_entrances = _gone(entrances, (e.ref for e in survey.entrances))
    gone_entrances = [row for row in gone_entrances if row.id not in with_homes]
    gone = gone_entrances + _gone(_rows(session, Gate, community_id), (g.ref for g in survey.gates))
    lanes = _gone(_rows(session, Lane, community_id), (lane.ref for lane in survey.lanes))
    staying = {row.node_id for row in entrances if row not in gone_entrances}
    # The approach to an entrance that stays is needed as long as its homes are there.
    lanes = [row for row in lanes if row.to_node not in staying]
    gone += lanes
    stays = [row for row in _rows(session, Lane, community_id) if row not in lanes]
    needed = {node for row in stays for node in (row.from_node, row.to_node)} | staying
    needed |= {row.node_id for row in _rows(session, Gate, community_id) if row not in gone}
    kept_buildings = {row.building_id for row in entrances if row not in gone_entrances}
    buildings = _gone(_rows(session, Building, community_id), (b.ref for b in survey.buildings))
    nodes = _gone(_rows(session, Node, community_id), (n.ref for n in survey.nodes))
    nodes = [row for row in nodes if row.id not in needed]
    lost = {row.id for row in nodes}
    points = [row for row in _rows(session, StandingPoint, community_id) if row.node_id in lost]
    for batch in (points + gone, [b for b in buildings if b.id not in kept_buildings], nodes):
        for row in batch:
            session.delete(row)
        session.flush()
    return len(gone)


def _rows(session: Session, table: Any, community_id: UUID) -> list[Any]:
    return list(session.scalars(select(table).where(table.community_id == community_id)))


def _gone(rows: list[Any], refs: Iterable[str]) -> list[Any]:
    staying = set(refs)
    return [row for row in rows if row.ref not in staying]
