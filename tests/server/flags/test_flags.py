"""Red homes: raised on a ground, seen by nobody else, over by themselves, and told to those who live there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from server.core.flags import service as flags
from server.kit import clock as kit_clock
from server.kit.clock import SettableClock
from server.kit.db import reading
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api

URL = "/api/c/wutong/flags"


def red(community: CommunityRef) -> frozenset[UUID]:
    with reading() as session:
        return flags.red_homes(session, community.id)


def raise_red(api: Api, home: UUID, **changes: object) -> dict[str, str]:
    body = {"home_id": str(home), "ground": "Order 7", **changes}
    answer = api.post(URL, body)
    assert answer.status_code == 201, answer.get_json()
    flag: dict[str, str] = answer.get_json()
    return flag


def test_a_red_flag_holds_until_its_end_and_no_longer(
    sign_in: Callable[..., Api], community: CommunityRef, clock: SettableClock
) -> None:
    home, other = make_homes(community)
    raise_red(sign_in("clinic"), home, until_at=(kit_clock.now() + timedelta(days=7)).isoformat())
    assert red(community) == {home}
    clock.advance(days=7)
    assert red(community) == frozenset()
    with reading() as session:
        yesterday = kit_clock.now() - timedelta(days=1)
        assert flags.is_red(session, community.id, [home, other], yesterday) == {home: True, other: False}


def test_a_flag_without_an_end_is_over_after_two_weeks(
    sign_in: Callable[..., Api], community: CommunityRef, clock: SettableClock
) -> None:
    home, _ = make_homes(community)
    flag = raise_red(sign_in("officer"), home)
    assert flag["until_at"] == "2026-03-16T09:00:00Z"
    clock.advance(days=14)
    assert red(community) == frozenset()


def test_ending_a_flag_needs_a_reason_and_works_once(
    sign_in: Callable[..., Api], community: CommunityRef, clock: SettableClock
) -> None:
    home, _ = make_homes(community)
    officer = sign_in("officer")
    flag = raise_red(officer, home)
    assert officer.post(f"{URL}/{flag['id']}/end", {"why": " "}).status_code == 422
    clock.advance(minutes=1)
    assert officer.post(f"{URL}/{flag['id']}/end", {"why": "two negative tests"}).status_code == 200
    assert red(community) == frozenset()
    assert officer.post(f"{URL}/{flag['id']}/end", {"why": "again"}).status_code == 409


def test_a_flag_needs_a_ground(sign_in: Callable[..., Api], community: CommunityRef) -> None:
    home, _ = make_homes(community)
    answer = sign_in("officer").post(URL, {"home_id": str(home), "ground": "  "})
    assert answer.get_json()["code"] == "flags.ground_missing"


@pytest.mark.parametrize("role", ["resident", "volunteer", "courier", "merchant", "guard", "grid_worker"])
def test_only_officers_and_the_clinic_see_or_raise_flags(
    role: str, sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    api = sign_in(role)
    assert api.get(URL).status_code == 403
    assert api.post(URL, {"home_id": str(home), "ground": "x"}).status_code == 403


def test_no_flag_crosses_into_another_community(
    sign_in: Callable[..., Api], community: CommunityRef, other_community: CommunityRef
) -> None:
    home, _ = make_homes(other_community)
    officer = sign_in("officer")
    assert officer.post(URL, {"home_id": str(home), "ground": "x"}).status_code == 404
    elsewhere = sign_in("officer", at=other_community)
    answer = elsewhere.post("/api/c/guihua/flags", {"home_id": str(home), "ground": "x"})
    assert answer.status_code == 201
    assert officer.post(f"{URL}/{answer.get_json()['id']}/end", {"why": "x"}).status_code == 404
    assert officer.get(URL).get_json()["items"] == []
    assert red(community) == frozenset()


def test_the_household_is_told_of_its_flag_and_of_its_end(
    sign_in: Callable[..., Api], community: CommunityRef, drain: Callable[[], None]
) -> None:
    home, other = make_homes(community)
    mine, neighbour = make_resident(community, home), make_resident(community, other)
    officer = sign_in("officer")
    flag = raise_red(officer, home)
    officer.post(f"{URL}/{flag['id']}/end", {"why": "negative"})
    drain()
    told = sign_in("resident", person_id=mine).get("/api/c/wutong/notices").get_json()
    assert [notice["kind"] for notice in told["items"]] == ["flag_ended", "flag_raised"]
    assert sign_in("resident", person_id=neighbour).get("/api/c/wutong/notices").get_json()["items"] == []
