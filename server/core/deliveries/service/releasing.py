"""Releasing a wave: its plan becomes routes and stops in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.deliveries import planning, rules
from server.core.deliveries.events import RouteChanged
from server.core.deliveries.models import Parcel, Route, Stop, StopParcel, Wave
from server.core.deliveries.planning import stop_from_spec
from server.core.deliveries.service.gathering import gather
from server.core.deliveries.service.waves import find_wave, plan_anew, tell_wave
from server.core.needs import service as needs
from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def release_wave(session: Session, actor: Actor, community: CommunityRef, wave_id: UUID) -> Wave:
    """Send the couriers out: routes, stops and the needs' lines become real in one transaction. Twice is once.

    A plan that does not hold any more is not released: the wave is returned in state planning, being planned anew,
    its ``trouble`` saying why. Raises Conflict if the wave is not planned.
    """
    wave = find_wave(session, community.id, wave_id, for_update=True)
    if wave.state in ("released", "done"):
        return wave
    if wave.state != "planned":
        raise Conflict("deliveries.wave_not_planned", state=wave.state)
    if wave.figures.get("violations"):
        raise Refused("deliveries.plan_is_wrong", violations=wave.figures["violations"])
    changed = what_changed(session, wave)
    if changed is not None:
        plan_anew(session, wave, why=changed)
        return wave
    late = clock.now() - wave.starts_at
    try:
        for sheet in wave.sheets:
            _write_route(session, actor, wave, sheet, late)
        session.flush()
    except IntegrityError:
        raise Conflict("deliveries.plan_outdated") from None
    wave.state, wave.released_at = ("released" if wave.sheets else "done"), clock.now()
    facts = {"routes": len(wave.sheets)}
    record(session, actor, community.id, "deliveries.wave_released", ("wave", wave.id), facts=facts)
    tell_wave(session, wave)
    return wave


def needs_of_stop(session: Session, stop: Stop) -> list[UUID]:
    """Return the needs that a stop serves, in a fixed order: everybody locks in this order."""
    if stop.need_id is not None:
        return [stop.need_id]
    rows = session.scalars(
        select(Parcel.need_id)
        .join(StopParcel, StopParcel.parcel_id == Parcel.id)
        .where(StopParcel.stop_id == stop.id)
    )
    return sorted(set(rows))


def what_changed(session: Session, wave: Wave) -> str | None:
    """Return why the wave's plan does not hold any more; None if it does."""
    now = clock.now()
    if now > wave.starts_at + rules.PLAN_KEEPS:
        return "too_old"
    planned = [stop_from_spec(entry) for sheet in wave.sheets for entry in sheet["stops"]]
    routed = {UUID(sheet["helper_id"]): planning.breaks_from(sheet) for sheet in wave.sheets}
    inputs = gather(session, wave.community_id, now, wave.horizon_s)
    return planning.what_changed(planned, routed, wave.network_version, inputs)


def _write_route(session: Session, actor: Actor, wave: Wave, sheet: dict[str, Any], late: timedelta) -> None:
    route = Route(
        id=new_id(),
        community_id=wave.community_id,
        wave_id=wave.id,
        helper_id=UUID(sheet["helper_id"]),
        profile=sheet["profile"],
        start_node=UUID(sheet["start_node"]),
        way_home=sheet["way_home"],
        begin_at=datetime.fromisoformat(sheet["begin_at"]) + late,
        end_at=datetime.fromisoformat(sheet["end_at"]) + late,
        shift_end_at=datetime.fromisoformat(sheet["shift_end_at"]),
        breaks=[{**one, "rests_from": _later(one["rests_from"], late)} for one in sheet.get("breaks", ())],
        network_version=wave.network_version,
    )
    session.add(route)
    session.flush()
    for entry in sheet["stops"]:
        _write_stop(session, actor, route, entry, late)
    tell_route(session, route, "released")


def _write_stop(session: Session, actor: Actor, route: Route, entry: dict[str, Any], late: timedelta) -> None:
    stop = Stop(
        id=new_id(),
        community_id=route.community_id,
        route_id=route.id,
        home_id=UUID(entry["home_id"]),
        subject_id=people.subject_of_home(session, route.community_id, UUID(entry["home_id"])),
        need_id=UUID(entry["need_id"]) if entry["need_id"] else None,
        kind=entry["kind"],
        position=entry["position"],
        protocol="red" if entry["is_red"] else "green",
        spot=entry["spot"],
        must_prove=entry["must_prove"],
        door_code=rules.new_door_code(),
        halt_node=UUID(entry["halt_node"]),
        walk_s=entry["walk_s"],
        leg=entry["leg"],
        plan_arrive_at=datetime.fromisoformat(entry["plan_arrive_at"]) + late,
        plan_depart_at=datetime.fromisoformat(entry["plan_depart_at"]) + late,
        spec={**entry, "called_at": _later(entry.get("called_at"), late)},
    )
    session.add(stop)
    session.flush()
    for parcel_id in entry["parcel_ids"]:
        session.add(StopParcel(community_id=route.community_id, stop_id=stop.id, parcel_id=UUID(parcel_id)))
    session.flush()
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(session, route.community_id, need_id, "batched", actor=actor, who_role="officer")


def _later(instant: str | None, late: timedelta) -> str | None:
    return (datetime.fromisoformat(instant) + late).isoformat() if instant else None


def tell_route(session: Session, route: Route, why: str) -> None:
    """Announce a change of the route as such: ``why`` is released, loaded, planned_anew or finished."""
    emit(
        session,
        RouteChanged(
            route.community_id,
            route_id=route.id,
            wave_id=route.wave_id,
            helper_id=route.helper_id,
            state=route.state,
            seq=route.seq,
            why=why,
        ),
    )
