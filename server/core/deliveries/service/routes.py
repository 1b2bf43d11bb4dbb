"""What a courier does on a round: load, finish, fail, undo, return; late and in order when there was no signal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.events import CartMoved, StopChanged
from server.core.deliveries.models import Drop, Parcel, Photo, Position, Route, Stop, StopParcel, Wave
from server.core.deliveries.rules import Custodian, Failure
from server.core.deliveries.service.efforts import work_of
from server.core.deliveries.service.gathering import LIVE_ROUTES
from server.core.deliveries.service.mismatches import open_mismatch
from server.core.deliveries.service.parcels import hand
from server.core.deliveries.service.releasing import needs_of_stop, tell_route
from server.core.deliveries.service.waves import tell_wave
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def my_route(session: Session, actor: Actor, community: CommunityRef) -> Route | None:
    """Return the courier's live route; without one, None."""
    helper = helpers.helper_of_person(session, community.id, actor.id)
    if helper is None:
        return None
    return session.scalars(
        select(Route).where(
            Route.community_id == community.id, Route.helper_id == helper.id, Route.state.in_(LIVE_ROUTES)
        )
    ).first()


def find_route(session: Session, community_id: UUID, route_id: UUID) -> Route:
    """Return the route. Raises NotFound."""
    route = session.get(Route, route_id)
    if route is None or route.community_id != community_id:
        raise NotFound("deliveries.route_not_found")
    return route


def stops_of(session: Session, route: Route) -> list[Stop]:
    """Return the route's stops in order."""
    return list(
        session.scalars(select(Stop).where(Stop.route_id == route.id).order_by(Stop.position, Stop.id))
    )


def parcels_of_stops(session: Session, stop_ids: list[UUID]) -> dict[UUID, list[Parcel]]:
    """Return each stop's parcels."""
    rows = session.execute(
        select(StopParcel.stop_id, Parcel)
        .join(Parcel, Parcel.id == StopParcel.parcel_id)
        .where(StopParcel.stop_id.in_(stop_ids))
        .order_by(Parcel.code)
    )
    found: dict[UUID, list[Parcel]] = {stop_id: [] for stop_id in stop_ids}
    for stop_id, parcel in rows:
        found[stop_id].append(parcel)
    return found


def load(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    route_id: UUID,
    *,
    counted: int,
    device_at: datetime | None,
) -> tuple[Route, bool]:
    """Take the route's parcels on board at the gate; return (route, is there a mismatch). Twice is once."""
    route = _own_route(session, actor, community, route_id)
    if route.state == "under_way":
        return route, False
    stops = [stop for stop in stops_of(session, route) if stop.state == "todo"]
    parcels = [p for of_stop in parcels_of_stops(session, [s.id for s in stops]).values() for p in of_stop]
    for parcel in parcels:
        if parcel.custodian_kind == Custodian.GATE:
            hand(
                session, actor, parcel, Custodian.COURIER, route.helper_id, how="loaded", device_at=device_at
            )
    mismatch = counted != len(parcels)
    if mismatch:
        open_mismatch(session, actor, community.id, "load", len(parcels), counted, route_id=route.id)
    route.state = "under_way"
    _tell_route(session, route, "loaded")
    return route, mismatch


def finish_stop(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    stop_id: UUID,
    *,
    proof_kind: str | None,
    code: str | None,
    photo_id: UUID | None,
    device_at: datetime | None,
) -> Stop:
    """Finish a stop, whatever the number of parcels: they lie at its spot, or the visit was made. Twice is once.

    Raises Conflict if the goods were not loaded or the stop failed already, Refused for a missing or wrong proof.
    """
    stop, route = _own_stop(session, actor, community, stop_id)
    if stop.state == "done":
        return stop
    _check_can_act(stop, route)
    if proof_kind == "photo":
        _attach_photo(session, actor, stop, photo_id)
    rules.check_proof(stop.must_prove, proof_kind, code, stop.door_code)
    device_at = rules.sensible_device_time(device_at, now=clock.now())
    parcels = parcels_of_stops(session, [stop.id])[stop.id]
    for parcel in parcels:
        hand(
            session,
            actor,
            parcel,
            Custodian.DROP_POINT,
            stop.id,
            how=proof_kind or "left",
            device_at=device_at,
        )
        session.add(
            Drop(
                community_id=community.id,
                stop_id=stop.id,
                parcel_id=parcel.id,
                spot=stop.spot,
                at=clock.now(),
            )
        )
    to_state = "visited" if stop.kind == "visit" else "dropped"
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(session, community.id, need_id, to_state, actor=actor, device_at=device_at)
    stop.state, stop.proof_kind, stop.photo_id = "done", proof_kind, photo_id
    _end_step(session, actor, route, stop, device_at)
    return stop


def fail_stop(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    stop_id: UUID,
    *,
    reason: Failure,
    device_at: datetime | None,
    note: str | None = None,
) -> Stop:
    """Say that a stop could not be served; the goods stay on board until the courier is back. Twice is once."""
    stop, route = _own_stop(session, actor, community, stop_id)
    if stop.state == "failed":
        return stop
    _check_can_act(stop, route)
    device_at = rules.sensible_device_time(device_at, now=clock.now())
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(
            session, community.id, need_id, "unreachable", actor=actor, why=reason, device_at=device_at
        )
    stop.state, stop.failure, stop.failure_note = "failed", reason, note
    _end_step(session, actor, route, stop, device_at)
    return stop


def undo_stop(
    session: Session, actor: Actor, community: CommunityRef, stop_id: UUID, *, device_at: datetime | None
) -> Stop:
    """Take the last step at a stop back, within ten seconds. Raises Conflict later or once the home confirmed."""
    stop, route = _own_stop(session, actor, community, stop_id)
    if stop.state == "todo":
        return stop
    if route.state != "under_way" or stop.done_at is None:
        raise Conflict("deliveries.route_not_under_way", state=route.state)
    rules.check_undo(stop.done_at, stop.device_at, now=clock.now(), device_now=device_at)
    if stop.state == "done":
        for parcel in parcels_of_stops(session, [stop.id])[stop.id]:
            hand(
                session, actor, parcel, Custodian.COURIER, route.helper_id, how="undone", device_at=device_at
            )
        session.execute(delete(Drop).where(Drop.stop_id == stop.id))
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(session, community.id, need_id, "batched", actor=actor, device_at=device_at)
    stop.state, stop.failure, stop.failure_note = "todo", None, None
    stop.proof_kind, stop.photo_id = None, None
    stop.done_at, stop.device_at = None, None
    _tell_stop(session, route, stop)
    return stop


def finish_route(session: Session, actor: Actor, community: CommunityRef, route_id: UUID) -> Route:
    """End the round at the gate: what was not delivered goes back onto its shelf, for the next wave. Twice is once."""
    route = _own_route(session, actor, community, route_id)
    if route.state == "done":
        return route
    stops = stops_of(session, route)
    if any(stop.state == "todo" for stop in stops):
        raise Conflict("deliveries.stops_left", left=sum(stop.state == "todo" for stop in stops))
    gate = places.goods_gate(session, community.id)
    for stop in stops:
        _let_go(session, actor, route, stop, gate.id)
    route.state, route.finished_at = "done", clock.now()
    reached = [stop for stop in stops if was_at(stop)]
    route.needs_disinfection = any(stop.protocol == "red" for stop in reached)
    route.work_s = work_of(route, reached)
    session.execute(delete(Position).where(Position.route_id == route.id))
    record(session, actor, community.id, "deliveries.route_finished", ("route", route.id))
    _tell_route(session, route, "finished")
    session.flush()
    live = select(Route.id).where(Route.wave_id == route.wave_id, Route.state.in_(LIVE_ROUTES))
    if session.scalar(live.limit(1)) is None:
        wave = session.get_one(Wave, route.wave_id)
        wave.state = "done"
        tell_wave(session, wave)
    return route


def was_at(stop: Stop) -> bool:
    """Tell whether the courier stood at the stop's door."""
    return stop.state == "done" or stop.failure in rules.AT_THE_DOOR


def move_cart(
    session: Session, actor: Actor, community: CommunityRef, route_id: UUID, x_m: float, y_m: float
) -> Position:
    """Keep where the courier is now; only the latest place, and none once the route is done."""
    route = _own_route(session, actor, community, route_id)
    if route.state not in LIVE_ROUTES:
        raise Conflict("deliveries.not_loaded", state=route.state)
    position = session.get(Position, route.id) or Position(route_id=route.id, community_id=community.id)
    position.x_m, position.y_m, position.at = round(x_m, 1), round(y_m, 1), clock.now()
    session.add(position)
    emit(
        session,
        CartMoved(
            community.id,
            route_id=route.id,
            wave_id=route.wave_id,
            x_m=position.x_m,
            y_m=position.y_m,
            at=position.at,
        ),
    )
    return position


def _let_go(session: Session, actor: Actor, route: Route, stop: Stop, gate_id: UUID) -> None:
    stop.is_live = False
    for row in session.scalars(select(StopParcel).where(StopParcel.stop_id == stop.id)):
        row.is_live = False
    if stop.state != "failed":
        return
    for parcel in parcels_of_stops(session, [stop.id])[stop.id]:
        if parcel.custodian_kind == Custodian.COURIER:
            hand(session, actor, parcel, Custodian.GATE, gate_id, how="returned")
    to_state = "scheduled" if stop.kind == "visit" else "at_gate"
    for need_id in needs_of_stop(session, stop):
        need = needs.find_need(session, stop.community_id, need_id)
        if need.state == needs.State.UNREACHABLE:
            needs.move_lines(session, stop.community_id, need_id, to_state, actor=actor)


def _check_can_act(stop: Stop, route: Route) -> None:
    if route.state != "under_way":
        raise Conflict("deliveries.not_loaded", state=route.state)
    if stop.state != "todo":
        raise Conflict("deliveries.stop_settled", state=stop.state)


def _attach_photo(session: Session, actor: Actor, stop: Stop, photo_id: UUID | None) -> None:
    photo = session.get(Photo, photo_id) if photo_id else None
    if photo is None or photo.uploaded_by != actor.person_id or photo.community_id != stop.community_id:
        raise Refused("deliveries.proof_missing")
    if photo.stop_id not in (None, stop.id):
        raise Refused("deliveries.photo_of_another_stop")
    photo.stop_id = stop.id


def _end_step(session: Session, actor: Actor, route: Route, stop: Stop, device_at: datetime | None) -> None:
    stop.done_at, stop.device_at = clock.now(), device_at
    record(
        session,
        actor,
        stop.community_id,
        f"deliveries.stop_{stop.state}",
        ("stop", stop.id),
        facts={"proof": stop.proof_kind, "failure": stop.failure},
        device_at=device_at,
    )
    _tell_stop(session, route, stop)


def _own_route(session: Session, actor: Actor, community: CommunityRef, route_id: UUID) -> Route:
    route = session.get(Route, route_id, with_for_update=True, populate_existing=True)
    helper = helpers.helper_of_person(session, community.id, actor.id)
    if route is None or route.community_id != community.id or helper is None:
        raise NotFound("deliveries.route_not_found")
    if route.helper_id != helper.id:
        # Also for whom it was taken away from while they were offline: they must see that it is gone.
        raise Conflict("deliveries.route_reassigned")
    return route


def _own_stop(session: Session, actor: Actor, community: CommunityRef, stop_id: UUID) -> tuple[Stop, Route]:
    stop = session.get(Stop, stop_id)
    if stop is None or stop.community_id != community.id:
        raise NotFound("deliveries.stop_not_found")
    for need_id in needs_of_stop(session, stop):
        needs.find_need(session, community.id, need_id, for_update=True)
    route = _own_route(session, actor, community, stop.route_id)
    session.refresh(stop, with_for_update=True)
    return stop, route


def _tell_route(session: Session, route: Route, why: str) -> None:
    route.seq += 1
    tell_route(session, route, why)


def _tell_stop(session: Session, route: Route, stop: Stop) -> None:
    route.seq += 1
    emit(
        session,
        StopChanged(
            route.community_id,
            stop_id=stop.id,
            route_id=route.id,
            wave_id=route.wave_id,
            helper_id=route.helper_id,
            state=stop.state,
            seq=route.seq,
        ),
    )
