"""What would help a wave: what it is asked from, and the answer, kept for as long as the plan holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries.events import HelpFound
from server.core.deliveries.helping import as_planned
from server.core.deliveries.models import Wave
from server.core.deliveries.planning import Inputs
from server.core.deliveries.service.gathering import gather
from server.core.deliveries.service.releasing import what_changed
from server.core.deliveries.service.waves import find_wave, helping_key
from server.kit.errors import Refused
from server.kit.jobs import JobRow
from server.kit.outbox import emit


@dataclass(frozen=True)
class Asked:
    """The plan that help is looked for: what it was made from, and its routes."""

    inputs: Inputs
    sheets: list[dict[str, Any]]


@dataclass(frozen=True)
class WaveHelp:
    """``state``: looking while a worker has it; unknown where nobody looks, or the plan does not hold any more."""

    state: Literal["looking", "found", "unknown"]
    items: list[dict[str, Any]]


def gather_help(session: Session, wave_id: UUID, planning_round: int) -> Asked | None:
    """Return what help is looked for; None if that round's plan is not wanted any more or does not hold."""
    wave = session.get(Wave, wave_id)
    if wave is None or not _holds(session, wave, planning_round):
        return None
    # As at planning: the same instant, so that the same shifts and windows are seen.
    now = gather(session, wave.community_id, wave.starts_at, wave.horizon_s)
    unused = [one for one in wave.figures["unused_helpers"] if one["why"] != "no_shift"]
    return Asked(as_planned(now, wave.sheets, wave.unserved, unused), wave.sheets)


def write_help(session: Session, wave_id: UUID, planning_round: int, found: list[dict[str, Any]]) -> bool:
    """Keep what was found and announce it if the plan still holds; return whether it does."""
    wave = session.get_one(Wave, wave_id, with_for_update=True, populate_existing=True)
    if not _holds(session, wave, planning_round):
        return False
    wave.help = found
    emit(session, HelpFound(wave.community_id, wave_id=wave.id))
    return True


def help_of_wave(session: Session, community_id: UUID, wave_id: UUID) -> WaveHelp:
    """Return what would help the wave as it is planned now. Raises NotFound."""
    wave = find_wave(session, community_id, wave_id)
    if not _holds(session, wave, wave.round):
        return WaveHelp("unknown", [])
    if wave.help is not None:
        return WaveHelp("found", wave.help)
    job = session.scalars(select(JobRow).where(JobRow.key == helping_key(wave))).one_or_none()
    return WaveHelp("looking" if job is not None and job.state in ("queued", "running") else "unknown", [])


def _holds(session: Session, wave: Wave, planning_round: int) -> bool:
    """Tell whether the plan of that round could be released now."""
    if wave.state != "planned" or wave.round != planning_round:
        return False
    try:
        return what_changed(session, wave) is None
    except Refused:
        # No map or no open gate any more.
        return False
