"""What homes and workers do with a need after it was posted, and what the clock does when nobody acts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.needs.events import NeedCancelled, NeedEscalated
from server.core.needs.models import Need
from server.core.needs.rules.kinds import NeedKind
from server.core.needs.rules.lifecycle import TERMINAL, ClosedBecause, Party, State, Step
from server.core.needs.rules.urgency import Level, deadline_of, level_above
from server.core.needs.service.offers import end_live_offers
from server.core.needs.service.posting import WantedLine, is_worker, post_need, role_shown
from server.core.needs.service.steps import BY_SYSTEM, By, find_need, note, take_step
from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Forbidden
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef

# Somebody was at the door: what the shop has packed long since cannot be called off, only closed.
BROUGHT = (State.UNREACHABLE, State.DISPUTED)
HELD = (State.OFFERED, State.ACCEPTED, State.SOURCING, State.SCHEDULED)
CALL_TEXT = "电话确认是否收到 · Call to ask whether it has arrived"


def cancel(
    session: Session, actor: Actor, community: CommunityRef, need_id: UUID, *, why: str | None = None
) -> Need:
    """Call a need off. Raises Conflict once it is at the gate, or Refused once the shop has packed it."""
    need = find_need(session, community.id, need_id, for_update=True)
    by = _by(session, actor, community, need, why)
    end_live_offers(session, need, why="cancelled")
    take_step(session, need, Step.CANCEL, by)
    emit(session, NeedCancelled(community.id, need.id, home_id=need.home_id))
    return need


def confirm(session: Session, actor: Actor, community: CommunityRef, need_id: UUID) -> Need:
    """Say that it has arrived, or that somebody came. Twice is once."""
    need = find_need(session, community.id, need_id, for_update=True)
    by = _by(session, actor, community, need, None)
    if State(need.state) is State.CONFIRMED:
        return need
    take_step(session, need, Step.CONFIRM, by)
    _confirm_first(session, need)
    return need


def dispute(session: Session, actor: Actor, community: CommunityRef, need_id: UUID, *, why: str) -> Need:
    """Say that it has not arrived or is not right; a worker has to look."""
    need = find_need(session, community.id, need_id, for_update=True)
    take_step(session, need, Step.DISPUTE, _by(session, actor, community, need, why))
    return need


def triage(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    need_id: UUID,
    *,
    priority: int | None = None,
    hold: bool | None = None,
    why: str | None = None,
) -> Need:
    """Set a need's priority, put it on hold, or (hold false) have it matched again, whoever had it."""
    need = find_need(session, community.id, need_id, for_update=True)
    by = By(actor, Party.WORKER, role_shown(actor, community, True), why=why)
    if priority is not None and priority != need.priority:
        facts = {"from": need.priority, "to": priority}
        need.priority = priority
        record(
            session,
            actor,
            community.id,
            "needs.priority_set",
            ("need", need.id),
            facts=facts,
            why=why,
            about=need.subject_id,
        )
    if hold:
        if State(need.state) is State.OFFERED:
            end_live_offers(session, need, why="on_hold")
            take_step(session, need, Step.GIVE_BACK, by)
        take_step(session, need, Step.HOLD, by)
    elif hold is False and State(need.state) is not State.TRIAGED:
        # From whoever has it by now, it is taken back; a helper may have fallen ill.
        end_live_offers(session, need, why="triaged_again", to="declined")
        take_step(session, need, Step.GIVE_BACK if State(need.state) in HELD else Step.TRIAGE, by)
    session.flush()
    return need


def close(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    need_id: UUID,
    *,
    because: ClosedBecause,
    why: str | None = None,
) -> Need:
    """Close a need for a reason; for workers."""
    need = find_need(session, community.id, need_id, for_update=True)
    by = By(actor, Party.WORKER, role_shown(actor, community, True), why=why, facts={"because": because})
    if State(need.state) not in BROUGHT:
        end_live_offers(session, need, why="closed")
    if State(need.state) is State.OFFERED:
        take_step(session, need, Step.GIVE_BACK, by)
    take_step(session, need, Step.CLOSE, by, closed_because=because)
    return need


def overdue(session: Session, community_id: UUID, now: datetime) -> list[UUID]:
    """Return the needs whose present step has taken too long."""
    return list(
        session.scalars(
            select(Need.id)
            .where(Need.community_id == community_id, Need.deadline <= now, Need.state.not_in(TERMINAL))
            .order_by(Need.deadline)
        )
    )


def pass_deadline(session: Session, community: CommunityRef, need_id: UUID) -> None:
    """Do what a passed deadline demands: close what was dropped or confirmed, escalate anything else.

    A drop at the door of somebody old is not closed in silence: a volunteer calls. Does nothing before the
    deadline.
    """
    need = find_need(session, community.id, need_id, for_update=True)
    now = clock.now()
    if need.deadline is None or need.deadline > now:
        return
    state = State(need.state)
    if state is State.CONFIRMED:
        take_step(session, need, Step.CLOSE, BY_SYSTEM, closed_because=ClosedBecause.DONE)
    elif state in (State.DROPPED, State.VISITED):
        _unconfirmed(session, community, need, now)
    else:
        _escalate(session, need, now)


def _unconfirmed(session: Session, community: CommunityRef, need: Need, now: datetime) -> None:
    is_call = need.follow_up_of is not None and NeedKind(need.kind) is NeedKind.COMPANY
    if is_call or not _has_elder(session, need):
        take_step(session, need, Step.CLOSE, BY_SYSTEM, closed_because=ClosedBecause.DONE)
        _confirm_first(session, need)
        return
    asked = session.scalar(
        select(Need.id).where(Need.follow_up_of == need.id, Need.kind == NeedKind.COMPANY).limit(1)
    )
    if asked is None:
        call = post_need(
            session,
            SYSTEM,
            community,
            kind=NeedKind.COMPANY,
            lines=[WantedLine(text=CALL_TEXT)],
            home_id=need.home_id,
            follow_up_of=need,
        )
        note(session, need, By(SYSTEM, Party.SYSTEM, "system", facts={"call_need_id": str(call.id)}))
    _escalate(session, need, now)


def _has_elder(session: Session, need: Need) -> bool:
    members = people.household_members(session, need.community_id, need.home_id)
    return any("elder" in traits for _, traits in members)


def _confirm_first(session: Session, need: Need) -> None:
    """Confirm the drop that a call was about, once the call is done."""
    if need.follow_up_of is None or NeedKind(need.kind) is not NeedKind.COMPANY:
        return
    first = find_need(session, need.community_id, need.follow_up_of, for_update=True)
    if State(first.state) in (State.DROPPED, State.VISITED):
        facts = {"call_need_id": str(need.id)}
        take_step(session, first, Step.CONFIRM, By(SYSTEM, Party.SYSTEM, "system", facts=facts))


def _escalate(session: Session, need: Need, now: datetime) -> None:
    state = State(need.state)
    need.level = level_above(Level(need.level))
    need.deadline = deadline_of(state, NeedKind(need.kind), since=now, wanted_from=need.wanted_from)
    facts = {"state": state, "level": need.level}
    note(session, need, By(SYSTEM, Party.SYSTEM, "system", facts={"escalated_to": need.level}))
    record(session, SYSTEM, need.community_id, "needs.escalated", ("need", need.id), facts=facts)
    emit(session, NeedEscalated(need.community_id, need.id, level=need.level, state=state))


def _by(session: Session, actor: Actor, community: CommunityRef, need: Need, why: str | None) -> By:
    """Return as whom the actor acts on the need. Raises Forbidden for somebody it is no business of."""
    is_home = actor.person_id in people.members_of_home(session, community.id, need.home_id)
    if is_home or (
        actor.person_id is not None and actor.person_id == need.posted_by and not need.is_on_behalf
    ):
        return By(actor, Party.HOME, "resident", why)
    if actor.is_system or is_worker(actor, community):
        return By(actor, Party.WORKER, role_shown(actor, community, True), why)
    raise Forbidden("needs.not_yours")
