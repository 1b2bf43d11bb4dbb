"""Asking where goods and carts are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.models import Parcel, Photo, Position, Route, Stop, StopParcel
from server.core.deliveries.rules import Custodian
from server.core.deliveries.service.routes import stops_of
from server.core.deliveries.service.waves import LIVE_ROUTES
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.people import service as people
from server.kit.errors import NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


class Whereabouts:
    """Tells needs where their goods are: the extension point "needs.whereabouts"."""

    def of(self, session: Session, community_id: UUID, need_id: UUID) -> needs.Whereabouts | None:
        """Return holder, expected time and drop of a need's goods or visit; None if deliveries know nothing."""
        stop = _stop_of_need(session, community_id, need_id)
        parcel = session.scalars(
            select(Parcel)
            .where(Parcel.community_id == community_id, Parcel.need_id == need_id)
            .order_by(Parcel.id)
        ).first()
        if stop is None and parcel is None:
            return None
        holder_kind = parcel.custodian_kind if parcel else "helper"
        if stop is None:
            return needs.Whereabouts(holder_kind, None, None, None)
        route = session.get_one(Route, stop.route_id)
        helper = helpers.helper(session, community_id, route.helper_id)
        label = helpers.labels(session, [helper])[helper.id]
        is_courier = holder_kind in (Custodian.COURIER, "helper")
        expected_at = None
        if stop.state == "todo":
            expected_at = stop.plan_arrive_at + timedelta(seconds=_delay_s(session, route))
        drop = {
            "spot": stop.spot,
            "photo_id": str(stop.photo_id) if stop.photo_id else None,
            "code_hint": stop.door_code if stop.state == "todo" else None,
            "protocol": stop.protocol,
            "state": stop.state,
        }
        return needs.Whereabouts(holder_kind, label if is_courier else None, expected_at, drop)


def carts(session: Session, community_id: UUID) -> list[dict[str, Any]]:
    """Return each live route with where its courier was last seen and how far it has come."""
    rows = session.execute(
        select(Route, Position)
        .outerjoin(Position, Position.route_id == Route.id)
        .where(Route.community_id == community_id, Route.state.in_(LIVE_ROUTES))
        .order_by(Route.id)
    ).all()
    of_routes = [helpers.helper(session, community_id, route.helper_id) for route, _ in rows]
    labels = helpers.labels(session, of_routes)
    found = []
    for route, position in rows:
        stops = stops_of(session, route)
        found.append(
            {
                "route_id": route.id,
                "wave_id": route.wave_id,
                "helper_id": route.helper_id,
                "helper_label": labels.get(route.helper_id, ""),
                "vehicle": route.profile,
                "state": route.state,
                "x_m": position.x_m if position else None,
                "y_m": position.y_m if position else None,
                "at": position.at if position else None,
                "done": sum(stop.state != "todo" for stop in stops),
                "failed": sum(stop.state == "failed" for stop in stops),
                "stops": len(stops),
                "delay_s": _delay_s(session, route),
            }
        )
    return found


def may_see_photo(session: Session, actor: Actor, community: CommunityRef, photo_id: UUID) -> Photo:
    """Return the photo for its home, its courier and nobody else. Raises NotFound."""
    photo = session.get(Photo, photo_id)
    if photo is None or photo.community_id != community.id:
        raise NotFound("deliveries.photo_not_found")
    if photo.uploaded_by == actor.person_id:
        return photo
    stop = session.get(Stop, photo.stop_id) if photo.stop_id else None
    if stop and actor.person_id in people.members_of_home(session, community.id, stop.home_id):
        return photo
    raise NotFound("deliveries.photo_not_found")


def _stop_of_need(session: Session, community_id: UUID, need_id: UUID) -> Stop | None:
    of_parcels = (
        select(StopParcel.stop_id)
        .join(Parcel, Parcel.id == StopParcel.parcel_id)
        .where(Parcel.community_id == community_id, Parcel.need_id == need_id)
    )
    return session.scalars(
        select(Stop)
        .where(Stop.community_id == community_id, (Stop.need_id == need_id) | Stop.id.in_(of_parcels))
        .order_by(Stop.is_live.desc(), Stop.id.desc())
    ).first()


def _delay_s(session: Session, route: Route) -> int:
    stops = stops_of(session, route)
    planned = {stop.id: stop.plan_depart_at for stop in stops}
    return rules.delay_s(planned, {s.id: s.done_at for s in stops if s.state == "done" and s.done_at})
