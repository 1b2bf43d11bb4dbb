"""Claims: a helper looks through what waits for somebody, and takes it without having been asked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.needs.models import Need, Offer
from server.core.needs.rules.claims import check_claim, is_claimable
from server.core.needs.rules.kinds import Flow, NeedKind
from server.core.needs.rules.lifecycle import State
from server.core.needs.service.offers import accept_as_helper, offer_to_helper, own_helper
from server.core.needs.service.reading import offers_of
from server.core.needs.service.steps import find_need
from server.core.people import service as people
from server.kit.errors import Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

MOST_SHOWN = 100


def open_needs(session: Session, actor: Actor, community: CommunityRef) -> list[Need]:
    """Return the visits that wait for somebody and that the actor could make, the most urgent first, late ones too.

    Raises Forbidden for somebody who is no active helper.
    """
    skills = frozenset(own_helper(session, actor, community).skills)
    kinds = [kind for kind in NeedKind if is_claimable(kind, Flow.SERVICE, skills)]
    own_home = people.home_of_person(session, community.id, actor.id)
    waiting = (
        select(Need)
        .where(
            Need.community_id == community.id,
            Need.state == State.TRIAGED,
            Need.flow == Flow.SERVICE,
            Need.kind.in_(kinds),
        )
        .order_by(Need.priority, Need.id)
        .limit(MOST_SHOWN)
    )
    if own_home is not None:
        waiting = waiting.where(Need.home_id != own_home)
    return list(session.scalars(waiting))


def claim(session: Session, actor: Actor, community: CommunityRef, need_id: UUID) -> Offer:
    """Take a need that waits for somebody; it is the helper's own at once.

    Raises Forbidden for somebody who is no active helper, Refused for a need that they may not take, Conflict if it was
    somebody else's first.
    """
    mine = own_helper(session, actor, community)
    need = find_need(session, community.id, need_id, for_update=True)
    in_hand = sum(offer.state == "accepted" for offer, _ in offers_of(session, community.id, mine.id))
    check_claim(NeedKind(need.kind), Flow(need.flow), State(need.state), frozenset(mine.skills), in_hand)
    if need.home_id == people.home_of_person(session, community.id, actor.id):
        raise Refused("needs.own_home")
    offer = offer_to_helper(session, need, mine.id, score=0)
    return accept_as_helper(session, actor, community, offer.id)
