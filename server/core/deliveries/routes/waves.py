"""Endpoints of the wave desk."""

from __future__ import annotations

from uuid import UUID

from server.core.deliveries import service
from server.core.deliveries.routes.blueprint import bp
from server.core.deliveries.routes.wave_views import help_out, wave_out, wave_summary
from server.core.deliveries.schemas import (
    CartOut,
    CartsOut,
    WaveDetailOut,
    WaveHelpOut,
    WavesOut,
    WaveStartedOut,
)
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community


@bp.post("/waves")
@bp.output(WaveStartedOut, status_code=202)
@allow("deliveries.plan")
@idempotent
def start_wave() -> WaveStartedOut:
    """Plan the next wave in the background: what lies at the gate, and the visits that are due."""
    with transaction() as session:
        wave = service.start_wave(session, current_actor(), current_community())
        return WaveStartedOut(id=wave.id, state=wave.state)


@bp.get("/waves")
@bp.output(WavesOut)
@allow("deliveries.see_waves")
def list_waves() -> WavesOut:
    """The latest waves, newest first."""
    with reading() as session:
        rows = service.latest_waves(session, current_community().id)
        return WavesOut(items=[wave_summary(wave) for wave in rows])


@bp.get("/waves/<uuid:wave_id>")
@bp.output(WaveDetailOut)
@allow("deliveries.see_waves")
def get_wave(wave_id: UUID) -> WaveDetailOut:
    """A wave with its routes, its figures, and what it leaves out and why."""
    with reading() as session:
        return wave_out(session, service.find_wave(session, current_community().id, wave_id))


@bp.get("/waves/<uuid:wave_id>/help")
@bp.output(WaveHelpOut)
@allow("deliveries.plan")
def get_help(wave_id: UUID) -> WaveHelpOut:
    """The smallest changes that would better the wave's plan, while it waits for its release and still holds."""
    with reading() as session:
        return help_out(session, current_community(), wave_id)


@bp.post("/waves/<uuid:wave_id>/release")
@bp.output(WaveDetailOut)
@allow("deliveries.plan")
@idempotent
def release_wave(wave_id: UUID) -> WaveDetailOut:
    """Send the couriers out. A plan that does not hold any more comes back in state planning, with the trouble."""
    with transaction() as session:
        wave = service.release_wave(session, current_actor(), current_community(), wave_id)
        return wave_out(session, wave)


@bp.post("/waves/<uuid:wave_id>/cancel")
@bp.output(WaveDetailOut)
@allow("deliveries.plan")
@idempotent
def cancel_wave(wave_id: UUID) -> WaveDetailOut:
    """Call a wave off before its release."""
    with transaction() as session:
        wave = service.cancel_wave(session, current_actor(), current_community(), wave_id)
        return wave_out(session, wave)


@bp.get("/carts")
@bp.output(CartsOut)
@allow("deliveries.see_waves")
def list_carts() -> CartsOut:
    """Where the couriers are, how far they have come, how late they are."""
    with reading() as session:
        rows = service.carts(session, current_community().id)
        return CartsOut(items=[CartOut(**row) for row in rows])
