"""Officers of several processes who approve, lift or settle the same thing at the same moment."""

from __future__ import annotations

from uuid import UUID

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor, Grant
from server.modules.zones import service


def approve(community_id: UUID, person_id: UUID, list_id: UUID) -> str:
    """Approve a list; return what became of it."""
    try:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            service.approve(session, _officer(community_id, person_id), community, list_id, "checked")
    except Problem as problem:
        return problem.code
    return "approved"


def lift(community_id: UUID, person_id: UUID, list_id: UUID) -> str:
    """End a list's zones; return what became of it."""
    try:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            service.lift(session, _officer(community_id, person_id), community, list_id, "over")
    except Problem as problem:
        return problem.code
    return "lifted"


def end_due(community_id: UUID) -> int:
    """Do the clockwork's work; return how many zones it has ended."""
    with transaction() as session:
        return service.end_due(session, communities.by_id(session, community_id))


def _officer(community_id: UUID, person_id: UUID) -> Actor:
    return Actor(person_id, (Grant("officer", community_id=community_id),))
