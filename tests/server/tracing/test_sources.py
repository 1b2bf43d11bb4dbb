"""What the gate and deliveries say about who was where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.core.deliveries import service as deliveries
from server.core.places.models import Entrance
from server.kit import clock as kit_clock
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.gate import service as gate
from server.modules.gate.models import Scan
from tests.factories import tracing_racers
from tests.factories.neighbourhood import make_homes
from tests.factories.racing import race
from tests.factories.wave_desk import BASE as DELIVERIES
from tests.factories.wave_desk import loaded, released
from tests.factories.wave_yard import bring, make_yard, put_on


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


def at_lift(community: CommunityRef, entrance: UUID, home: UUID, at: datetime) -> Scan:
    return Scan(
        community_id=community.id, ref=uuid4(), entrance_id=entrance, home_id=home, direction="in", how="code",
        outcome="admit", reasons=[], was_measured=False, is_offline=False, rule_version=0, at=at, received_at=at,
    )  # fmt: skip


def test_a_lift_reader_is_a_lift_and_the_window_is_half_open(
    community: CommunityRef, other_community: CommunityRef, homes: list[UUID]
) -> None:
    now = kit_clock.now()
    with transaction() as session:
        entrance = session.scalars(select(Entrance.id)).one()
        for at in (now - timedelta(hours=1), now):
            session.add(at_lift(community, entrance, homes[0], at))
    with reading() as session:
        (found,) = gate.sightings(session, community.id, now - timedelta(hours=1), now)
        assert (found.source, found.place_id, found.home_id) == ("lift", entrance, homes[0])
        assert found.place_label == "1号楼-1单元"
        assert gate.sightings(session, other_community.id, now - timedelta(days=1), now) == []
        assert deliveries.drop_sightings(session, community.id, now - timedelta(days=1), now) == []


def test_neighbours_whose_goods_were_put_down_together_were_at_one_entrance(
    community: CommunityRef,
    other_community: CommunityRef,
    sign_in: Callable[..., Any],
    drain: Callable[[], None],
    clock: SettableClock,
) -> None:
    yard = make_yard(community)
    _, person_id = put_on(yard)
    for home in ("1-101", "1-201", "3-101"):
        bring(yard, home)
    officer, courier = sign_in("officer"), sign_in("volunteer", person_id=person_id)
    released(officer, drain)
    began = clock.now()
    for stop in loaded(courier)["stops"]:
        clock.advance(minutes=1)
        assert courier.post(f"{DELIVERIES}/stops/{stop['id']}/finish", {}).status_code == 200
    with reading() as session:
        found = deliveries.drop_sightings(session, community.id, began, clock.now() + timedelta(seconds=1))
        assert {one.source for one in found} == {"drop"}
        at_first = [one for one in found if one.home_id in (yard.homes["1-101"], yard.homes["1-201"])]
        assert len(found) == 3 and len({one.place_id for one in at_first}) == 1
        assert began < min(one.at for one in found)
        assert deliveries.drop_sightings(session, other_community.id, began, clock.now()) == []
    clock.advance(minutes=1)
    window = {"from_at": began.isoformat(), "until_at": clock.now().isoformat()}
    asked = {"number": "T-1", "purpose": "test", "home_id": str(yard.homes["1-101"]), **window}
    case = officer.post("/api/c/wutong/tracing/cases", asked).get_json()
    (candidate,) = case["candidates"]
    assert [one["source"] for one in candidate["overlaps"]] == ["drop"]


def test_of_officers_who_decide_at_once_one_decides(
    community: CommunityRef,
    homes: list[UUID],
    sign_in: Callable[..., Any],
    clock: SettableClock,
    database_url: str,
) -> None:
    officer = sign_in("officer")
    now = clock.now()
    window = {"from_at": (now - timedelta(hours=1)).isoformat(), "until_at": now.isoformat()}
    asked = {"number": "T-1", "purpose": "test", "home_id": str(homes[0]), **window}
    with transaction() as session:
        entrance = session.scalars(select(Entrance.id)).one()
        session.add_all(at_lift(community, entrance, home, now - timedelta(minutes=5)) for home in homes)
    (found,) = officer.post("/api/c/wutong/tracing/cases", asked).get_json()["candidates"]
    decisions = ("confirm", "dismiss", "confirm", "dismiss")
    calls = [(community.id, officer.person_id, UUID(found["id"]), decision) for decision in decisions]
    results = Counter(race(database_url, now, tracing_racers.decide, calls))
    assert results["decided"] == 1 and results["tracing.decided"] == 3
