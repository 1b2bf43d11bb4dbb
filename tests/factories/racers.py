"""What helpers who race for a need do. Each function opens its own transaction and says how it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from server.core.communities import service as communities
from server.core.needs import service as needs
from server.core.needs.models import Offer
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor


def accept_offer(community_id: UUID, person_id: UUID, offer_id: UUID) -> str:
    """Accept as a helper does; return "accepted" or the code of the refusal."""
    return _try(needs.accept_as_helper, community_id, person_id, offer_id) or "accepted"


def claim(community_id: UUID, person_id: UUID, need_id: UUID) -> str:
    """Claim as a helper does; return "claimed" or the code of the refusal."""
    return _try(needs.claim, community_id, person_id, need_id) or "claimed"


def accept_blindly(offer_id: UUID) -> str:
    """Accept as a service would that looks at nothing but its own offer: only the index can stop it."""
    try:
        with transaction() as session:
            session.execute(update(Offer).where(Offer.id == offer_id).values(state="accepted"))
    except IntegrityError:
        return "stopped"
    return "accepted"


def _try(act: Callable[..., Any], community_id: UUID, person_id: UUID, what: UUID) -> str:
    """Do it in a transaction; return the code of the refusal, or nothing."""
    try:
        with transaction() as session:
            act(session, Actor(person_id), communities.by_id(session, community_id), what)
    except Problem as problem:
        return problem.code
    return ""
