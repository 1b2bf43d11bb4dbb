"""What workers of several processes do at the same moment."""

from __future__ import annotations

from uuid import UUID

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor, Grant
from server.modules.quarantine import service
from server.modules.quarantine.rules.checks import How, Reading


def look(community_id: UUID, times: int) -> int:
    """Do the clockwork's work some times over; return how many tasks were opened."""
    opened = 0
    for _ in range(times):
        with transaction() as session:
            community = communities.by_id(session, community_id)
            service.ask(session, community)
            opened += service.climb(session, community)
    return opened


def enter(community_id: UUID, person_id: UUID, check_id: UUID) -> str:
    """Enter one check at the door; return what became of it."""
    actor = Actor(person_id, (Grant("officer", community_id=community_id),))
    try:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            service.report(session, actor, community, check_id, service.Entered(Reading(380), How.DOOR))
    except Problem as problem:
        return problem.code
    return "done"
