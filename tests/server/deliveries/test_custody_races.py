"""Several couriers reach for one bag at once: exactly one of them has it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from server.core.deliveries.models import Custody, Parcel
from server.core.deliveries.rules import Custodian
from server.kit.clock import SettableClock
from server.kit.db import new_id, reading
from tests.factories import delivery_racers
from tests.factories.racing import race
from tests.factories.wave_yard import Yard, bring

RACERS = 4
# A racer that looks after the winner's commit finds another holder; one that looked before finds it gone.
TOO_LATE = {"deliveries.parcel_moved_on", "deliveries.wrong_custodian"}


@pytest.fixture
def parcel(yard: Yard) -> Parcel:
    """A bag on the gate's shelf."""
    need_id = bring(yard, "1-101")
    with reading() as session:
        return session.scalars(select(Parcel).where(Parcel.need_id == need_id)).one()


def _takers(parcel_id: UUID) -> tuple[UUID | None, list[tuple[int, str, UUID | None]]]:
    """Return who has the parcel, and every hand-over to a courier."""
    with reading() as session:
        steps = session.scalars(
            select(Custody).where(Custody.parcel_id == parcel_id, Custody.taker_kind == Custodian.COURIER)
        ).all()
        told = [(step.step, step.taker_kind, step.taker_id) for step in steps]
        return session.get_one(Parcel, parcel_id).custodian_id, told


def test_one_courier_has_the_bag_and_the_others_are_told(
    parcel: Parcel, clock: SettableClock, database_url: str
) -> None:
    calls = [(parcel.id, new_id()) for _ in range(RACERS)]
    results = race(database_url, clock.now(), delivery_racers.take, calls)
    assert results.count("taken") == 1
    assert set(results) - {"taken"} <= TOO_LATE
    holder, told = _takers(parcel.id)
    assert told == [(parcel.steps + 1, "courier", holder)]


def test_the_constraint_alone_lets_one_hand_over_through(
    parcel: Parcel, clock: SettableClock, database_url: str
) -> None:
    calls = [(parcel.community_id, parcel.id, new_id(), parcel.steps) for _ in range(RACERS)]
    results = race(database_url, clock.now(), delivery_racers.take_blindly, calls)
    assert sorted(results) == ["stopped"] * (RACERS - 1) + ["taken"]
    holder, told = _takers(parcel.id)
    assert told == [(parcel.steps + 1, "courier", holder)]
