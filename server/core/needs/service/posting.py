"""Posting a need: at home, by a worker on somebody's behalf, again, or as what is left of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.needs.events import NeedPosted
from server.core.needs.models import Line, Need
from server.core.needs.rules.kinds import NeedKind, check_lines, flow_of, window_of
from server.core.needs.rules.lifecycle import Party, State, Step
from server.core.needs.rules.urgency import Level, deadline_of, priority_of
from server.core.needs.service.steps import BY_SYSTEM, By, find_need, lines_of, note, take_step, watchers
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Forbidden, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

WORKERS = ("grid_worker", "officer")


@dataclass(frozen=True)
class WantedLine:
    """One thing wanted; ``item_id`` is a supplier's item if one was picked."""

    text: str
    quantity: int = 1
    item_id: UUID | None = None


def post_need(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    kind: NeedKind,
    lines: Sequence[WantedLine] = (),
    home_id: UUID | None = None,
    note_text: str | None = None,
    wanted_from: datetime | None = None,
    wanted_until: datetime | None = None,
    follow_up_of: Need | None = None,
) -> Need:
    """Post a need and triage it by the committee's own order, so that it can be matched at once.

    ``home_id``: whose need it is; left out, the actor's own home. A worker may post for any home of the
    community (the phone desk). Raises Refused for a home that is not in the community, a window that cannot
    be, no lines; Forbidden for somebody else's home.
    """
    home, is_on_behalf = _home_for(session, actor, community, home_id)
    check_lines(kind, [line.quantity for line in lines])
    start, until = window_of(wanted_from, wanted_until, now=clock.now())
    need = _submit(
        session,
        lines or [WantedLine(text="")],
        community_id=community.id,
        home_id=home,
        subject_id=_subject_of(session, actor, community.id, home),
        posted_by=actor.person_id,
        is_on_behalf=is_on_behalf,
        kind=kind,
        flow=flow_of(kind, has_items=any(line.item_id for line in lines)),
        note=note_text or None,
        priority=_priority(session, community.id, home, kind),
        wanted_from=start,
        wanted_until=until,
        follow_up_of=follow_up_of.id if follow_up_of else None,
    )
    by = By(actor, Party.WORKER if is_on_behalf else Party.HOME, role_shown(actor, community, is_on_behalf))
    note(session, need, by)
    record(
        session, actor, community.id, "needs.posted", ("need", need.id), facts={"kind": kind, "home_id": home}
    )
    emit(
        session,
        NeedPosted(community.id, need.id, need_kind=kind, home_id=home, watchers=watchers(session, need)),
    )
    take_step(session, need, Step.TRIAGE, BY_SYSTEM)
    return need


def repeat_need(session: Session, actor: Actor, community: CommunityRef, need_id: UUID) -> Need:
    """Post the same once more, for now: the resident's one tap."""
    need = find_need(session, community.id, need_id)
    lines = [
        WantedLine(line.text, line.quantity, line.item_ref) for line in lines_of(session, [need.id])[need.id]
    ]
    return post_need(
        session,
        actor,
        community,
        kind=NeedKind(need.kind),
        lines=lines,
        home_id=need.home_id,
        note_text=need.note,
    )


def split_off(session: Session, actor: Actor, need: Need, lines: Sequence[Line]) -> Need:
    """Make a need of its own of lines that cannot be had here, so that somebody else may serve it.

    It keeps the home, the wanted time and the priority of the first. One need has one server: hence two
    needs.
    """
    rest = _submit(
        session,
        [WantedLine(line.text, line.quantity, line.item_ref) for line in lines],
        community_id=need.community_id,
        home_id=need.home_id,
        subject_id=need.subject_id,
        posted_by=need.posted_by,
        is_on_behalf=need.is_on_behalf,
        kind=need.kind,
        flow=need.flow,
        note=need.note,
        priority=need.priority,
        wanted_from=need.wanted_from,
        wanted_until=max(need.wanted_until, clock.now() + (need.wanted_until - need.wanted_from)),
        follow_up_of=need.id,
    )
    record(
        session, actor, need.community_id, "needs.split", ("need", need.id), facts={"follow_up_id": rest.id}
    )
    take_step(session, rest, Step.TRIAGE, BY_SYSTEM)
    return rest


def is_worker(actor: Actor, community: CommunityRef) -> bool:
    """Tell whether the actor is one of the community's workers."""
    return any(actor.has(role, community) for role in WORKERS)


def role_shown(actor: Actor, community: CommunityRef, as_worker: bool) -> str:
    """Return the role the timeline shows for what somebody did at home or as a worker."""
    if actor.is_system:
        return "system"
    if not as_worker:
        return "resident"
    return "officer" if actor.has("officer", community) else "grid_worker"


def _home_for(
    session: Session, actor: Actor, community: CommunityRef, home_id: UUID | None
) -> tuple[UUID, bool]:
    own = people.home_of_person(session, community.id, actor.person_id) if actor.person_id else None
    if home_id is None:
        if own is None:
            raise Refused("needs.no_home")
        return own, False
    try:
        places.home(session, community.id, home_id)
    except NotFound:
        raise Refused("needs.home_not_in_community", home=str(home_id)) from None
    if home_id == own:
        return home_id, False
    if not (actor.is_system or is_worker(actor, community)):
        raise Forbidden("needs.not_your_home")
    return home_id, True


def _subject_of(session: Session, actor: Actor, community_id: UUID, home_id: UUID) -> UUID:
    """Return whose words a need's are: of whoever posts for the own home, else of the first who lives there."""
    if actor.person_id is not None and people.is_member(session, community_id, home_id, actor.person_id):
        return actor.person_id
    return people.subject_of_home(session, community_id, home_id)


def _priority(session: Session, community_id: UUID, home_id: UUID, kind: NeedKind) -> int:
    return priority_of(
        kind,
        guarantee_tier=people.guarantee_tier(session, community_id, home_id),
        is_red=home_id in flags.red_homes(session, community_id, clock.now()),
    )


def _submit(session: Session, lines: Sequence[WantedLine], **facts: Any) -> Need:
    """Add a submitted need with its lines.

    ``facts``: the columns that say what is wanted, where, when and by whom.
    """
    now = clock.now()
    kind, wanted_from = NeedKind(facts["kind"]), facts["wanted_from"]
    need = Need(
        id=new_id(),
        state=State.SUBMITTED,
        state_since=now,
        deadline=deadline_of(State.SUBMITTED, kind, since=now, wanted_from=wanted_from),
        level=Level.GRID,
        posted_at=now,
        **facts,
    )
    session.add(need)
    session.flush()
    _add_lines(session, need, lines)
    return need


def _add_lines(session: Session, need: Need, lines: Sequence[WantedLine]) -> None:
    for position, line in enumerate(lines):
        session.add(
            Line(
                community_id=need.community_id,
                need_id=need.id,
                subject_id=need.subject_id,
                position=position,
                text=line.text,
                quantity=line.quantity,
                item_ref=line.item_id,
                state=State.SUBMITTED,
            )
        )
    session.flush()
