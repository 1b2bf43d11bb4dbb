"""Who may do what in which state: every step of quarantine, every state, every role, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.kit import clock
from server.kit.clock import SettableClock
from server.kit.tenancy import CommunityRef
from tests.factories.isolation import BASE, isolate, look_at_checks, order_body
from tests.factories.neighbourhood import make_resident

OUTSIDERS = ("volunteer", "courier", "merchant", "guard", "clinic")
WAYS = ("home", "neighbour", "grid_worker", "officer", *OUTSIDERS)
# step → (body, what it answers where it is allowed, who may)
STEPS: dict[str, tuple[dict[str, Any], int, frozenset[str]]] = {
    "release": ({"ground": "x"}, 200, frozenset({"officer"})),
    "withdraw": ({"ground": "x"}, 200, frozenset({"officer"})),
    "extend": ({"ground": "x", "until_at": "later"}, 200, frozenset({"officer"})),
    "owner": ({}, 200, frozenset({"officer"})),
    "violations": ({"ground": "x"}, 201, frozenset({"officer"})),
    "supply": (
        {"food_days": 9, "medicine_days": 9},
        200,
        frozenset({"officer", "grid_worker", "home"}),
    ),
    "appeals": ({"ground": "x"}, 201, frozenset({"officer", "home"})),
    "sign-off": ({}, 422, frozenset({"officer"})),
}
# Whoever has a home of their own here may ask; what is not theirs is not there.
ASKING = frozenset({"supply", "appeals"})


@pytest.fixture
def who(
    community: CommunityRef, sign_in: Callable[..., Any], homes: list[UUID], family: list[UUID]
) -> dict[str, Any]:
    people = {role: sign_in(role) for role in ("grid_worker", "officer", *OUTSIDERS)}
    neighbour = make_resident(community, homes[1])
    return {
        **people,
        "home": sign_in("resident", person_id=family[0]),
        "neighbour": sign_in("resident", person_id=neighbour),
    }


def _send(api: Any, order_id: str, step: str) -> Any:
    body = dict(STEPS[step][0])
    if "until_at" in body:
        body["until_at"] = (clock.now() + timedelta(days=20)).isoformat()
    return api.post(f"{BASE}/orders/{order_id}/{step}", body)


def _refused(way: str, step: str) -> int:
    return 404 if step in ASKING and way in ("home", "neighbour", "grid_worker") else 403


@pytest.mark.parametrize("state", ["active", "released", "withdrawn"])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_in_every_state_by_everybody(
    homes: list[UUID], who: dict[str, Any], state: str, step: str
) -> None:
    _, allowed_status, allowed = STEPS[step]
    order_id = isolate(who["officer"], homes[0])["id"]
    if state != "active":
        end = "release" if state == "released" else "withdraw"
        assert who["officer"].post(f"{BASE}/orders/{order_id}/{end}", {"ground": "over"}).status_code == 200
    for way in sorted(WAYS, key=lambda one: one in allowed):
        answer = _send(who[way], order_id, step)
        if way not in allowed:
            expected = _refused(way, step)
        elif state != "active":
            expected = 409
        else:
            expected = allowed_status
        assert answer.status_code == expected, (way, answer.get_json())
        if way in allowed and state == "active" and step == "appeals":
            break  # a second appeal waits for the first one's answer


CHECK_STATES = ("due", "done", "missed", "ended")


@pytest.mark.parametrize("state", CHECK_STATES)
@pytest.mark.parametrize("how", ["app", "call", "door"])
def test_a_check_is_entered_once_and_by_the_right_people(
    community: CommunityRef,
    homes: list[UUID],
    who: dict[str, Any],
    clock: SettableClock,
    state: str,
    how: str,
) -> None:
    order_id = isolate(who["officer"], homes[0])["id"]
    clock.advance(hours=2)
    look_at_checks(community)
    check = who["home"].get(f"{BASE}/mine").get_json()["order"]["checks"][0]["id"]
    if state == "done":
        who["home"].post(f"{BASE}/checks/{check}", {"tenths": 366})
    if state == "missed":
        clock.advance(hours=7)
        look_at_checks(community)
    if state == "ended":
        who["officer"].post(f"{BASE}/orders/{order_id}/release", {"ground": "over"})
    allowed = {"home"} if how == "app" else {"officer", "grid_worker"}
    for way in sorted(WAYS, key=lambda one: one in allowed):
        answer = who[way].post(f"{BASE}/checks/{check}", {"tenths": 366, "how": how})
        if way in OUTSIDERS:
            expected = 403
        elif way not in allowed:
            expected = 404
        else:
            expected = 409 if state in ("done", "ended") else 200
        assert answer.status_code == expected, (way, answer.get_json())
        state = "done" if expected == 200 else state


def test_a_task_is_done_once_and_by_workers(
    community: CommunityRef, homes: list[UUID], who: dict[str, Any], clock: SettableClock
) -> None:
    isolate(who["officer"], homes[0])
    clock.advance(hours=6)
    look_at_checks(community)
    tasks = who["grid_worker"].get(f"{BASE}/tasks").get_json()["items"]
    path = f"{BASE}/tasks/{tasks[0]['id']}/done"
    for way in ("home", "neighbour", *OUTSIDERS):
        assert who[way].post(path).status_code == 403, way
    assert [who[way].post(path).status_code for way in ("grid_worker", "officer")] == [200, 409]


def test_a_referral_is_closed_by_clinic_or_officer(
    community: CommunityRef, homes: list[UUID], who: dict[str, Any], clock: SettableClock
) -> None:
    isolate(who["officer"], homes[0])
    clock.advance(hours=2)
    look_at_checks(community)
    for check in who["home"].get(f"{BASE}/mine").get_json()["order"]["checks"]:
        who["home"].post(f"{BASE}/checks/{check['id']}", {"tenths": 384})
    referrals = [one["id"] for one in who["clinic"].get(f"{BASE}/referrals").get_json()["items"]]
    path = f"{BASE}/referrals/{referrals[0]}/close"
    for way in ("home", "neighbour", "grid_worker", "volunteer", "courier", "merchant", "guard"):
        assert who[way].post(path).status_code == 403, way
    closed = [who[way].post(path).get_json()["closed_at"] for way in ("clinic", "officer")]
    # Twice is once: who took the person over first did.
    assert closed[0] == closed[1]


def test_many_homes_are_proposed_and_decided_by_officers_once(
    community: CommunityRef, homes: list[UUID], who: dict[str, Any], sign_in: Callable[..., Any]
) -> None:
    body = {**order_body(homes[0]), "home_ids": [str(home) for home in homes]}
    del body["home_id"]
    others = tuple(way for way in WAYS if way != "officer")
    assert {who[way].post(f"{BASE}/bulks", body).status_code for way in others} == {403}
    bulk = who["officer"].post(f"{BASE}/bulks", body).get_json()["id"]
    path = f"{BASE}/bulks/{bulk}/decide"
    assert {who[way].post(path, {"approves": True}).status_code for way in others} == {403}
    second = sign_in("officer")
    answers = [api.post(path, {"approves": False}).status_code for api in (who["officer"], second, second)]
    assert answers == [422, 200, 409]


def test_what_each_may_read(homes: list[UUID], who: dict[str, Any]) -> None:
    isolate(who["officer"], homes[0])
    may_read = {
        "desk": {"officer"},
        "orders": {"officer"},
        "bulks": {"officer"},
        "days": {"officer"},
        "spots": {"officer"},
        "tasks": {"officer", "grid_worker"},
        "referrals": {"clinic"},
        "settings": {"officer", "grid_worker", "home", "neighbour"},
        "mine": {"officer", "grid_worker", "home", "neighbour"},
    }
    for path, allowed in may_read.items():
        got = {way for way in WAYS if who[way].get(f"{BASE}/{path}").status_code == 200}
        assert got == allowed, path


def test_settings_are_changed_by_officers(who: dict[str, Any]) -> None:
    body = {"hours": [8], "rungs_min": [1, 2, 3, 4], "fever_tenths": 375, "second_reading_min": 20}
    answers = {way: who[way].post(f"{BASE}/settings", body).status_code for way in WAYS}
    assert answers == {way: 200 if way == "officer" else 403 for way in WAYS}
