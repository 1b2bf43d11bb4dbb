"""Waves: begin, write the plan down, give up, call off, look up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.deliveries import planning
from server.core.deliveries.events import WaveChanged
from server.core.deliveries.models import Wave
from server.core.deliveries.planning import Inputs
from server.core.deliveries.service.gathering import gather
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound
from server.kit.jobs import JobRow, enqueue
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

HORIZON_S = 3 * 3600
OPEN = ("planning", "planned")


def start_wave(session: Session, actor: Actor, community: CommunityRef) -> Wave:
    """Begin to plan the next wave in the background. Raises Conflict while another waits for release."""
    places.goods_gate(session, community.id)
    waiting = open_wave(session, community.id)
    if waiting is not None:
        raise Conflict("deliveries.wave_open", wave=str(waiting.id))
    now = clock.now()
    wave = Wave(id=new_id(), community_id=community.id, starts_at=now, horizon_s=HORIZON_S, created_at=now)
    session.add(wave)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("deliveries.wave_open") from None
    record(session, actor, community.id, "deliveries.wave_started", ("wave", wave.id))
    plan_anew(session, wave, why=None)
    return wave


def plan_anew(session: Session, wave: Wave, *, why: str | None) -> None:
    """Plan the wave once more from what holds now; ``why``: what has changed since."""
    wave.state, wave.starts_at, wave.trouble = "planning", clock.now(), why
    wave.sheets, wave.unserved, wave.figures, wave.help = [], [], {}, None
    wave.round += 1
    enqueue(session, "deliveries.plan_wave", wave.community_id, _round(wave), key=planning_key(wave))
    tell_wave(session, wave)


def gather_for(session: Session, wave_id: UUID, planning_round: int) -> Inputs | None:
    """Return what the wave is to be planned from; None if that round of planning is not wanted any more."""
    wave = session.get(Wave, wave_id)
    if wave is None or wave.state != "planning" or wave.round != planning_round:
        return None
    return gather(session, wave.community_id, clock.now(), wave.horizon_s)


def write_plan(
    session: Session,
    wave_id: UUID,
    inputs: Inputs,
    sheets: list[dict[str, Any]],
    unserved: list[dict[str, Any]],
    figures: dict[str, Any],
) -> bool:
    """Write the plan down if its inputs still hold; return whether they did. A cancelled wave stays cancelled."""
    wave = session.get_one(Wave, wave_id, with_for_update=True, populate_existing=True)
    if wave.state != "planning":
        return True
    now = gather(session, wave.community_id, inputs.starts_at, inputs.horizon_s)
    routed = {UUID(sheet["helper_id"]): planning.breaks_from(sheet) for sheet in sheets}
    if planning.what_changed(inputs.stops, routed, inputs.network.version, now) is not None:
        return False
    wave.state, wave.network_version, wave.trouble = "planned", inputs.network.version, None
    wave.starts_at = inputs.starts_at
    wave.sheets, wave.unserved, wave.figures = sheets, unserved, figures
    tell_wave(session, wave)
    if sheets or unserved:
        # What would help is looked for once the plan is there to be seen.
        enqueue(session, "deliveries.help_wave", wave.community_id, _round(wave), key=helping_key(wave))
    return True


def fail_wave(session: Session, wave_id: UUID, trouble: str) -> None:
    """Give a wave up before its release: what it would have carried stays where it is for the next."""
    wave = session.get_one(Wave, wave_id, with_for_update=True, populate_existing=True)
    if wave.state in OPEN:
        wave.state, wave.trouble = "failed", trouble
        tell_wave(session, wave)


def fail_lost_waves(session: Session, community_id: UUID) -> None:
    """Give up waves whose job is gone or has failed for good: nobody plans them any more."""
    planning_now = select(Wave).where(Wave.community_id == community_id, Wave.state == "planning")
    for wave in session.scalars(planning_now).all():
        job = session.scalars(select(JobRow).where(JobRow.key == planning_key(wave))).one_or_none()
        if job is None or job.state in ("failed", "done"):
            fail_wave(session, wave.id, "solver_failed")


def cancel_wave(session: Session, actor: Actor, community: CommunityRef, wave_id: UUID) -> Wave:
    """Call a wave off before its release. Twice is once. Raises Conflict afterwards."""
    wave = find_wave(session, community.id, wave_id, for_update=True)
    if wave.state == "cancelled":
        return wave
    if wave.state not in (*OPEN, "failed"):
        raise Conflict("deliveries.wave_is_out", state=wave.state)
    wave.state = "cancelled"
    record(session, actor, community.id, "deliveries.wave_cancelled", ("wave", wave.id))
    tell_wave(session, wave)
    return wave


def find_wave(session: Session, community_id: UUID, wave_id: UUID, *, for_update: bool = False) -> Wave:
    """Return the wave. Raises NotFound."""
    wave = session.get(Wave, wave_id, with_for_update=for_update, populate_existing=for_update)
    if wave is None or wave.community_id != community_id:
        raise NotFound("deliveries.wave_not_found")
    return wave


def open_wave(session: Session, community_id: UUID) -> Wave | None:
    """Return the wave that is being planned or waits for its release, if any."""
    wanted = select(Wave).where(Wave.community_id == community_id, Wave.state.in_(OPEN))
    return session.scalars(wanted.limit(1)).first()


def latest_waves(session: Session, community_id: UUID, limit: int = 20) -> list[Wave]:
    """Return the latest waves, newest first."""
    wanted = select(Wave).where(Wave.community_id == community_id).order_by(Wave.id.desc())
    return list(session.scalars(wanted.limit(limit)))


def tell_wave(session: Session, wave: Wave) -> None:
    """Announce the wave's state."""
    emit(session, WaveChanged(wave.community_id, wave_id=wave.id, state=wave.state))


def planning_key(wave: Wave) -> str:
    """Return the key of the job that plans the wave's present round."""
    return f"plan/{wave.id}/{wave.round}"


def helping_key(wave: Wave) -> str:
    """Return the key of the job that looks for what would help the wave's present round."""
    return f"help/{wave.id}/{wave.round}"


def _round(wave: Wave) -> dict[str, Any]:
    return {"wave_id": str(wave.id), "round": wave.round}
