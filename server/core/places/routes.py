"""HTTP: the map, lanes, gates, homes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from server.core.places import service
from server.core.places.schemas import (
    BuildingIn,
    BuildingNamedOut,
    CloseIn,
    CountOut,
    EntranceIn,
    EntranceStateOut,
    GateIn,
    GateStateOut,
    HomeOut,
    HomesOut,
    HomesQuery,
    LaneIn,
    LaneOut,
    MapOut,
    PointOut,
    SpotIn,
)
from server.kit.db import reading, transaction
from server.kit.errors import BadRequest
from server.kit.http import accepts_bytes, area_blueprint, revalidated
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community

CSV_BYTES = 4 << 20

bp = area_blueprint("places", __name__)


@bp.get("/map")
@revalidated
@bp.output(MapOut)
@allow("places.see_map")
def get_map() -> dict[str, Any]:
    """The compound as it is drawn: buildings, entrances, gates, lanes and their states."""
    with reading() as session:
        return service.map_data(session, current_community())


@bp.get("/homes")
@bp.input(HomesQuery, location="query", arg_name="query")
@bp.output(HomesOut)
@allow("places.see_homes")
def list_homes(query: HomesQuery) -> HomesOut:
    """Homes by part of their label or by entrance."""
    with reading() as session:
        homes = service.homes_page(
            session,
            current_community().id,
            query=query.query,
            entrance_id=query.entrance,
            limit=query.limit,
        )
        return HomesOut(items=[HomeOut.model_validate(home) for home in homes])


@bp.get("/homes.csv")
@allow("places.see_homes")
def export_homes() -> Response:
    """All homes as CSV."""
    with reading() as session:
        return _csv(service.export_homes(session, current_community().id), "homes.csv")


@bp.post("/homes/import")
@bp.output(CountOut)
@allow("places.manage")
@accepts_bytes(CSV_BYTES)
@idempotent
def import_homes() -> CountOut:
    """Add the homes of a CSV (building, entrance, floor, door): all or none."""
    with transaction() as session:
        count = service.import_homes(session, current_actor(), current_community(), _text())
        return CountOut(count=count)


@bp.get("/lanes.csv")
@allow("places.manage")
def export_lanes() -> Response:
    """All lanes as CSV."""
    with reading() as session:
        return _csv(service.export_lanes(session, current_community().id), "lanes.csv")


@bp.post("/lanes/import")
@bp.output(CountOut)
@allow("places.manage")
@accepts_bytes(CSV_BYTES)
@idempotent
def import_lanes() -> CountOut:
    """Mark, measure, close and reopen lanes by CSV: all or none."""
    with transaction() as session:
        return CountOut(count=service.import_lanes(session, current_actor(), current_community(), _text()))


@bp.patch("/lanes/<uuid:lane_id>")
@bp.input(LaneIn, arg_name="body")
@bp.output(LaneOut)
@allow("places.manage")
def mark_lane(lane_id: UUID, body: LaneIn) -> LaneOut:
    """Mark a lane as a fire lane or not, give its width or direction."""
    with transaction() as session:
        return LaneOut.model_validate(
            service.mark_lane(
                session,
                current_actor(),
                current_community(),
                lane_id,
                is_fire_lane=body.is_fire_lane,
                width_cm=body.width_cm,
                is_oneway=body.is_oneway,
                is_whole_way=body.is_whole_way,
            )
        )


@bp.post("/lanes/<uuid:lane_id>/close")
@bp.input(CloseIn, arg_name="body")
@bp.output(LaneOut)
@allow("places.close_lane")
@idempotent
def close_lane(lane_id: UUID, body: CloseIn) -> LaneOut:
    """Close a lane: routes that need it are planned anew at once."""
    with transaction() as session:
        return LaneOut.model_validate(
            service.close_lane(
                session, current_actor(), current_community(), lane_id, body.reason, body.until
            )
        )


@bp.post("/lanes/<uuid:lane_id>/reopen")
@bp.output(LaneOut)
@allow("places.close_lane")
@idempotent
def reopen_lane(lane_id: UUID) -> LaneOut:
    """Reopen a lane."""
    with transaction() as session:
        return LaneOut.model_validate(
            service.reopen_lane(session, current_actor(), current_community().id, lane_id)
        )


@bp.post("/standing-points")
@bp.input(SpotIn, arg_name="body")
@bp.output(PointOut, status_code=201)
@allow("places.manage")
@idempotent
def add_standing_point(body: SpotIn) -> PointOut:
    """Mark where carts may stand: the fire-lane node nearest to the spot."""
    with transaction() as session:
        point = service.add_standing_point(session, current_actor(), current_community(), body.x_m, body.y_m)
        return PointOut(id=point.id)


@bp.delete("/standing-points/<uuid:point_id>")
@bp.output({}, status_code=204)
@allow("places.manage")
def remove_standing_point(point_id: UUID) -> str:
    """Remove a standing point."""
    with transaction() as session:
        service.remove_standing_point(session, current_actor(), current_community(), point_id)
    return ""


@bp.patch("/buildings/<uuid:building_id>")
@bp.input(BuildingIn, arg_name="body")
@bp.output(BuildingNamedOut)
@allow("places.manage")
def name_building(building_id: UUID, body: BuildingIn) -> BuildingNamedOut:
    """Give a building its number or name."""
    with transaction() as session:
        return BuildingNamedOut.model_validate(
            service.name_building(session, current_actor(), current_community(), building_id, body.label)
        )


@bp.patch("/entrances/<uuid:entrance_id>")
@bp.input(EntranceIn, arg_name="body")
@bp.output(EntranceStateOut)
@allow("places.manage")
def change_entrance(entrance_id: UUID, body: EntranceIn) -> EntranceStateOut:
    """Name a door, or say what its shelf holds."""
    with transaction() as session:
        return EntranceStateOut.model_validate(
            service.change_entrance(
                session,
                current_actor(),
                current_community(),
                entrance_id,
                label=body.label,
                shelf_parcels=body.shelf_parcels,
            )
        )


@bp.patch("/gates/<uuid:gate_id>")
@bp.input(GateIn, arg_name="body")
@bp.output(GateStateOut)
@allow("places.manage")
def change_gate(gate_id: UUID, body: GateIn) -> GateStateOut:
    """Name, open or close a gate, say whether it takes goods, set its hours."""
    with transaction() as session:
        gate = service.change_gate(
            session,
            current_actor(),
            current_community(),
            gate_id,
            label=body.label,
            is_open=body.is_open,
            takes_goods=body.takes_goods,
            hours=body.hours,
        )
        return GateStateOut.model_validate(gate)


def _text() -> str:
    # Spreadsheets in China save CSV in GB 18030 unless told otherwise.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return request.get_data().decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadRequest("places.csv_not_utf8")


def _csv(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
