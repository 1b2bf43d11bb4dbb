"""Waves: collect what is at the gate, plan, release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.events import RouteChanged, WaveChanged
from server.core.deliveries.models import Parcel, Route, Stop, StopParcel, Wave
from server.core.deliveries.planning import Inputs, PlanHelper, PlanStop
from server.core.deliveries.rules import Custodian, Delivery, Spot
from server.core.flags import service as flags
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.jobs import enqueue
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

HORIZON_S = 3 * 3600
LIVE_ROUTES = ("released", "under_way")


def start_wave(session: Session, actor: Actor, community: CommunityRef) -> Wave:
    """Begin to plan the next wave in the background. Raises Conflict while another waits for release."""
    places.goods_gate(session, community.id)
    open_wave = session.scalar(
        select(Wave.id).where(Wave.community_id == community.id, Wave.state.in_(("planning", "planned")))
    )
    if open_wave is not None:
        raise Conflict("deliveries.wave_open", wave=str(open_wave))
    now = clock.now()
    wave = Wave(id=new_id(), community_id=community.id, starts_at=now, horizon_s=HORIZON_S, created_at=now)
    session.add(wave)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("deliveries.wave_open") from None
    enqueue(session, "deliveries.plan_wave", community.id, {"wave_id": str(wave.id)}, key=f"plan/{wave.id}")
    record(session, actor, community.id, "deliveries.wave_started", ("wave", wave.id))
    emit(session, WaveChanged(community.id, wave_id=wave.id, state="planning"))
    return wave


def gather(session: Session, community_id: UUID, starts_at: datetime, horizon_s: int) -> Inputs:
    """Read what the next wave is planned from. Raises Refused without a map or an open gate."""
    until = starts_at + timedelta(seconds=horizon_s)
    network = places.network_data(session, community_id)
    gate = places.goods_gate(session, community_id)
    red = flags.red_homes(session, community_id, starts_at)
    return Inputs(
        starts_at=starts_at,
        horizon_s=horizon_s,
        network=network,
        helpers=_helpers(session, community_id, starts_at, until, gate.node_id),
        stops=(
            *_deliveries(session, community_id, red),
            *_visits(session, community_id, starts_at, until, red),
        ),
    )


def version_of(inputs: Inputs) -> str:
    """Return a digest of what must not have changed between planning and writing the plan down."""
    parts = [str(inputs.network.version)]
    parts += sorted(str(helper.id) for helper in inputs.helpers)
    parts += sorted(
        f"{stop.id}:{stop.is_red}:{','.join(sorted(map(str, stop.parcel_ids)))}" for stop in inputs.stops
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write_plan(
    session: Session,
    wave_id: UUID,
    inputs: Inputs,
    sheets: list[dict[str, Any]],
    unserved: list[dict[str, Any]],
    figures: dict[str, Any],
) -> bool:
    """Write the plan down if its inputs still hold; return whether they did. A cancelled wave stays cancelled."""
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    if wave.state != "planning":
        return True
    now_inputs = gather(session, wave.community_id, inputs.starts_at, inputs.horizon_s)
    if version_of(now_inputs) != version_of(inputs):
        return False
    wave.state, wave.network_version = "planned", inputs.network.version
    wave.sheets, wave.unserved, wave.figures = sheets, unserved, figures
    emit(session, WaveChanged(wave.community_id, wave_id=wave.id, state="planned"))
    return True


def fail_wave(session: Session, wave_id: UUID, trouble: str) -> None:
    """Give a wave up before its release: what it would have carried stays where it is for the next."""
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    if wave.state in ("planning", "planned"):
        wave.state, wave.trouble = "failed", trouble
        emit(session, WaveChanged(wave.community_id, wave_id=wave.id, state="failed"))


def cancel_wave(session: Session, actor: Actor, community: CommunityRef, wave_id: UUID) -> Wave:
    """Call a wave off before its release. Raises Conflict afterwards."""
    wave = find_wave(session, community.id, wave_id, for_update=True)
    if wave.state not in ("planning", "planned", "failed"):
        raise Conflict("deliveries.wave_is_out", state=wave.state)
    wave.state = "cancelled"
    record(session, actor, community.id, "deliveries.wave_cancelled", ("wave", wave.id))
    emit(session, WaveChanged(community.id, wave_id=wave.id, state="cancelled"))
    return wave


def release_wave(session: Session, actor: Actor, community: CommunityRef, wave_id: UUID) -> Wave:
    """Send the couriers out: routes, stops and custody become real in one transaction.

    Releasing twice is releasing once. Raises Conflict if the wave is not planned, or what it was planned from has
    changed: then it is planned anew.
    """
    wave = find_wave(session, community.id, wave_id, for_update=True)
    if wave.state in ("released", "done"):
        return wave
    if wave.state != "planned":
        raise Conflict("deliveries.wave_not_planned", state=wave.state)
    if wave.figures.get("violations"):
        raise Refused("deliveries.plan_is_wrong", violations=wave.figures["violations"])
    if wave.network_version != places.network_version(session, community.id):
        raise Conflict("deliveries.plan_outdated")
    try:
        for sheet in wave.sheets:
            _write_route(session, actor, wave, sheet)
        session.flush()
    except IntegrityError:
        raise Conflict("deliveries.plan_outdated") from None
    wave.state, wave.released_at = ("released" if wave.sheets else "done"), clock.now()
    record(
        session,
        actor,
        community.id,
        "deliveries.wave_released",
        ("wave", wave.id),
        facts={"routes": len(wave.sheets)},
    )
    emit(session, WaveChanged(community.id, wave_id=wave.id, state=wave.state))
    return wave


def find_wave(session: Session, community_id: UUID, wave_id: UUID, *, for_update: bool = False) -> Wave:
    """Return the wave. Raises NotFound."""
    wave = session.get(Wave, wave_id, with_for_update=for_update, populate_existing=for_update)
    if wave is None or wave.community_id != community_id:
        raise NotFound("deliveries.wave_not_found")
    return wave


def latest_waves(session: Session, community_id: UUID, limit: int = 20) -> list[Wave]:
    """Return the latest waves, newest first."""
    wanted = select(Wave).where(Wave.community_id == community_id).order_by(Wave.id.desc())
    return list(session.scalars(wanted.limit(limit)))


def _helpers(
    session: Session, community_id: UUID, starts_at: datetime, until: datetime, depot: UUID
) -> tuple[PlanHelper, ...]:
    busy = set(
        session.scalars(
            select(Route.helper_id).where(Route.community_id == community_id, Route.state.in_(LIVE_ROUTES))
        )
    )
    found = []
    for helper in sorted(helpers.on_shift(session, community_id, starts_at, until), key=lambda h: h.id):
        if helper.id in busy:
            continue
        works_from, works_until = helper.windows[0] if helper.windows else (starts_at, starts_at)
        found.append(
            PlanHelper(
                id=helper.id,
                profile=str(helper.vehicle),
                start_node=depot,
                end_node=depot,
                works_from=works_from,
                works_until=works_until,
                load_g=helper.capacity.load_g,
                volume_ml=helper.capacity.volume_ml,
                parcels=helper.capacity.parcels,
            )
        )
    return tuple(found)


def _deliveries(session: Session, community_id: UUID, red: frozenset[UUID]) -> Iterable[PlanStop]:
    on_routes = select(StopParcel.parcel_id).where(
        StopParcel.community_id == community_id, StopParcel.is_live
    )
    parcels = session.scalars(
        select(Parcel)
        .where(
            Parcel.community_id == community_id,
            Parcel.custodian_kind == Custodian.GATE,
            Parcel.id.not_in(on_routes),
        )
        .order_by(Parcel.id)
    ).all()
    wanted = needs.needs_by_ids(session, community_id, sorted({p.need_id for p in parcels}))
    by_home: dict[UUID, list[Parcel]] = {}
    for parcel in parcels:
        # A need with parcels still outside waits for them: one stop, one drop.
        if parcel.need_id in wanted and wanted[parcel.need_id].state == needs.State.AT_GATE:
            by_home.setdefault(parcel.home_id, []).append(parcel)
    sites = places.sites_of_homes(session, community_id, by_home)
    red_sites = places.sites_of_homes(session, community_id, red).values()
    at = rules.spots(
        [
            Delivery(h, sites[h].entrance_id, sites[h].building_id, len(p), sites[h].shelf_parcels, h in red)
            for h, p in by_home.items()
        ],
        frozenset(site.building_id for site in red_sites),
    )
    for home_id, its_parcels in by_home.items():
        of_home = [wanted[p.need_id] for p in its_parcels]
        yield PlanStop(
            id=f"home:{home_id}",
            kind="delivery",
            home_id=home_id,
            node=sites[home_id].node_id,
            spot=at[home_id],
            need_id=None,
            parcel_ids=tuple(p.id for p in its_parcels),
            load_g=sum(p.load_g for p in its_parcels),
            volume_ml=sum(p.volume_ml for p in its_parcels),
            service_s=rules.service_s(len(its_parcels)),
            door_s=rules.door_s(at[home_id], sites[home_id].floor),
            wanted_from=min(n.wanted_from for n in of_home),
            wanted_until=max(n.wanted_until for n in of_home),
            priority=min(n.priority for n in of_home),
            is_red=home_id in red,
            must_prove=rules.needs_proof(str(n.kind) for n in of_home),
        )


def _visits(
    session: Session, community_id: UUID, starts_at: datetime, until: datetime, red: frozenset[UUID]
) -> Iterable[PlanStop]:
    live = set(
        session.scalars(
            select(Stop.need_id).where(
                Stop.community_id == community_id, Stop.is_live, Stop.need_id.is_not(None)
            )
        )
    )
    due = [v for v in needs.visits_due(session, community_id, starts_at, until) if v.need_id not in live]
    sites = places.sites_of_homes(session, community_id, [visit.home_id for visit in due])
    for visit in due:
        site = sites[visit.home_id]
        yield PlanStop(
            id=f"need:{visit.need_id}",
            kind="visit",
            home_id=visit.home_id,
            node=site.node_id,
            spot=Spot.DOOR,
            need_id=visit.need_id,
            parcel_ids=(),
            load_g=0,
            volume_ml=0,
            service_s=visit.service_s,
            door_s=rules.door_s(Spot.DOOR, site.floor),
            wanted_from=visit.wanted_from,
            wanted_until=visit.wanted_until,
            priority=visit.priority,
            is_red=visit.home_id in red,
            must_prove=False,
            only_helper=visit.helper_id,
        )


def _write_route(session: Session, actor: Actor, wave: Wave, sheet: dict[str, Any]) -> None:
    route = Route(
        id=new_id(),
        community_id=wave.community_id,
        wave_id=wave.id,
        helper_id=UUID(sheet["helper_id"]),
        profile=sheet["profile"],
        start_node=UUID(sheet["start_node"]),
        way_home=sheet["way_home"],
        begin_at=datetime.fromisoformat(sheet["begin_at"]),
        end_at=datetime.fromisoformat(sheet["end_at"]),
        shift_end_at=datetime.fromisoformat(sheet["shift_end_at"]),
        network_version=wave.network_version,
        needs_disinfection=any(entry["is_red"] for entry in sheet["stops"]),
    )
    session.add(route)
    session.flush()
    for entry in sheet["stops"]:
        _write_stop(session, actor, route, entry)
    emit(
        session,
        RouteChanged(
            wave.community_id,
            route_id=route.id,
            wave_id=wave.id,
            helper_id=route.helper_id,
            state=route.state,
            seq=route.seq,
            why="released",
        ),
    )


def _write_stop(session: Session, actor: Actor, route: Route, entry: dict[str, Any]) -> None:
    stop = Stop(
        id=new_id(),
        community_id=route.community_id,
        route_id=route.id,
        home_id=UUID(entry["home_id"]),
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
        plan_arrive_at=datetime.fromisoformat(entry["plan_arrive_at"]),
        plan_depart_at=datetime.fromisoformat(entry["plan_depart_at"]),
        spec=entry,
    )
    session.add(stop)
    session.flush()
    for parcel_id in entry["parcel_ids"]:
        session.add(StopParcel(community_id=route.community_id, stop_id=stop.id, parcel_id=UUID(parcel_id)))
    session.flush()
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(session, route.community_id, need_id, "batched", actor=actor, who_role="officer")


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
