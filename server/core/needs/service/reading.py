"""What others may see of needs, and what deliveries ask about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.helpers import service as helpers
from server.core.needs.models import Moment, Need, Offer, Unmatched, Visit
from server.core.needs.rules.kinds import SERVICE_S, SKILL_OF_KIND, NeedKind
from server.core.needs.rules.lifecycle import State
from server.core.needs.service.posting import is_worker
from server.core.people import service as people
from server.kit.errors import Forbidden
from server.kit.jobs import engine
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

WHEREABOUTS = "needs.whereabouts"
# States in which a helper who accepted still has the need before them.
IN_HAND = (State.ACCEPTED, State.SOURCING, State.SCHEDULED, State.BATCHED)


class Sight(StrEnum):
    """As whom somebody looks at a need: that decides how much they see."""

    HOME = "home"
    WORKER = "worker"
    HELPER = "helper"


@dataclass(frozen=True)
class Whereabouts:
    """Where the goods are: who holds them, when they are expected, and where they were dropped."""

    holder_kind: str | None
    holder_label: str | None
    expected_at: datetime | None
    drop: dict[str, Any] | None


class KnowsWhereabouts(Protocol):
    """What deliveries provide to needs under "needs.whereabouts"."""

    def of(self, session: Session, community_id: UUID, need_id: UUID) -> Whereabouts | None: ...


@dataclass(frozen=True)
class VisitDue:
    """A visit that a plan has to place.

    One helper, one home, a skill, a time at the door in seconds, a window.
    """

    need_id: UUID
    home_id: UUID
    helper_id: UUID
    kind: NeedKind
    skill: str | None
    service_s: int
    wanted_from: datetime
    wanted_until: datetime
    priority: int


def sight_of(session: Session, actor: Actor, community: CommunityRef, need: Need) -> Sight:
    """Return as whom the actor may look at the need. Raises Forbidden for whom it is no business of."""
    if actor.person_id is not None:
        if actor.person_id in people.members_of_home(session, community.id, need.home_id):
            return Sight.HOME
        if actor.person_id == need.posted_by and not need.is_on_behalf:
            return Sight.HOME
    if actor.is_system or is_worker(actor, community):
        return Sight.WORKER
    mine = helpers.helper_of_person(session, community.id, actor.person_id) if actor.person_id else None
    if mine is not None and _is_in_hands_of(session, need, mine.id):
        return Sight.HELPER
    raise Forbidden("needs.not_yours")


def mine(session: Session, actor: Actor, community: CommunityRef) -> Select[Need]:
    """Return the query of the needs of the actor's home, and of those the actor posted."""
    home = people.home_of_person(session, community.id, actor.id)
    wanted = select(Need).where(Need.community_id == community.id)
    if home is None:
        return wanted.where(Need.posted_by == actor.id)
    return wanted.where((Need.posted_by == actor.id) | (Need.home_id == home))


def offers_of(session: Session, community_id: UUID, helper_id: UUID) -> list[tuple[Offer, Need]]:
    """Return the offers a helper has to answer or has in hand, the most urgent first."""
    rows = session.execute(
        select(Offer, Need)
        .join(Need, Need.id == Offer.need_id)
        .where(
            Offer.community_id == community_id,
            Offer.helper_id == helper_id,
            (Offer.state == "offered") | ((Offer.state == "accepted") & Need.state.in_(IN_HAND)),
        )
        .order_by(Need.priority, Offer.expires_at)
    )
    return [(offer, need) for offer, need in rows]


def timeline(session: Session, need_id: UUID) -> list[Moment]:
    """Return what happened to the need, in order."""
    return list(session.scalars(select(Moment).where(Moment.need_id == need_id).order_by(Moment.id)))


def accepted_offer(session: Session, need_id: UUID) -> Offer | None:
    """Return the offer by which somebody serves the need, if any."""
    return session.scalars(
        select(Offer).where(Offer.need_id == need_id, Offer.state == "accepted")
    ).one_or_none()


def whereabouts(session: Session, community_id: UUID, need: Need) -> Whereabouts:
    """Return who has it and when it comes: what deliveries know, else who accepted it."""
    switched_on = communities.modules_of(session, community_id)
    for source in cast("list[KnowsWhereabouts]", engine().registry.providers(WHEREABOUTS, switched_on)):
        known = source.of(session, community_id, need.id)
        if known is not None:
            return known
    offer = accepted_offer(session, need.id)
    if offer is None:
        return Whereabouts(None, None, None, None)
    if offer.helper_id is None:
        return Whereabouts("merchant", offer.supplier_label, None, None)
    helper = helpers.helper(session, community_id, offer.helper_id)
    visit = session.scalars(
        select(Visit).where(Visit.need_id == need.id, Visit.ended_at.is_(None))
    ).one_or_none()
    label = helpers.labels(session, [helper])[helper.id]
    return Whereabouts(helper.kind, label, visit.scheduled_at if visit else None, None)


def unmatched(session: Session, community_id: UUID) -> list[tuple[Unmatched, Need]]:
    """Return the needs that nobody could be found for, with why, the most urgent first."""
    rows = session.execute(
        select(Unmatched, Need)
        .join(Need, Need.id == Unmatched.need_id)
        .where(Unmatched.community_id == community_id, Need.state == State.TRIAGED)
        .order_by(Need.priority, Need.id)
    )
    return [(why, need) for why, need in rows]


def unmatched_of(session: Session, need_id: UUID) -> Unmatched | None:
    """Return why the last matching found nobody for the need, if so."""
    return session.scalars(select(Unmatched).where(Unmatched.need_id == need_id)).one_or_none()


def needs_by_ids(session: Session, community_id: UUID, need_ids: Iterable[UUID]) -> dict[UUID, Need]:
    """Return that community's needs among the ids."""
    rows = session.scalars(select(Need).where(Need.community_id == community_id, Need.id.in_(set(need_ids))))
    return {need.id: need for need in rows}


def visits_due(session: Session, community_id: UUID, from_at: datetime, until_at: datetime) -> list[VisitDue]:
    """Return the scheduled visits wanted at some time between the instants, the most urgent first."""
    rows = session.execute(
        select(Visit, Need)
        .join(Need, Need.id == Visit.need_id)
        .where(
            Visit.community_id == community_id,
            Visit.ended_at.is_(None),
            Visit.visited_at.is_(None),
            Need.state == State.SCHEDULED,
            Need.wanted_from < until_at,
        )
        .order_by(Need.priority, Need.id)
    )
    return [
        VisitDue(
            need_id=need.id,
            home_id=need.home_id,
            helper_id=visit.helper_id,
            kind=NeedKind(need.kind),
            skill=SKILL_OF_KIND.get(NeedKind(need.kind)),
            service_s=SERVICE_S.get(NeedKind(need.kind), SERVICE_S[NeedKind.OTHER]),
            wanted_from=need.wanted_from,
            # A visit that is late already still has to be made: its window stays open for this plan.
            wanted_until=need.wanted_until if need.wanted_until > from_at else until_at,
            priority=need.priority,
        )
        for visit, need in rows
    ]


def _is_in_hands_of(session: Session, need: Need, helper_id: UUID) -> bool:
    held = select(Offer.id).where(
        Offer.need_id == need.id, Offer.helper_id == helper_id, Offer.state.in_(("offered", "accepted"))
    )
    return session.scalar(held.limit(1)) is not None
