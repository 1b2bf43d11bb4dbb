"""Helpers look through what waits for somebody, and take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.needs.models import Offer
from server.core.needs.rules.fit import MOST_AT_ONCE
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories import racers
from tests.factories.neighbourhood import make_helper, make_homes, make_resident
from tests.factories.racing import race

BASE = "/api/c/wutong/needs"
RACERS = 4


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


def post(community: CommunityRef, home: UUID, kind: needs.NeedKind = needs.NeedKind.REPAIR) -> UUID:
    with transaction() as session:
        lines = [needs.WantedLine("降压药")] if kind is needs.NeedKind.MEDICINE else []
        return needs.post_need(
            session, SYSTEM, community, kind=kind, home_id=home, lines=lines, note_text="门口有狗"
        ).id


def test_who_is_off_shift_finds_what_waits_and_takes_it(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    need_id = post(community, homes[0])
    _, person_id = make_helper(community, "repair", hours=0)
    helper = sign_in("volunteer", person_id=person_id)
    (waiting,) = helper.get(f"{BASE}/open").get_json()["items"]
    assert (waiting["id"], waiting["entrance"]) == (str(need_id), "1号楼-1单元")
    assert "note" not in waiting and "lines" not in waiting and "home" not in waiting
    taken = helper.post(f"{BASE}/{need_id}/claim").get_json()
    assert taken["state"] == "accepted"
    assert taken["need"]["home"]["label"] == "1号楼-1单元-101"
    assert helper.get(f"{BASE}/open").get_json()["items"] == []
    assert helper.post(f"{BASE}/{need_id}/visited").get_json()["state"] == "visited"


def test_what_takes_a_skill_or_a_shop_is_not_there_for_everyone(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    repair, medicine = post(community, homes[0]), post(community, homes[0], needs.NeedKind.MEDICINE)
    _, person_id = make_helper(community, "pets", hours=0)
    helper = sign_in("volunteer", person_id=person_id)
    assert helper.get(f"{BASE}/open").get_json()["items"] == []
    for need_id in (repair, medicine):
        answer = helper.post(f"{BASE}/{need_id}/claim")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "needs.not_for_you_to_claim")


def test_nobody_takes_their_own_homes_need(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    need_id = post(community, homes[0])
    person_id = make_resident(community, homes[0])
    with transaction() as session:
        row = helpers.enrol(
            session,
            SYSTEM,
            community,
            kind=helpers.HelperKind("volunteer"),
            skills=[helpers.Skill("repair")],
            person_id=person_id,
        )
        helpers.approve(session, SYSTEM, community, row.id)
    helper = sign_in("volunteer", person_id=person_id)
    assert helper.get(f"{BASE}/open").get_json()["items"] == []
    assert helper.post(f"{BASE}/{need_id}/claim").get_json()["code"] == "needs.own_home"


def test_a_resident_or_a_suspended_helper_sees_nothing(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    need_id = post(community, homes[0])
    resident = sign_in("resident", person_id=make_resident(community, homes[1]))
    assert resident.get(f"{BASE}/open").status_code == 403
    helper_id, person_id = make_helper(community, "repair", hours=0)
    helper = sign_in("volunteer", person_id=person_id)
    with transaction() as session:
        helpers.suspend(session, SYSTEM, community, helper_id, why="测试")
    assert helper.get(f"{BASE}/open").status_code == 403
    assert helper.post(f"{BASE}/{need_id}/claim").status_code == 403


def test_nobody_collects_needs(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, "repair", hours=0)
    helper = sign_in("volunteer", person_id=person_id)
    answers = [helper.post(f"{BASE}/{post(community, homes[0])}/claim") for _ in range(MOST_AT_ONCE + 1)]
    assert [answer.status_code for answer in answers] == [200] * MOST_AT_ONCE + [422]
    assert answers[-1].get_json()["code"] == "needs.enough_in_hand"


def test_what_is_late_waits_all_the_more(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any], clock: SettableClock
) -> None:
    need_id = post(community, homes[0])
    _, person_id = make_helper(community, "repair", hours=0)
    clock.advance(hours=9)
    waiting = sign_in("volunteer", person_id=person_id).get(f"{BASE}/open").get_json()["items"]
    assert [need["id"] for need in waiting] == [str(need_id)]


def test_one_of_many_who_claim_gets_it(
    community: CommunityRef, homes: list[UUID], clock: SettableClock, database_url: str
) -> None:
    need_id = post(community, homes[0])
    people = [make_helper(community, "repair", hours=0)[1] for _ in range(RACERS)]
    calls = [(community.id, person_id, need_id) for person_id in people]
    results = race(database_url, clock.now(), racers.claim, calls)
    assert sorted(results) == ["claimed"] + ["needs.already_taken"] * (RACERS - 1)
    with reading() as session:
        assert session.scalars(select(Offer.state)).all() == ["accepted"]
