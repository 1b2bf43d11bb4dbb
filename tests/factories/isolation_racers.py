"""What workers of several processes do at the same moment."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.core.communities import service as communities
from server.kit import clock
from server.kit.clock import SettableClock
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


def look_on(community_id: UUID, steps: int, minutes: int) -> None:
    """Do the clockwork's work again and again while this process's clock goes on."""
    for _ in range(steps):
        look(community_id, 1)
        own = clock.now() + timedelta(minutes=minutes)
        clock.use(SettableClock(own))


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
