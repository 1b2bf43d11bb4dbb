"""Planning a route anew from where it stands, when a lane or the isolation of a home has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.models import Route, Stop
from server.core.deliveries.planning import (
    Inputs,
    Leg,
    PlanBreak,
    PlanHelper,
    PlanStop,
    breaks_from,
    stop_from_spec,
)
from server.core.deliveries.rules import Spot
from server.core.deliveries.service.efforts import breaks_due, resting_from, rounds_of_late, was_taken
from server.core.deliveries.service.gathering import LIVE_ROUTES, sealed_buildings
from server.core.deliveries.service.releasing import needs_of_stop, tell_route, what_changed
from server.core.deliveries.service.routes import stops_of, was_at
from server.core.deliveries.service.waves import HORIZON_S, open_wave, plan_anew
from server.core.flags import service as flags
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.jobs import enqueue
from server.kit.permissions import SYSTEM

# A courier on the way keeps going a little past the end of the shift rather than carry goods back.
PAST_SHIFT = timedelta(minutes=30)


@dataclass(frozen=True)
class Rest:
    """What is left of a route: inputs of a plan, its stops as they stand, and the seq that this was read at."""

    inputs: Inputs
    legs: tuple[Leg, ...]
    seq: int
    is_as_planned: bool


def live_routes(session: Session, community_id: UUID) -> list[Route]:
    """Return the routes that are out."""
    wanted = select(Route).where(Route.community_id == community_id, Route.state.in_(LIVE_ROUTES))
    return list(session.scalars(wanted.order_by(Route.id)))


def wish_replan(session: Session, community_id: UUID, why: str) -> None:
    """Something changed that plans were made from: look at every plan again, in the background.

    A wave that waits for its release is planned anew if it is touched; so is the rest of every route that is.
    ``why`` names the change: told twice, it is looked at once.
    """
    waiting = open_wave(session, community_id)
    if waiting is not None and waiting.state == "planned":
        changed = what_changed(session, waiting)
        if changed is not None:
            plan_anew(session, waiting, why=changed)
    for route in live_routes(session, community_id):
        payload = {"route_id": str(route.id)}
        enqueue(session, "deliveries.replan_route", community_id, payload, key=f"replan/{route.id}/{why}")


def gather_rest(session: Session, route_id: UUID) -> Rest | None:
    """Return what is left of the route; None if nothing is left to plan."""
    route = session.get(Route, route_id)
    if route is None or route.state not in LIVE_ROUTES:
        return None
    stops = stops_of(session, route)
    left = [stop for stop in stops if stop.state == "todo"]
    if not left:
        return None
    planned = tuple(_planned(stop, route) for stop in left)
    now_stops = _as_homes_are(session, route, planned)
    # A stop that was given up from afar says nothing about where the courier is.
    done = [stop for stop in stops if was_at(stop)]
    here = max(done, key=lambda stop: (stop.done_at or route.begin_at, stop.position), default=None)
    start_node = here.halt_node if here else route.start_node
    courier = _courier(session, route, start_node, has_been_red=any(stop.protocol == "red" for stop in done))
    network = places.network_data(session, route.community_id)
    inputs = Inputs(clock.now(), HORIZON_S, network, (courier,), now_stops)
    is_as_planned = now_stops == planned and set(courier.breaks) == set(_breaks_left(route))
    return Rest(inputs, _legs(left, start_node), route.seq, is_as_planned)


def _planned(stop: Stop, route: Route) -> PlanStop:
    planned = stop_from_spec(stop.spec)
    # Who is on the way already comes late rather than not at all.
    until = max(planned.wanted_until, clock.now() + timedelta(seconds=HORIZON_S))
    return replace(
        planned,
        id=str(stop.id),
        only_helper=route.helper_id,
        wanted_until=until,
        promised_at=stop.plan_arrive_at,
    )


def _as_homes_are(session: Session, route: Route, planned: tuple[PlanStop, ...]) -> tuple[PlanStop, ...]:
    """Return the stops with the isolation that holds now: a building may have been sealed on the way."""
    red = flags.red_homes(session, route.community_id)
    sealed = sealed_buildings(session, route.community_id, red)
    sites = places.sites_of_homes(session, route.community_id, [stop.home_id for stop in planned])
    found = []
    for stop in planned:
        site = sites[stop.home_id]
        is_sealed = site.building_id in sealed
        spot = Spot.DOOR if is_sealed else stop.spot
        door_s = rules.door_s(Spot.DOOR, site.floor) if is_sealed else stop.door_s
        is_red = stop.home_id in red
        found.append(replace(stop, is_red=is_red, is_sealed=is_sealed, spot=spot, door_s=door_s))
    return tuple(found)


def _breaks_left(route: Route) -> list[PlanBreak]:
    """Return the breaks that the route was planned with and that are still before the courier."""
    now = clock.now()
    return [
        one
        for one in breaks_from({"breaks": route.breaks})
        if not was_taken(route, one, now) and one.until_at >= now
    ]


def _breaks_wanted(session: Session, route: Route) -> tuple[PlanBreak, ...]:
    """Return the breaks that the courier's shift asks for from now on, whatever it asked for at the release."""
    now = clock.now()
    shifts = helpers.shifts_of(session, route.community_id, [route.helper_id], since=now)[route.helper_id]
    rests = [helpers.rest_of(shift) for shift in shifts if shift.from_at < route.shift_end_at]
    rounds = rounds_of_late(session, route.community_id, [route.helper_id], now)[route.helper_id]
    return tuple(one for rest in rests for one in breaks_due(rest, rounds, now) if one.until_at >= now)


def _rested_at(route: Route) -> datetime:
    """Return when the courier goes on: at once, or at the end of the break that is under way."""
    now = clock.now()
    ends = [
        begun + timedelta(seconds=one.rest_s)
        for one in breaks_from({"breaks": route.breaks})
        if (begun := resting_from(route, one)) is not None and begun <= now
    ]
    return max([now, *ends])


def _courier(session: Session, route: Route, start_node: UUID, *, has_been_red: bool) -> PlanHelper:
    now = clock.now()
    helper = helpers.helper(session, route.community_id, route.helper_id)
    has_left = route.state == "under_way"
    return PlanHelper(
        id=route.helper_id,
        profile=route.profile,
        start_node=start_node,
        end_node=route.start_node,
        works_from=_rested_at(route) if has_left else max(now, route.begin_at),
        works_until=max(route.shift_end_at, now) + PAST_SHIFT,
        load_g=helper.capacity_g,
        volume_ml=helper.capacity_ml,
        parcels=helper.capacity_parcels,
        has_left=has_left,
        has_been_red=has_been_red,
        breaks=_breaks_wanted(session, route),
    )


def _legs(left: list[Stop], start_node: UUID) -> tuple[Leg, ...]:
    legs, place = [], start_node
    for stop in left:
        legs.append(Leg(str(place), str(stop.halt_node), stop.spec["node"], stop.walk_s, stop.leg))
        place = stop.halt_node
    return tuple(legs)


def keep_rest(session: Session, route_id: UUID, rest: Rest) -> None:
    """Note that the route was looked at and stays as it is."""
    route = session.get_one(Route, route_id, with_for_update=True, populate_existing=True)
    if route.seq == rest.seq:
        route.network_version = rest.inputs.network.version


def write_rest(
    session: Session,
    route_id: UUID,
    rest: Rest,
    sheets: list[dict[str, Any]],
    unserved: list[dict[str, Any]],
) -> bool:
    """Write the new order down if the route has not moved on meanwhile; return whether it had not.

    Stops that cannot be reached any more fail: their goods come back with the courier.
    """
    route = session.get_one(Route, route_id, with_for_update=True, populate_existing=True)
    version = places.network_version(session, route.community_id)
    if route.seq != rest.seq or version != rest.inputs.network.version:
        return False
    every = stops_of(session, route)
    stops = {str(stop.id): stop for stop in every if stop.state == "todo"}
    position = max((stop.position for stop in every if stop.state != "todo"), default=0)
    for entry in sheets[0]["stops"] if sheets else []:
        position += 1
        _move_stop(stops.pop(entry["id"]), entry, position)
    reasons = {one["stop"]: one["reason"] for one in unserved}
    for stop_id, stop in stops.items():
        position += 1
        stop.position = position
        _give_up(session, stop, reasons.get(stop_id, "unreachable"))
    if sheets:
        route.breaks = [*_breaks_taken(route), *sheets[0]["breaks"]]
        route.way_home, route.end_at = sheets[0]["way_home"], datetime.fromisoformat(sheets[0]["end_at"])
    route.network_version = version
    route.seq += 1
    facts = {"given_up": len(stops), "network_version": version}
    record(
        session, SYSTEM, route.community_id, "deliveries.route_replanned", ("route", route.id), facts=facts
    )
    tell_route(session, route, "planned_anew")
    return True


def _breaks_taken(route: Route) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        written
        for one, written in zip(breaks_from({"breaks": route.breaks}), route.breaks, strict=True)
        if was_taken(route, one, now)
    ]


def _move_stop(stop: Stop, entry: dict[str, Any], position: int) -> None:
    stop.position, stop.protocol, stop.spot = position, "red" if entry["is_red"] else "green", entry["spot"]
    stop.halt_node, stop.walk_s, stop.leg = UUID(entry["halt_node"]), entry["walk_s"], entry["leg"]
    stop.plan_arrive_at = datetime.fromisoformat(entry["plan_arrive_at"])
    stop.plan_depart_at = datetime.fromisoformat(entry["plan_depart_at"])
    called_at = None
    if stop.spot == Spot.SHELF and stop.spec.get("called_at"):
        was_called_at = datetime.fromisoformat(stop.spec["called_at"])
        called_at = rules.called_anew(was_called_at, stop.plan_depart_at).isoformat()
    stop.spec = {**entry, "called_at": called_at}


def _give_up(session: Session, stop: Stop, reason: str) -> None:
    failure = rules.failure_of(reason)
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(session, stop.community_id, need_id, "unreachable", actor=SYSTEM, why=failure)
    stop.state, stop.failure, stop.done_at = "failed", failure, clock.now()
    facts = {"failure": failure, "reason": reason}
    record(session, SYSTEM, stop.community_id, "deliveries.stop_failed", ("stop", stop.id), facts=facts)
