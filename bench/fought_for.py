"""One hot product on PostgreSQL: several processes take pieces of it until there is none."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from server.kit import crypto
from server.kit.db import Database, reading, transaction, use_database
from server.kit.errors import Refused
from server.modules.market.models import Allowance, Item
from server.modules.market.service import allowances, stock

PROCESSES = 4
WAIT_S = 600


@dataclass(frozen=True)
class Fight:
    """How one fight went. ``oversold``: pieces that were promised and were not there."""

    pieces: int
    kept: int
    oversold: int
    over_limit: int
    deadlocks: int
    errors: int
    wall_s: float

    @property
    def per_s(self) -> float:
        return self.kept / self.wall_s


def fight(url: str, hot: UUID, others: Sequence[UUID], homes: Sequence[UUID], community_id: UUID) -> Fight:
    """Let the processes take the hot product, one piece a transaction, until it is gone.

    ``others``: further items, two of which go into each basket in no order; ``homes``: whose limit counts, if any.
    """
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(PROCESSES + 1), context.Queue()
    racers = [
        context.Process(
            target=_take, args=(url, nth, barrier, results, hot, list(others), list(homes), community_id)
        )
        for nth in range(PROCESSES)
    ]
    for racer in racers:
        racer.start()
    barrier.wait(WAIT_S)
    began_s = time.monotonic()
    total: Counter[str] = sum((results.get(timeout=WAIT_S) for _ in racers), Counter())
    wall_s = time.monotonic() - began_s
    for racer in racers:
        racer.join(WAIT_S)
    use_database(Database(url))
    with reading() as session:
        on_hand, reserved = session.execute(select(Item.on_hand, Item.reserved).where(Item.id == hot)).one()
        over = select(func.count()).where(Allowance.item_id == hot, Allowance.taken > Allowance.most)
        over_limit = session.scalar(over) or 0
    # What the buyers were promised, against what there was and what the shelf says is kept.
    oversold = max(0, total["kept"] - on_hand) + abs(total["kept"] - reserved)
    return Fight(on_hand, total["kept"], oversold, over_limit, total["deadlocks"], total["errors"], wall_s)


def _take(
    url: str,
    nth: int,
    barrier: Barrier,
    results: Queue[Any],
    hot: UUID,
    others: list[UUID],
    homes: list[UUID],
    community_id: UUID,
) -> None:
    crypto.use_keys(bytes(range(32)), bytes(range(32, 64)))
    use_database(Database(url))
    source = random.Random(nth)
    counts: Counter[str] = Counter()
    with reading() as session:
        session.scalar(select(Item.id).where(Item.id == hot))
    barrier.wait(WAIT_S)
    while not counts["gone"]:
        wanted = [(hot, 1), *((item, 1) for item in source.sample(others, min(2, len(others))))]
        source.shuffle(wanted)
        home_id = source.choice(homes) if homes else None
        try:
            with transaction() as session:
                stock.reserve(session, wanted)
                if home_id is not None:
                    allowances.take(session, community_id, home_id, wanted)
            counts["kept"] += 1
        except Refused as refused:
            is_gone = refused.code == "market.not_enough"
            counts["gone" if is_gone else "limited"] += 1
        except DBAPIError as error:
            counts["deadlocks" if "deadlock" in str(error).lower() else "errors"] += 1
            counts["gone"] += counts["errors"] > 100
    results.put(counts)
