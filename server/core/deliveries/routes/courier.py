"""Endpoints of a courier on a round."""

from __future__ import annotations

from uuid import UUID

from server.core.deliveries import service
from server.core.deliveries.routes.blueprint import bp
from server.core.deliveries.routes.views import route_out, stop_done_out
from server.core.deliveries.schemas import (
    FailIn,
    FinishIn,
    LoadIn,
    PositionIn,
    PositionOut,
    RouteOut,
    StopDoneOut,
    UndoIn,
)
from server.kit.db import reading, transaction
from server.kit.errors import NotFound
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community


@bp.get("/routes/mine")
@bp.output(RouteOut)
@allow("deliveries.carry")
def get_my_route() -> RouteOut:
    """My route: the stops in order, the way along the lanes, what is on board."""
    with reading() as session:
        route = service.my_route(session, current_actor(), current_community())
        if route is None:
            raise NotFound("deliveries.no_route")
        return route_out(session, route)


@bp.post("/routes/<uuid:route_id>/load")
@bp.input(LoadIn, arg_name="body")
@bp.output(RouteOut)
@allow("deliveries.carry")
@idempotent
def load(route_id: UUID, body: LoadIn) -> RouteOut:
    """Take the parcels on board at the gate, with how many I count."""
    with transaction() as session:
        route, mismatch = service.load(
            session,
            current_actor(),
            current_community(),
            route_id,
            counted=body.counted,
            device_at=body.device_at,
        )
        return route_out(session, route, has_mismatch=mismatch)


@bp.post("/stops/<uuid:stop_id>/finish")
@bp.input(FinishIn, arg_name="body")
@bp.output(StopDoneOut)
@allow("deliveries.carry")
@idempotent
def finish_stop(stop_id: UUID, body: FinishIn) -> StopDoneOut:
    """All of this stop's goods lie where they should, or the visit was made."""
    proof = body.proof
    with transaction() as session:
        stop = service.finish_stop(
            session,
            current_actor(),
            current_community(),
            stop_id,
            proof_kind=proof.kind if proof else None,
            code=proof.code if proof else None,
            photo_id=proof.photo_id if proof else None,
            device_at=body.device_at,
        )
        return stop_done_out(session, stop)


@bp.post("/stops/<uuid:stop_id>/fail")
@bp.input(FailIn, arg_name="body")
@bp.output(StopDoneOut)
@allow("deliveries.carry")
@idempotent
def fail_stop(stop_id: UUID, body: FailIn) -> StopDoneOut:
    """This stop could not be served, and why."""
    with transaction() as session:
        stop = service.fail_stop(
            session,
            current_actor(),
            current_community(),
            stop_id,
            reason=body.reason,
            device_at=body.device_at,
            note=body.note,
        )
        return stop_done_out(session, stop)


@bp.post("/stops/<uuid:stop_id>/undo")
@bp.input(UndoIn, arg_name="body")
@bp.output(StopDoneOut)
@allow("deliveries.carry")
@idempotent
def undo_stop(stop_id: UUID, body: UndoIn) -> StopDoneOut:
    """Take the last step at a stop back, within ten seconds."""
    with transaction() as session:
        stop = service.undo_stop(
            session, current_actor(), current_community(), stop_id, device_at=body.device_at
        )
        return stop_done_out(session, stop)


@bp.post("/routes/<uuid:route_id>/position")
@bp.input(PositionIn, arg_name="body")
@bp.output(PositionOut)
@allow("deliveries.carry")
def move_cart(route_id: UUID, body: PositionIn) -> PositionOut:
    """Where I am; only the latest place is kept, and none after the round."""
    with transaction() as session:
        position = service.move_cart(
            session, current_actor(), current_community(), route_id, body.x_m, body.y_m
        )
        return PositionOut(x_m=position.x_m, y_m=position.y_m, at=position.at)


@bp.post("/routes/<uuid:route_id>/finish")
@bp.output(RouteOut)
@allow("deliveries.carry")
@idempotent
def finish_route(route_id: UUID) -> RouteOut:
    """I am back: what was not delivered goes onto the gate's shelf; says whether the cart goes to disinfection."""
    with transaction() as session:
        route = service.finish_route(session, current_actor(), current_community(), route_id)
        return route_out(session, route)
