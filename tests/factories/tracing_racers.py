"""What officers who decide on one home at the same moment do."""

from __future__ import annotations

from uuid import UUID

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor, Grant
from server.modules.tracing import service
from server.modules.tracing.rules.cases import Decision


def decide(community_id: UUID, person_id: UUID, candidate_id: UUID, decision: str) -> str:
    """Decide; return what became of it."""
    actor = Actor(person_id, (Grant("officer", community_id=community_id),))
    try:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            service.decide(session, actor, community, candidate_id, Decision(decision))
    except Problem as problem:
        return problem.code
    return "decided"
