"""Many buyers want the last pieces at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from server.core.needs import service as needs
from server.core.needs.models import Need
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.errors import Problem
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market
from server.modules.market.models import Item, ItemChange, Order
from server.modules.market.service import stock
from tests.factories import market_racers
from tests.factories.neighbourhood import make_homes, make_resident, make_shop
from tests.factories.racing import race


def item_of(community: CommunityRef, on_hand: int) -> UUID:
    make_shop(community, {"口罩": on_hand})
    with reading() as session:
        return session.scalars(select(Item.id).where(Item.name == "口罩")).one()


def counted(item_id: UUID) -> tuple[int, int]:
    with reading() as session:
        item = session.get_one(Item, item_id)
        return item.on_hand, item.reserved


def test_four_processes_keep_exactly_what_there_is(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    item_id = item_of(community, 50)
    kept = race(database_url, clock.now(), market_racers.buy_one_by_one, [(item_id, 25)] * 4)
    assert sum(kept) == 50
    assert counted(item_id) == (50, 50)


def test_reading_first_and_writing_later_would_sell_too_much(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    """The test above would notice: here is what the obvious program does under the same race."""
    item_id = item_of(community, 50)
    kept = race(database_url, clock.now(), market_racers.buy_naively, [(item_id, 25)] * 4)
    assert sum(kept) != counted(item_id)[1]


def test_the_database_itself_refuses_to_keep_more_than_there_is(community: CommunityRef) -> None:
    item_id = item_of(community, 1)
    with pytest.raises(IntegrityError), transaction() as session:
        session.get_one(Item, item_id).reserved = 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["reserve", "release", "take_out", "gone", "count"]), st.integers(1, 6))
    )
)
def test_whatever_happens_nothing_is_oversold_and_nothing_is_lost(
    community: CommunityRef, steps: list[tuple[str, int]]
) -> None:
    """Against a model of two numbers: what a refused step leaves is what was there before.

    Every change of the count is in the item's history, which nobody can change.
    """
    item_id = _stocked_anew(community, 10)
    on_hand, reserved, told = 10, 0, [10]
    for step, n in steps:
        try:
            with transaction() as session:
                if step == "reserve":
                    stock.reserve(session, [(item_id, n)])
                elif step == "release":
                    stock.release(session, [(item_id, n)])
                elif step == "take_out":
                    stock.take_out(session, [(item_id, n)])
                elif step == "gone":
                    stock.nothing_left(session, item_id, n)
                else:
                    stock.change_item(session, SYSTEM, session.get_one(Item, item_id), on_hand=n)
        except Problem:
            continue
        on_hand, reserved = {
            "reserve": (on_hand, reserved + n),
            "release": (on_hand, reserved - n),
            "take_out": (on_hand - n, reserved - n),
            "gone": (reserved - n, reserved - n),
            "count": (n, reserved),
        }[step]
        told += [on_hand] if step in ("take_out", "gone", "count") else []
    assert counted(item_id) == (on_hand, reserved)
    assert on_hand >= reserved >= 0
    with reading() as session:
        history = session.scalars(
            select(ItemChange.on_hand).where(ItemChange.item_id == item_id).order_by(ItemChange.id)
        ).all()
    assert list(history) == told


def _stocked_anew(community: CommunityRef, on_hand: int) -> UUID:
    """Stock an item of another name than all before."""
    with reading() as session:
        merchant_id = session.scalars(select(Item.merchant_id).limit(1)).first()
    if merchant_id is None:
        merchant_id, _ = make_shop(community, {"大米": 1})
    with transaction() as session:
        item = stock.stock_item(
            session,
            SYSTEM,
            community.id,
            merchant_id,
            name=f"口罩 {uuid4()}",
            unit="份",
            price_fen=1,
            on_hand=on_hand,
        )
        return item.id


@pytest.mark.parametrize(
    "act", ["UPDATE market_item_change SET on_hand = 9", "DELETE FROM market_item_change"]
)
def test_nobody_changes_what_an_item_cost_and_how_many_there_were(community: CommunityRef, act: str) -> None:
    item_of(community, 5)
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(text(act))


def test_a_keeper_who_accepts_while_the_home_cancels_leaves_one_truth(community: CommunityRef) -> None:
    """Both lock the need first; in another order PostgreSQL would break a deadlock by failing one of them."""
    home = make_homes(community, 1)[0]
    _, keeper_id = make_shop(community, {"大白菜": 20})
    resident = Actor(make_resident(community, home))
    with transaction() as session:
        for _ in range(8):
            needs.post_need(
                session,
                resident,
                community,
                kind=needs.NeedKind.GROCERIES,
                lines=[needs.WantedLine("大白菜")],
            )
    needs.match_community(community.id)
    with reading() as session:
        orders = {order.id: order.need_id for order in session.scalars(select(Order))}
    assert len(orders) == 8

    def accept(order_id: UUID) -> None:
        with transaction() as session:
            market.accept(session, Actor(keeper_id), community, order_id)

    def cancel(order_id: UUID) -> None:
        with transaction() as session:
            needs.cancel(session, resident, community, orders[order_id])

    with ThreadPoolExecutor(max_workers=4) as threads:
        acts = [threads.submit(act, order_id) for order_id in orders for act in (accept, cancel)]
    for act in acts:
        problem = act.exception()
        assert problem is None or isinstance(problem, Problem), problem
    with reading() as session:
        states = {(o.state, session.get_one(Need, o.need_id).state) for o in session.scalars(select(Order))}
        kept = session.scalars(select(Item.reserved).where(Item.name == "大白菜")).one()
        accepted = len(session.scalars(select(Order.id).where(Order.state == "accepted")).all())
    assert states <= {("accepted", "sourcing"), ("cancelled", "cancelled")}
    assert kept == accepted
