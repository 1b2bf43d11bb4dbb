"""What buyers who race for the last piece do. Each opens its own transactions and says how it went."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from server.kit.db import transaction
from server.kit.errors import Problem
from server.modules.market.models import Item
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
