"""Rows into answers: how much of a need its reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.needs import service
from server.core.needs.models import Line, Moment, Need, Unmatched
from server.core.needs.rules.kinds import Flow, NeedKind
from server.core.needs.rules.lifecycle import TERMINAL, ClosedBecause, Party, State, Step, next_state
from server.core.needs.rules.urgency import Level
from server.core.needs.schemas import (
    HolderOut,
    HomeOut,
    LineOut,
    MomentOut,
    NeedDetailOut,
    NeedOut,
    OfferOut,
    OpenNeedOut,
    UnmatchedOut,
    WhyOut,
)
from server.core.people import service as people
from server.core.places import service as places
from server.kit.errors import Problem
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

May = Literal["cancel", "confirm", "dispute", "repeat", "triage", "close"]
AT_HOME: tuple[tuple[May, Step], ...] = (
    ("cancel", Step.CANCEL),
    ("confirm", Step.CONFIRM),
    ("dispute", Step.DISPUTE),
)


def needs_out(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    needs: Sequence[Need],
    *,
    is_door_shown: bool = True,
) -> list[NeedOut]:
    """Return the needs with their lines; without door and note if ``actor`` may only know the entrance.

    What a home wants is everybody's own who lives there.
    """
    own = people.home_of_person(session, community.id, actor.id)
    lines = service.lines_of(session, [need.id for need in needs])
    labels = _labels(session, community, [need.home_id for need in needs], is_door_shown)
    return [
        _need_out(
            need,
            lines[need.id],
            labels.get(need.home_id, ""),
            note=need.note if is_door_shown else None,
            about=actor.id if need.home_id == own else need.subject_id,
        )
        for need in needs
    ]


def story_out(session: Session, actor: Actor, community: CommunityRef, need: Need) -> NeedDetailOut:
    """Return the need with its story for the reader. Raises Forbidden for whom it is no business of."""
    sight = service.sight_of(session, actor, community, need)
    base = needs_out(
        session,
        actor,
        community,
        [need],
        is_door_shown=_is_door_shown(session, actor, community, need, sight),
    )[0]
    where = service.whereabouts(session, community.id, need)
    why = service.unmatched_of(session, need.id) if State(need.state) is State.TRIAGED else None
    return NeedDetailOut(
        **dict(base),
        timeline=[
            MomentOut(
                at=m.at, device_at=m.device_at, state=State(m.state), who_role=m.who_role, facts=_facts(m)
            )
            for m in service.timeline(session, need.id)
        ],
        holder=HolderOut(kind=where.holder_kind, label=where.holder_label) if where.holder_kind else None,
        expected_at=where.expected_at,
        drop=where.drop if sight is service.Sight.HOME else None,
        unmatched=_why_out(why) if why else None,
        may=_may(session, need, sight),
    )


def offers_out(
    session: Session, actor: Actor, community: CommunityRef, *, only: UUID | None = None
) -> list[OfferOut]:
    """Return the actor's offers; the door is shown once the offer is accepted."""
    mine = service.own_helper(session, actor, community)
    result = []
    for offer, need in service.offers_of(session, community.id, mine.id):
        if only is None or offer.id == only:
            shown = needs_out(session, actor, community, [need], is_door_shown=offer.state == "accepted")[0]
            result.append(OfferOut(id=offer.id, state=offer.state, expires_at=offer.expires_at, need=shown))
    return result


def open_needs_out(session: Session, community: CommunityRef, needs: Sequence[Need]) -> list[OpenNeedOut]:
    """Return what a helper may know of needs that nobody has taken yet."""
    labels = _labels(session, community, [need.home_id for need in needs], is_door_shown=False)
    return [
        OpenNeedOut(
            id=need.id,
            kind=NeedKind(need.kind),
            priority=need.priority,
            entrance=labels.get(need.home_id, ""),
            wanted_from=need.wanted_from,
            wanted_until=need.wanted_until,
            posted_at=need.posted_at,
        )
        for need in needs
    ]


def unmatched_out(session: Session, actor: Actor, community: CommunityRef) -> list[UnmatchedOut]:
    """Return the needs nobody could be found for, with the reasons."""
    rows = service.unmatched(session, community.id)
    needs = {need.id: need for need in needs_out(session, actor, community, [need for _, need in rows])}
    return [UnmatchedOut(**_why_out(why).model_dump(), need=needs[need.id]) for why, need in rows]


def _labels(
    session: Session, community: CommunityRef, home_ids: Sequence[UUID], is_door_shown: bool
) -> dict[UUID, str]:
    if is_door_shown:
        return places.home_labels(session, community.id, home_ids)
    homes = places.sites_of_homes(session, community.id, home_ids)
    doors = places.sites_of_entrances(session, community.id, {site.entrance_id for site in homes.values()})
    return {home_id: doors[site.entrance_id].label for home_id, site in homes.items()}


def _is_door_shown(
    session: Session, actor: Actor, community: CommunityRef, need: Need, sight: service.Sight
) -> bool:
    if sight is not service.Sight.HELPER:
        return True
    accepted = service.accepted_offer(session, need.id)
    return accepted is not None and accepted.helper_id == service.own_helper(session, actor, community).id


def _facts(moment: Moment) -> dict[str, Any]:
    return moment.facts if moment.why is None else {**moment.facts, "why": moment.why}


def _why_out(why: Unmatched) -> WhyOut:
    return WhyOut(
        reason=why.reason, facts=why.facts, smallest_change=why.smallest_change, computed_at=why.computed_at
    )


def _need_out(
    need: Need, lines: Sequence[Line], home_label: str, *, note: str | None, about: UUID
) -> NeedOut:
    return NeedOut(
        about=about,
        id=need.id,
        kind=NeedKind(need.kind),
        flow=Flow(need.flow),
        state=State(need.state),
        priority=need.priority,
        level=Level(need.level),
        home=HomeOut(id=need.home_id, label=home_label),
        lines=[
            LineOut(
                id=line.id,
                text=line.text,
                quantity=line.quantity,
                item_id=line.item_ref,
                state=State(line.state),
            )
            for line in lines
        ],
        note=note,
        wanted_from=need.wanted_from,
        wanted_until=need.wanted_until,
        posted_at=need.posted_at,
        state_since=need.state_since,
        deadline=need.deadline,
        is_on_behalf=need.is_on_behalf,
        closed_because=ClosedBecause(need.closed_because) if need.closed_because else None,
        follow_up_of=need.follow_up_of,
    )


def _may(session: Session, need: Need, sight: service.Sight) -> list[May]:
    if sight is service.Sight.HELPER:
        return []
    party = Party.HOME if sight is service.Sight.HOME else Party.WORKER
    may: list[May] = [name for name, step in AT_HOME if _can(session, need, step, party)]
    if party is Party.HOME:
        return [*may, "repeat"]
    if any(_can(session, need, step, party) for step in (Step.TRIAGE, Step.HOLD, Step.GIVE_BACK)):
        may.append("triage")
    if _can(session, need, Step.CLOSE, party):
        may.append("close")
    return may


def _can(session: Session, need: Need, step: Step, party: Party) -> bool:
    live = [State(line.state) for line in service.lines_of(session, [need.id])[need.id]]
    live = [state for state in live if state not in TERMINAL]
    try:
        for state in live:
            next_state(state, step, Flow(need.flow), party)
    except Problem:
        return False
    return bool(live)
