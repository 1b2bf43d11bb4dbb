"""Quarantine's background work."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from server.core.communities import service as communities
from server.kit.audit import record
from server.kit.db import reading, transaction
from server.kit.module import JobContext
from server.kit.permissions import SYSTEM
from server.modules.quarantine import planning, service

# Orders or checks that one transaction writes.
BITE = 50


def look_at_checks(context: JobContext, payload: dict[str, Any]) -> None:
    """Ask for the checks that are due, and climb the ladder of those that are missed.

    What is to be done is found without a turn to write, and done a bite at a time: ten thousand checks at nine o'clock
    shall not keep out whoever buys bread.
    """
    if context.community_id is None:
        return
    for find, act in ((service.orders_to_ask, service.ask), (service.checks_to_climb, service.climb)):
        with reading() as session:
            community = communities.by_id(session, context.community_id)
            waiting = find(session, community)
        for first in range(0, len(waiting), BITE):
            with transaction() as session:
                act(session, community, waiting[first : first + BITE])


def order_doors(context: JobContext, payload: dict[str, Any]) -> None:
    """Put new doors into the walks of their grids: the dispatcher searches, and no transaction waits for it."""
    if context.community_id is None:
        return
    with reading() as session:
        walks = service.walks_to_plan(session, context.community_id)
    first = 0
    for walk in walks:
        order = planning.walk(walk.network, walk.start, walk.doors)
        with transaction() as session:
            service.keep_walk(session, context.community_id, order, first)
        first += len(order)


def forget_readings(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete what was measured in isolations that ended more than 28 days ago, and say how much."""
    if context.community_id is None:
        return
    with transaction() as session:
        gone = service.forget_readings(session, context.community_id)
        if gone.readings or gone.referrals:
            facts = asdict(gone)
            record(
                session, SYSTEM, context.community_id, "quarantine.forgotten", ("check", None), facts=facts
            )
