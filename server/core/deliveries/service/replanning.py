"""Planning a route anew from where it stands, when a lane closes, narrows or is no fire lane any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries.events import RouteChanged
from server.core.deliveries.models import Route, Stop
from server.core.deliveries.planning import Inputs, PlanHelper, stop_from_spec
from server.core.deliveries.rules import Failure
from server.core.deliveries.service.routes import stops_of
from server.core.deliveries.service.waves import HORIZON_S, LIVE_ROUTES, needs_of_stop
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit import clock
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM

# A courier on the way keeps going a little past the end of the shift rather than carry goods back.
PAST_SHIFT = timedelta(minutes=30)


def live_routes(session: Session, community_id: UUID) -> list[UUID]:
    """Return the routes that are out."""
    return list(
        session.scalars(
            select(Route.id)
            .where(Route.community_id == community_id, Route.state.in_(LIVE_ROUTES))
            .order_by(Route.id)
        )
    )


def gather_rest(session: Session, route_id: UUID) -> tuple[Inputs, int] | None:
    """Return what is left of the route as inputs of a plan, and the route's seq; None if nothing is left to plan."""
    route = session.get(Route, route_id)
    if route is None or route.state not in LIVE_ROUTES:
        return None
    stops = stops_of(session, route)
    left = [stop for stop in stops if stop.state == "todo"]
    network = places.network_data(session, route.community_id)
    if not left or network.version == route.network_version:
        return None
    now = clock.now()
    done = [stop for stop in stops if stop.state != "todo"]
    last = max(done, key=lambda stop: (stop.done_at or now, stop.position), default=None)
    capacity = helpers.helper(session, route.community_id, route.helper_id)
    courier = PlanHelper(
        id=route.helper_id,
        profile=route.profile,
        start_node=last.halt_node if last else route.start_node,
        end_node=route.start_node,
        works_from=max(now, route.begin_at) if not done else now,
        works_until=max(route.shift_end_at, now) + PAST_SHIFT,
        load_g=capacity.capacity_g,
        volume_ml=capacity.capacity_ml,
        parcels=capacity.capacity_parcels,
        has_left=True,
        has_been_red=any(stop.protocol == "red" and stop.state == "done" for stop in done),
    )
    plan_stops = tuple(
        stop_from_spec({**stop.spec, "id": str(stop.id)}, only_helper=route.helper_id) for stop in left
    )
    return Inputs(now, HORIZON_S, network, (courier,), plan_stops), route.seq


def write_rest(
    session: Session, route_id: UUID, seq: int, inputs: Inputs, sheets: list[dict[str, Any]]
) -> bool:
    """Write the new order down if the route has not moved on meanwhile; return whether it had not.

    Stops that cannot be reached any more fail with lane_blocked: their goods come back with the courier.
    """
    route = session.get_one(Route, route_id, with_for_update=True, populate_existing=True)
    if route.seq != seq or places.network_version(session, route.community_id) != inputs.network.version:
        return False
    stops = {str(stop.id): stop for stop in stops_of(session, route) if stop.state == "todo"}
    first = max((s.position for s in stops_of(session, route) if s.state != "todo"), default=0)
    entries = sheets[0]["stops"] if sheets else []
    for entry in entries:
        stop = stops.pop(entry["id"])
        stop.position = first + entry["position"]
        stop.halt_node, stop.walk_s, stop.leg = UUID(entry["halt_node"]), entry["walk_s"], entry["leg"]
        stop.plan_arrive_at = datetime.fromisoformat(entry["plan_arrive_at"])
        stop.plan_depart_at = datetime.fromisoformat(entry["plan_depart_at"])
    for number, stop in enumerate(stops.values(), start=1):
        _block(session, stop, first + len(entries) + number)
    if sheets:
        route.way_home, route.end_at = sheets[0]["way_home"], datetime.fromisoformat(sheets[0]["end_at"])
    route.network_version = inputs.network.version
    route.seq += 1
    emit(
        session,
        RouteChanged(
            route.community_id,
            route_id=route.id,
            wave_id=route.wave_id,
            helper_id=route.helper_id,
            state=route.state,
            seq=route.seq,
            why="planned_anew",
        ),
    )
    return True


def _block(session: Session, stop: Stop, position: int) -> None:
    for need_id in needs_of_stop(session, stop):
        needs.move_lines(
            session, stop.community_id, need_id, "unreachable", actor=SYSTEM, why=Failure.LANE_BLOCKED
        )
    stop.state, stop.failure, stop.position, stop.done_at = (
        "failed",
        Failure.LANE_BLOCKED,
        position,
        clock.now(),
    )
