"""What a home may take of limited items: counted when stock is kept for it, given back when it is freed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.people import service as people
from server.kit import clock
from server.kit.db import insert_once, touched
from server.kit.errors import Conflict, Refused
from server.modules.market.models import Allowance, Item, OrderLine
from server.modules.market.rules.limits import StockedItem, window_of, within

ONE_ROW = ("community_id", "item_id", "home_id", "window_from", "days")


def take(
    session: Session, community_id: UUID, home_id: UUID, wanted: Iterable[tuple[UUID, int]]
) -> dict[UUID, UUID]:
    """Count what a home takes of limited items; return item → the allowance it counts against.

    Call it after ``stock.reserve`` of the same items: their rows are locked then, and everybody locks in this order.
    Raises Refused("market.household_limit") if the home has had too much; roll back what was kept until then.
    """
    total: Counter[UUID] = Counter()
    for item_id, quantity in wanted:
        total[item_id] += quantity
    limited = session.execute(
        select(Item.id, Item.limit_most, Item.limit_days).where(
            Item.id.in_(total), Item.limit_most.is_not(None)
        )
    )
    taken: dict[UUID, UUID] = {}
    for item_id, most, days in sorted(limited.all()):
        assert most is not None and days is not None
        first, until = window_of(_today(session, community_id), days)
        row = {
            "community_id": community_id,
            "item_id": item_id,
            "home_id": home_id,
            "window_from": first,
            "days": days,
        }
        insert_once(session, Allowance, {**row, "most": most, "taken": 0}, unless=ONE_ROW)
        # One statement asks and takes: two members of the home may order at once.
        found = session.scalar(
            update(Allowance)
            .filter_by(**row)
            .where(Allowance.taken + total[item_id] <= most)
            .values(taken=Allowance.taken + total[item_id], most=most)
            .returning(Allowance.id)
            .execution_options(synchronize_session=False)
        )
        if found is None:
            raise Refused("market.household_limit", item=str(item_id), most=most, days=days, until=str(until))
        taken[item_id] = found
    return taken


def give_back(session: Session, lines: Iterable[OrderLine]) -> None:
    """Let the home take again what its lines held. Raises Conflict if it held less, which no caller may let happen."""
    for line in sorted(lines, key=lambda line: (line.item_id, line.id)):
        if line.allowance_id is None:
            continue
        done = session.execute(
            update(Allowance)
            .where(Allowance.id == line.allowance_id, Allowance.taken >= line.quantity)
            .values(taken=Allowance.taken - line.quantity)
            .execution_options(synchronize_session=False)
        )
        if touched(done) != 1:
            raise Conflict("market.not_kept", item=str(line.item_id))


def taken_by(
    session: Session, community_id: UUID, home_ids: Iterable[UUID], limited: Collection[UUID]
) -> dict[UUID, dict[UUID, int]]:
    """Return home → limited item → what it has taken in the window that today lies in; no row for nothing."""
    if not limited:
        return {}
    today = _today(session, community_id)
    rows = session.execute(
        select(Allowance.home_id, Allowance.item_id, Allowance.window_from, Allowance.days, Allowance.taken)
        .join(Item, Item.id == Allowance.item_id)
        .where(
            Allowance.community_id == community_id,
            Allowance.home_id.in_(set(home_ids)),
            Item.limit_days == Allowance.days,
            Allowance.window_from <= today,
        )
    )
    found: dict[UUID, dict[UUID, int]] = {}
    for home_id, item_id, first, days, taken in rows:
        if item_id in limited and first == window_of(today, days)[0]:
            found.setdefault(home_id, {})[item_id] = taken
    return found


def for_home(
    session: Session, community_id: UUID, home_id: UUID, items: Sequence[StockedItem]
) -> list[StockedItem]:
    """Return the items as that home may take them now."""
    limited = {item.id for item in items if item.limit}
    return within(items, taken_by(session, community_id, [home_id], limited).get(home_id, {}))


def left_for(session: Session, community_id: UUID, person_id: UUID, items: Sequence[Item]) -> dict[UUID, int]:
    """Return item → how much of a limited item the person's home may still take; empty for who lives nowhere here."""
    limits = {item.id: item.limit for item in items if item.limit}
    home_id = people.home_of_person(session, community_id, person_id) if limits else None
    if home_id is None:
        return {}
    taken = taken_by(session, community_id, [home_id], limits).get(home_id, {})
    return {item_id: max(0, limit[0] - taken.get(item_id, 0)) for item_id, limit in limits.items()}


def _today(session: Session, community_id: UUID) -> date:
    return clock.now().astimezone(communities.by_id(session, community_id).zone).date()
