"""Waves as the wave desk sees them: routes, what is left out and why, what would help."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.deliveries import service
from server.core.deliveries.models import Route, Wave
from server.core.deliveries.routes.views import halt_of, path_of, rests_out, stop_facts
from server.core.deliveries.schemas import (
    HelpOut,
    UnservedOut,
    UnusedOut,
    WaveDetailOut,
    WaveHelpOut,
    WaveOut,
    WaveRouteOut,
    WaveStopOut,
)
from server.core.helpers import service as helpers
from server.core.places import service as places
from server.kit.db import is_uuid
from server.kit.tenancy import CommunityRef

# The smallest changes that are about one courier.
NAMES_A_COURIER = ("lengthen_shift", "let_out_longer", "fetch_goods_from")


def wave_summary(wave: Wave) -> WaveOut:
    """Return a wave without its routes."""
    return WaveOut.model_validate(_wave(wave))


def _wave(wave: Wave) -> dict[str, Any]:
    columns = ("id", "state", "created_at", "starts_at", "released_at", "trouble", "figures")
    return {column: getattr(wave, column) for column in columns}


def wave_out(session: Session, wave: Wave) -> WaveDetailOut:
    """Return a wave with its routes (planned ones before the release, real ones after) and what it leaves out."""
    routes = service.routes_of_wave(session, wave.id)
    if routes:
        shown = [_released_route(session, route) for route in routes]
    else:
        shown = [_planned_route(session, wave, sheet) for sheet in wave.sheets]
    return WaveDetailOut.model_validate(
        {
            **_wave(wave),
            "routes": shown,
            "unserved": _unserved(session, wave),
            "unused": _unused(session, wave),
        }
    )


def _unserved(session: Session, wave: Wave) -> list[UnservedOut]:
    homes = [UUID(left["home_id"]) for left in wave.unserved]
    labels = places.home_labels(session, wave.community_id, homes)
    about = {left["stop"]: _helper_of(left["change"]) for left in wave.unserved}
    names = _names(session, wave.community_id, {one for one in about.values() if one})
    lane_ids = {left["stop"]: next(iter(left["change"].get("lanes", ())), None) for left in wave.unserved}
    lanes = places.lane_names(session, wave.community_id, [UUID(one) for one in lane_ids.values() if one])
    found = []
    for left in wave.unserved:
        helper_id, lane_id = about[left["stop"]], lane_ids[left["stop"]]
        lane = lanes.get(UUID(lane_id)) if lane_id else None
        found.append(
            UnservedOut(
                need_id=next(iter(left["need_ids"]), None),
                need_ids=left["need_ids"],
                label=labels.get(UUID(left["home_id"]), ""),
                reason=left["reason"],
                facts=left["facts"],
                change=left["change"],
                helper_label=names.get(helper_id) if helper_id else None,
                lane_name=lane[0] if lane else None,
                lane_ref=lane[1] if lane else None,
            )
        )
    return found


def _helper_of(change: dict[str, Any]) -> UUID | None:
    """Return whom a smallest change names, if it names a courier."""
    named = next((change[key] for key in NAMES_A_COURIER if key in change), None)
    return UUID(named) if isinstance(named, str) and is_uuid(named) else None


def _unused(session: Session, wave: Wave) -> list[UnusedOut]:
    unused = wave.figures.get("unused_helpers", [])
    names = _names(session, wave.community_id, {UUID(one["helper_id"]) for one in unused})
    return [UnusedOut(helper_label=names.get(UUID(one["helper_id"]), ""), why=one["why"]) for one in unused]


def _names(session: Session, community_id: UUID, helper_ids: Iterable[UUID]) -> dict[UUID, str]:
    return helpers.labels(session, helpers.by_ids(session, community_id, helper_ids).values())


def help_out(session: Session, community: CommunityRef, wave_id: UUID) -> WaveHelpOut:
    """Return what would help a wave, helpers by the name that others may see."""
    found = service.help_of_wave(session, community.id, wave_id)
    named = {UUID(item["helper_id"]) for item in found.items if "helper_id" in item}
    labels = helpers.labels(session, helpers.by_ids(session, community.id, named).values())
    return WaveHelpOut(
        state=found.state,
        items=[
            HelpOut.model_validate(
                {**item, "helper_label": labels.get(UUID(item["helper_id"])) if "helper_id" in item else None}
            )
            for item in found.items
        ],
    )


def _planned_route(session: Session, wave: Wave, sheet: dict[str, Any]) -> WaveRouteOut:
    helper_id = UUID(sheet["helper_id"])
    labels = places.home_labels(session, wave.community_id, [UUID(e["home_id"]) for e in sheet["stops"]])
    return WaveRouteOut(
        id=None,
        helper_id=helper_id,
        helper_label=_helper_label(session, wave.community_id, helper_id),
        vehicle=sheet["profile"],
        state="planned",
        seq=None,
        begin_at=datetime.fromisoformat(sheet["begin_at"]),
        end_at=datetime.fromisoformat(sheet["end_at"]),
        rests=rests_out(sheet.get("breaks", ())),
        stops=[
            WaveStopOut(
                about=None,
                id=None,
                order=entry["position"],
                kind=entry["kind"],
                protocol="red" if entry["is_red"] else "green",
                spot=entry["spot"],
                label=labels.get(UUID(entry["home_id"]), ""),
                need_ids=entry["need_ids"],
                parcels=len(entry["parcel_ids"]),
                plan_arrive_at=datetime.fromisoformat(entry["plan_arrive_at"]),
                plan_depart_at=datetime.fromisoformat(entry["plan_depart_at"]),
                wait_s=entry.get("wait_s", 0),
                state="todo",
                failure=None,
                note=None,
                halt=halt_of(entry["leg"]),
            )
            for entry in sheet["stops"]
        ],
        path=path_of([entry["leg"] for entry in sheet["stops"]], sheet["way_home"]),
    )


def _released_route(session: Session, route: Route) -> WaveRouteOut:
    stops = service.stops_of(session, route)
    labels = places.home_labels(session, route.community_id, [stop.home_id for stop in stops])
    parcels = service.parcels_of_stops(session, [stop.id for stop in stops])
    return WaveRouteOut(
        id=route.id,
        helper_id=route.helper_id,
        helper_label=_helper_label(session, route.community_id, route.helper_id),
        vehicle=route.profile,
        state=route.state,
        seq=route.seq,
        begin_at=route.begin_at,
        end_at=route.end_at,
        rests=rests_out(route.breaks),
        stops=[
            WaveStopOut.model_validate(
                {
                    **stop_facts(stop),
                    "about": stop.subject_id,
                    "label": labels.get(stop.home_id, ""),
                    "need_ids": stop.spec["need_ids"],
                    "parcels": len(parcels[stop.id]),
                    "plan_depart_at": stop.plan_depart_at,
                    "wait_s": stop.spec.get("wait_s", 0),
                    "note": stop.failure_note,
                }
            )
            for stop in stops
        ],
        path=path_of([stop.leg for stop in stops], route.way_home),
    )


def _helper_label(session: Session, community_id: UUID, helper_id: UUID) -> str:
    return helpers.labels(session, [helpers.helper(session, community_id, helper_id)])[helper_id]
