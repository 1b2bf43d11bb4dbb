"""Rows into answers: how much of a delivery its reader sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.deliveries import rules, service
from server.core.deliveries.models import Handover, Parcel, Route, Stop
from server.core.deliveries.schemas import (
    CourierRestOut,
    CustodyOut,
    ExpectedOut,
    GateOut,
    HandoverOut,
    MismatchOut,
    ParcelCodeOut,
    ParcelOut,
    Points,
    RouteOut,
    ShelfOut,
    SpotOut,
    StopDoneOut,
    StopOut,
)
from server.core.needs import service as needs
from server.core.people import service as people
from server.core.places import service as places
from server.kit.errors import Problem
from server.kit.tenancy import CommunityRef


@dataclass(frozen=True)
class Note:
    """What a stop's needs say to whoever comes, and whose words these are."""

    text: str | None
    subjects: tuple[UUID, ...]


NO_NOTE = Note(None, ())


def codes_out(parcels: Iterable[Parcel]) -> list[ParcelCodeOut]:
    """Return ids and codes."""
    return [ParcelCodeOut(id=parcel.id, code=parcel.code) for parcel in parcels]


def gate_out(session: Session, community: CommunityRef) -> GateOut:
    """Return the gate's page: no home and no name, only the entrance to sort by."""
    shelf = service.on_shelf(session, community.id)
    homes = places.sites_of_homes(session, community.id, {parcel.home_id for parcel in shelf})
    doors = places.sites_of_entrances(session, community.id, {site.entrance_id for site in homes.values()})
    return GateOut(
        expected=[_expected(session, handover) for handover in service.expected(session, community.id)],
        shelf=[
            ShelfOut(
                id=parcel.id,
                code=parcel.code,
                need_id=parcel.need_id,
                entrance=doors[homes[parcel.home_id].entrance_id].label,
                load_g=parcel.load_g,
            )
            for parcel in shelf
        ],
        mismatches=[MismatchOut.model_validate(m) for m in service.open_mismatches(session, community.id)],
    )


def _expected(session: Session, handover: Handover) -> ExpectedOut:
    columns = ("id", "sender", "merchant_id", "state", "expected", "brought", "received", "has_mismatch")
    return ExpectedOut(
        **{column: getattr(handover, column) for column in columns},
        created_at=handover.created_at,
        parcels=codes_out(service.parcels_of(session, handover)),
    )


def handover_out(session: Session, handover: Handover) -> HandoverOut:
    """Return what a link shows. A community without an open gate shows none."""
    try:
        gate = places.goods_gate(session, handover.community_id).label
    except Problem:
        gate = ""
    return HandoverOut.model_validate(
        {
            "merchant": handover.sender,
            "gate": gate,
            "state": handover.state,
            "expected": handover.expected,
            "brought": handover.brought,
            "parcels": [{"code": parcel.code} for parcel in service.parcels_of(session, handover)],
        }
    )


def parcel_out(session: Session, parcel: Parcel) -> ParcelOut:
    """Return a parcel with its chain of custody."""
    return ParcelOut(
        id=parcel.id,
        code=parcel.code,
        need_id=parcel.need_id,
        load_g=parcel.load_g,
        volume_ml=parcel.volume_ml,
        custodian_kind=parcel.custodian_kind,
        custody=[
            CustodyOut(
                step=row.step,
                giver_kind=row.giver_kind,
                taker_kind=row.taker_kind,
                how=row.how,
                at=row.at,
                device_at=row.device_at,
            )
            for row in service.custody_of(session, parcel)
        ],
    )


def route_out(session: Session, route: Route, *, has_mismatch: bool = False) -> RouteOut:
    """Return the route as its courier sees it."""
    stops = service.stops_of(session, route)
    homes = {stop.home_id for stop in stops}
    labels = places.home_labels(session, route.community_id, homes)
    first_names = _first_names(session, route.community_id, homes)
    parcels = service.parcels_of_stops(session, [stop.id for stop in stops])
    notes = _notes(session, route.community_id, stops)
    return RouteOut.model_validate(
        {
            "id": route.id,
            "seq": route.seq,
            "state": route.state,
            "wave_id": route.wave_id,
            "vehicle": route.profile,
            "begin_at": route.begin_at,
            "end_at": route.end_at,
            "parcels_expected": sum(len(parcels[stop.id]) for stop in stops if stop.state == "todo"),
            "needs_disinfection": route.needs_disinfection,
            "has_mismatch": has_mismatch,
            "rests": rests_out(route.breaks),
            "stops": [
                StopOut.model_validate(
                    {
                        **stop_facts(stop),
                        "about": notes.get(stop.id, NO_NOTE).subjects,
                        "label": labels.get(stop.home_id, ""),
                        "first_name": first_names.get(stop.home_id, ""),
                        "note": notes.get(stop.id, NO_NOTE).text,
                        "parcels": codes_out(parcels[stop.id]),
                        "plan_depart_at": stop.plan_depart_at,
                        "done_at": stop.done_at,
                        "leg": stop.leg,
                        "walk_s": stop.walk_s,
                        "must_prove": stop.must_prove,
                    }
                )
                for stop in stops
            ],
            "path": path_of([stop.leg for stop in stops if stop.state == "todo"], route.way_home),
        }
    )


def stop_done_out(session: Session, stop: Stop) -> StopDoneOut:
    """Return how a stop stands after a step, and until when that can be taken back."""
    route = service.find_route(session, stop.community_id, stop.route_id)
    return StopDoneOut.model_validate(
        {
            "id": stop.id,
            "state": stop.state,
            "failure": stop.failure,
            "done_at": stop.done_at,
            "device_at": stop.device_at,
            "undo_until": stop.done_at + rules.UNDO_WITHIN if stop.done_at else None,
            "seq": route.seq,
        }
    )


def rests_out(breaks: Iterable[dict[str, Any]]) -> list[CourierRestOut]:
    """Return the breaks that are taken on the round."""
    found = []
    for one in breaks:
        if one["rests_from"] is not None:
            from_at = datetime.fromisoformat(one["rests_from"])
            until_at = from_at + timedelta(seconds=one["rest_s"])
            found.append(CourierRestOut(from_at=from_at, until_at=until_at))
    return found


def stop_facts(stop: Stop) -> dict[str, Any]:
    """Return what everybody who sees a stop sees of it."""
    return {
        "id": stop.id,
        "order": stop.position,
        "kind": stop.kind,
        "protocol": stop.protocol,
        "spot": stop.spot,
        "plan_arrive_at": stop.plan_arrive_at,
        "state": stop.state,
        "failure": stop.failure,
        "halt": halt_of(stop.leg),
    }


def halt_of(leg: Points) -> SpotOut:
    """Return where a leg ends."""
    return SpotOut(x_m=leg[-1][0], y_m=leg[-1][1])


def path_of(legs: Iterable[Points], way_home: Points) -> Points:
    """Return the whole way, leg by leg and home."""
    path: Points = []
    for leg in (*legs, way_home):
        path.extend(leg[1:] if path and leg and path[-1] == leg[0] else leg)
    return path


def _first_names(session: Session, community_id: UUID, homes: Iterable[UUID]) -> dict[UUID, str]:
    """Return for each home the first name of one who lives there; homes nobody has joined are left out."""
    members = people.people_of_homes(session, community_id, homes)
    names = people.first_names(session, [persons[0] for persons in members.values()])
    return {home_id: names.get(persons[0], "") for home_id, persons in members.items()}


def _notes(session: Session, community_id: UUID, stops: Iterable[Stop]) -> dict[UUID, Note]:
    wanted = {stop.id: [UUID(need_id) for need_id in stop.spec["need_ids"]] for stop in stops}
    rows = needs.needs_by_ids(session, community_id, {one for ids in wanted.values() for one in ids})
    found = {}
    for stop_id, need_ids in wanted.items():
        noted = [rows[need_id] for need_id in need_ids if need_id in rows and rows[need_id].note]
        if noted:
            subjects = tuple({need.subject_id for need in noted})
            found[stop_id] = Note("\n".join(need.note or "" for need in noted), subjects)
    return found
