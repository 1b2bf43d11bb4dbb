"""Asking where goods and carts are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.models import Parcel, Position, Route, Stop, StopParcel
from server.core.deliveries.rules import Custodian, Spot
from server.core.deliveries.service.gathering import LIVE_ROUTES
from server.core.deliveries.service.routes import stops_of
from server.core.deliveries.service.waves import latest_waves
from server.core.helpers import service as helpers
from server.core.needs import service as needs


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
        if stop is None or (stop.state == "failed" and not stop.is_live):
            waits = {"spot": None, "photo_id": None, "code_hint": None, "state": "waiting"}
            waits["why"] = _why_unserved(session, community_id, need_id) or (stop.failure if stop else None)
            return needs.Whereabouts(holder_kind, None, None, waits if waits["why"] else None)
        route = session.get_one(Route, stop.route_id)
        helper = helpers.helper(session, community_id, route.helper_id)
        is_courier = holder_kind in (Custodian.COURIER, "helper")
        label = helpers.labels(session, [helper])[helper.id] if is_courier else None
        is_coming = stop.state == "todo"
        expected_at = stop.plan_arrive_at + timedelta(seconds=_delay_s(session, route)) if is_coming else None
        drop = {
            "spot": stop.spot,
            "photo_id": str(stop.photo_id) if stop.photo_id else None,
            "code_hint": stop.door_code if is_coming else None,
            "protocol": stop.protocol,
            "state": stop.state,
            "why": stop.failure,
            **_fetching(stop, _delay_s(session, route) if is_coming else 0),
        }
        return needs.Whereabouts(holder_kind, label, expected_at, drop)


def _fetching(stop: Stop, delay_s: int) -> dict[str, Any]:
    """Return when the home is to fetch what is put on the shelf, so that few neighbours meet there."""
    called_at = stop.spec.get("called_at")
    if called_at is None or stop.spot != Spot.SHELF or stop.state == "failed":
        return {}
    put_down_at = stop.done_at or stop.plan_depart_at + timedelta(seconds=max(0, delay_s))
    starts = rules.called_anew(datetime.fromisoformat(called_at), put_down_at)
    ends = starts + timedelta(seconds=rules.CALL_INTERVAL_S)
    return {"fetch_from": starts.isoformat(), "fetch_until": ends.isoformat()}


def _why_unserved(session: Session, community_id: UUID, need_id: UUID) -> str | None:
    for wave in latest_waves(session, community_id, limit=3):
        for left in wave.unserved:
            if str(need_id) in left["need_ids"]:
                return str(left["reason"])
    return None


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


def routes_of_wave(session: Session, wave_id: UUID) -> list[Route]:
    """Return the routes that a wave became."""
    return list(session.scalars(select(Route).where(Route.wave_id == wave_id).order_by(Route.id)))


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
