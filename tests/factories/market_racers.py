"""What buyers who race for the last piece do. Each opens its own transactions and says how it went."""

from __future__ import annotations

import contextlib
import time
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.core.communities import service as communities
from server.core.needs import service as needs
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor
from server.modules.market.models import Allowance, Item
from server.modules.market.service import allowances
from server.modules.market.service import stock as market


def buy_one_by_one(item_id: UUID, times: int) -> int:
    """Try to keep one piece, again and again; return how many were kept."""
    kept = 0
    for _ in range(times):
        try:
            with transaction() as session:
                market.reserve(session, [(item_id, 1)])
            kept += 1
        except Problem:
            continue
    return kept


def buy_naively(item_id: UUID, times: int) -> int:
    """Try as a program would that reads the number first and writes it in another transaction."""
    kept = 0
    for _ in range(times):
        with transaction() as session:
            item = session.get_one(Item, item_id)
            reserved, on_hand = item.reserved, item.on_hand
        if on_hand - reserved < 1:
            continue
        # What a program does between reading and writing: here, thinking.
        time.sleep(0.005)
        try:
            with transaction() as session:
                session.execute(update(Item).where(Item.id == item_id).values(reserved=reserved + 1))
            kept += 1
        except IntegrityError:
            continue
    return kept


def buy_for_home(community_id: UUID, home_id: UUID, item_id: UUID, times: int) -> int:
    """Try to keep one piece for a home, again and again; return how many were kept."""
    kept = 0
    for _ in range(times):
        try:
            with transaction() as session:
                market.reserve(session, [(item_id, 1)])
                allowances.take(session, community_id, home_id, [(item_id, 1)])
            kept += 1
        except Problem:
            continue
    return kept


def buy_for_home_naively(community_id: UUID, home_id: UUID, item_id: UUID, times: int) -> int:
    """Try as a program would that looks at what the home has had, and writes the sum in another transaction."""
    kept = 0
    for _ in range(times):
        with transaction() as session:
            had = session.scalars(select(Allowance).where(Allowance.home_id == home_id)).one()
            taken, most = had.taken, had.most
        if taken >= most:
            continue
        # What a program does between reading and writing: here, thinking.
        time.sleep(0.005)
        with transaction() as session:
            market.reserve(session, [(item_id, 1)])
            session.execute(update(Allowance).where(Allowance.id == had.id).values(taken=taken + 1))
        kept += 1
    return kept


def order_as(community_id: UUID, person_id: UUID, name: str, times: int) -> str:
    """Post needs for goods as somebody of a home does, and let them be matched at once."""
    for _ in range(times):
        with transaction() as session:
            community = communities.by_id(session, community_id)
            lines = [needs.WantedLine(name)]
            needs.post_need(session, Actor(person_id), community, kind=needs.NeedKind.GROCERIES, lines=lines)
        with contextlib.suppress(Problem):
            needs.match_community(community_id)
    return "done"
