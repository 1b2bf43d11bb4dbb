"""What several people of one home, and several workers, do with the same order at once."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import update

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor
from server.modules.market import service as market
from server.modules.market.models import OrderLine


def claim_again_and_again(
    community_id: UUID, person_id: UUID, order_id: UUID, line_id: UUID, times: int
) -> int:
    """Claim one piece, again and again; return how many were taken."""
    taken = 0
    for _ in range(times):
        try:
            with transaction() as session:
                community = communities.by_id(session, community_id)
                said = market.Complaint(line_id, "missing", 1)
                market.make_claim(session, Actor(person_id), community, order_id, said)
            taken += 1
        except Problem:
            continue
    return taken


def claim_naively(line_id: UUID) -> int:
    """Claim as a program would that reads the number first and writes it in another transaction."""
    with transaction() as session:
        claimed = session.get_one(OrderLine, line_id).claimed
    # Long enough that every racer has read before the first one writes, on a busy machine too.
    time.sleep(1)
    with transaction() as session:
        session.execute(update(OrderLine).where(OrderLine.id == line_id).values(claimed=claimed + 1))
    return 1


def settle_again_and_again(community_id: UUID, order_id: UUID, times: int) -> str:
    """Settle one order, again and again, as workers do who hear of the same facts."""
    for _ in range(times):
        with transaction() as session:
            market.settle(session, community_id, order_id)
    return "done"
