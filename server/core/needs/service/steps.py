"""Taking a step.

The lines move, the need's state follows, and the timeline, the audit and the event with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.needs.events import NeedChanged
from server.core.needs.models import Line, Moment, Need, Offer, Visit
from server.core.needs.rules.kinds import Flow, NeedKind
from server.core.needs.rules.lifecycle import (
    TERMINAL,
    ClosedBecause,
    Party,
    State,
    Step,
    next_state,
    state_of_need,
    step_to,
)
from server.core.needs.rules.urgency import Level, deadline_of
from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import NotFound
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor


@dataclass(frozen=True)
class By:
    """Who takes a step and how it came about: the actor, as which party, and the role the timeline shows."""

    actor: Actor
    party: Party
    role: str
    why: str | None = None
    device_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)


BY_SYSTEM = By(SYSTEM, Party.SYSTEM, "system")


def find_need(session: Session, community_id: UUID, need_id: UUID, *, for_update: bool = False) -> Need:
    """Return the need, locked against others if ``for_update``.

    Raises NotFound, also for another community's.
    """
    need = session.get(Need, need_id, with_for_update=for_update, populate_existing=for_update)
    if need is None or need.community_id != community_id:
        raise NotFound("needs.not_found")
    return need


def lines_of(session: Session, need_ids: Iterable[UUID]) -> dict[UUID, list[Line]]:
    """Return each need's lines in their order."""
    wanted = list(need_ids)
    found: dict[UUID, list[Line]] = {need_id: [] for need_id in wanted}
    for line in session.scalars(select(Line).where(Line.need_id.in_(wanted)).order_by(Line.position)):
        found[line.need_id].append(line)
    return found


def take_step(
    session: Session,
    need: Need,
    step: Step,
    by: By,
    *,
    line_ids: Iterable[UUID] | None = None,
    closed_because: ClosedBecause | None = None,
) -> None:
    """Take a step with all live lines of a need, or with some.

    Raises Conflict if it leads nowhere from where a line is, Forbidden if it is not for this party.
    """
    only = None if line_ids is None else set(line_ids)
    lines = lines_of(session, [need.id])[need.id]
    for line in lines:
        if (only is not None and line.id not in only) or State(line.state) in TERMINAL:
            continue
        line.state = next_state(State(line.state), step, Flow(need.flow), by.party)
    _follow(session, need, lines, step, by, closed_because)


def move_lines(
    session: Session,
    community_id: UUID,
    need_id: UUID,
    to_state: str,
    *,
    by: Party = Party.DELIVERY,
    actor: Actor = SYSTEM,
    who_role: str = "courier",
    line_ids: Iterable[UUID] | None = None,
    why: str | None = None,
    device_at: datetime | None = None,
    facts: dict[str, Any] | None = None,
) -> Need:
    """Move live lines to a state; lines that are there already stay, so that twice is once.

    For deliveries. Raises Conflict for an illegal move, NotFound for no such need.
    """
    need = find_need(session, community_id, need_id, for_update=True)
    target, only = State(to_state), None if line_ids is None else set(line_ids)
    lines = lines_of(session, [need.id])[need.id]
    step: Step | None = None
    for line in lines:
        state = State(line.state)
        if (only is not None and line.id not in only) or state in TERMINAL or state is target:
            continue
        step = step_to(state, target, Flow(need.flow), by)
        line.state = target
    if step is not None:
        _follow(session, need, lines, step, By(actor, by, who_role, why, device_at, facts or {}), None)
    return need


def _follow(
    session: Session, need: Need, lines: list[Line], step: Step, by: By, closed_because: ClosedBecause | None
) -> None:
    now, before = clock.now(), need.state
    need.state = state_of_need(State(line.state) for line in lines)
    if closed_because is not None:
        need.closed_because = closed_because
    if need.state != before:
        need.state_since = now
        need.level = Level.GRID
    need.deadline = deadline_of(
        State(need.state), NeedKind(need.kind), since=need.state_since, wanted_from=need.wanted_from
    )
    _mark_visit(session, need, step, by)
    note(session, need, by)
    facts = {"from": before, "to": need.state, **by.facts}
    record(
        session,
        by.actor,
        need.community_id,
        f"needs.{step}",
        ("need", need.id),
        facts=facts,
        why=by.why,
        device_at=by.device_at,
        about=need.subject_id,
    )
    session.flush()
    if need.state != before:
        announce(session, need)


def _mark_visit(session: Session, need: Need, step: Step, by: By) -> None:
    if step is Step.VISIT:
        visited_at = by.device_at or clock.now()
    elif step is Step.UNDO:
        visited_at = None
    else:
        return
    session.execute(
        update(Visit).where(Visit.need_id == need.id, Visit.ended_at.is_(None)).values(visited_at=visited_at)
    )


def note(session: Session, need: Need, by: By) -> None:
    """Add an entry to the need's timeline."""
    session.add(
        Moment(
            community_id=need.community_id,
            need_id=need.id,
            state=need.state,
            who_role=by.role,
            facts=by.facts,
            subject_id=need.subject_id,
            why=by.why,
            at=clock.now(),
            device_at=by.device_at,
        )
    )


def announce(session: Session, need: Need) -> None:
    """Emit NeedChanged with the people who may know."""
    helper_id = session.scalar(
        select(Offer.helper_id).where(Offer.need_id == need.id, Offer.state == "accepted")
    )
    emit(
        session,
        NeedChanged(
            need.community_id,
            need.id,
            state=need.state,
            need_kind=need.kind,
            home_id=need.home_id,
            watchers=watchers(session, need),
            helper_id=helper_id,
            closed_because=need.closed_because,
        ),
    )


def watchers(session: Session, need: Need) -> list[UUID]:
    """Return who may know of the need at home: its members, and whoever posted it."""
    members = set(people.members_of_home(session, need.community_id, need.home_id))
    if need.posted_by is not None:
        members.add(need.posted_by)
    return sorted(members)
