"""Several helpers tap "I will" at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Index, select

from server.core.needs import service as needs
from server.core.needs.models import Offer, Visit
from server.kit.clock import SettableClock
from server.kit.db import database, new_id, reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories import racers
from tests.factories.neighbourhood import make_helper, make_homes
from tests.factories.racing import race

RACERS = 4


@pytest.fixture
def offers(community: CommunityRef, clock: SettableClock) -> list[tuple[UUID, UUID]]:
    """One need, offered to several helpers at once. Returns (person, offer) of each."""
    home = make_homes(community, 1)[0]
    helpers = [make_helper(community, "repair") for _ in range(RACERS)]
    with transaction() as session:
        need = needs.post_need(session, SYSTEM, community, kind=needs.NeedKind.REPAIR, home_id=home)
    needs.match_community(community.id)
    with transaction() as session:
        made = session.scalars(select(Offer)).one()
        offer_of = {made.helper_id: made.id}
        for helper_id, _ in helpers:
            if helper_id not in offer_of:
                row = Offer(
                    id=new_id(),
                    community_id=community.id,
                    need_id=need.id,
                    helper_id=helper_id,
                    state="offered",
                    score=0,
                    made_at=clock.now(),
                    expires_at=clock.now() + timedelta(minutes=10),
                )
                session.add(row)
                offer_of[helper_id] = row.id
    return [(person_id, offer_of[helper_id]) for helper_id, person_id in helpers]


def test_one_helper_gets_the_need_and_the_others_are_told(
    community: CommunityRef, offers: list[tuple[UUID, UUID]], clock: SettableClock, database_url: str
) -> None:
    calls = [(community.id, person_id, offer_id) for person_id, offer_id in offers]
    results = race(database_url, clock.now(), racers.accept_offer, calls)
    assert sorted(results) == ["accepted"] + ["needs.already_taken"] * (RACERS - 1)
    with reading() as session:
        assert len(session.scalars(select(Visit)).all()) == 1
        states = sorted(session.scalars(select(Offer.state)).all())
    assert states == ["accepted"] + ["withdrawn"] * (RACERS - 1)


def test_the_index_alone_lets_one_acceptance_through(
    offers: list[tuple[UUID, UUID]], clock: SettableClock, database_url: str
) -> None:
    results = race(database_url, clock.now(), racers.accept_blindly, [(offer_id,) for _, offer_id in offers])
    assert sorted(results) == ["accepted"] + ["stopped"] * (RACERS - 1)


def test_without_the_index_all_would_get_through(
    offers: list[tuple[UUID, UUID]], clock: SettableClock, database_url: str
) -> None:
    """The test above would notice: this one takes the index away to show it."""
    table = Offer.__table__
    index = next(i for i in table.indexes if i.name == "uq_needs_offer_one_accepted")  # type: ignore[attr-defined]  # a Table
    assert isinstance(index, Index)
    index.drop(database().engine)
    try:
        calls = [(offer_id,) for _, offer_id in offers]
        results = race(database_url, clock.now(), racers.accept_blindly, calls)
    finally:
        with transaction() as session:
            session.query(Offer).update({"state": "declined"})
        index.create(database().engine)
    assert results == ["accepted"] * RACERS
