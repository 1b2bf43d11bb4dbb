"""Helpers over HTTP: applying, being let in, shifts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.core.helpers import service as helpers
from server.core.helpers.models import Shift
from server.core.needs import service as needs
from server.core.needs.models import Need
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper, make_homes

BASE = "/api/c/wutong/helpers"


def shift(clock: SettableClock, start_h: float, end_h: float) -> dict[str, str]:
    now = clock.now()
    return {
        "from_at": (now + timedelta(hours=start_h)).isoformat(),
        "until_at": (now + timedelta(hours=end_h)).isoformat(),
    }


def test_an_applicant_serves_only_once_an_officer_said_yes(
    community: CommunityRef, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    me = sign_in("resident")
    applied = me.post(BASE, {"kind": "courier", "vehicle": "cart", "skills": ["repair"]}).get_json()
    assert (applied["state"], applied["capacity_parcels"]) == ("applied", 40)
    assert me.post(f"{BASE}/me/shifts", shift(clock, 0, 4)).status_code == 403
    officer = sign_in("officer")
    assert officer.post(f"{BASE}/{applied['id']}/approve").get_json()["state"] == "active"
    assert me.post(f"{BASE}/me/shifts", shift(clock, 0, 4)).status_code == 201
    with reading() as session:
        on = helpers.on_shift(session, community.id, clock.now(), clock.now() + timedelta(hours=1))
    assert [str(helper.id) for helper in on] == [applied["id"]]
    assert on[0].windows == ((clock.now(), clock.now() + timedelta(hours=1)),)


def test_nobody_approves_themselves(sign_in: Callable[..., Any]) -> None:
    me = sign_in("volunteer")
    applied = me.post(BASE, {"kind": "volunteer"}).get_json()
    assert me.post(f"{BASE}/{applied['id']}/approve").status_code == 403


def test_one_person_is_one_helper_in_a_community(sign_in: Callable[..., Any]) -> None:
    me = sign_in("resident")
    me.post(BASE, {"kind": "volunteer"})
    again = me.post(BASE, {"kind": "courier"})
    assert (again.status_code, again.get_json()["code"]) == (409, "helpers.already_enrolled")


def test_shifts_that_overlap_are_refused_with_the_other_shift(
    community: CommunityRef, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    helper_id, _ = make_helper(community, hours=4)
    answer = sign_in("officer").post(f"{BASE}/{helper_id}/shifts", shift(clock, 3, 5))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "helpers.shift_overlaps")


def test_hours_count_once_they_have_passed(
    community: CommunityRef, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, hours=4)
    me = sign_in("volunteer", person_id=person_id)
    assert me.get(f"{BASE}/me").get_json()["hours"] == 0
    clock.advance(hours=3)
    assert me.get(f"{BASE}/me").get_json()["hours"] == 3


def test_what_a_suspended_helper_held_is_offered_to_others(
    community: CommunityRef, clock: SettableClock, drain: Callable[[], None]
) -> None:
    helper_id, _ = make_helper(community, "repair")
    home = make_homes(community, 1)[0]
    with transaction() as session:
        needs.post_need(session, SYSTEM, community, kind=needs.NeedKind.REPAIR, home_id=home)
    needs.match_community(community.id)
    with transaction() as session:
        helpers.suspend(session, SYSTEM, community, helper_id, why="test")
    drain()
    with reading() as session:
        assert session.scalars(select(Need.state)).one() == "triaged"
        assert helpers.on_shift(session, community.id, clock.now(), clock.now() + timedelta(hours=1)) == []


def test_an_officer_suspends_a_helper_and_lets_them_in_again(
    community: CommunityRef, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    helper_id, person_id = make_helper(community, hours=4)
    officer, helper = sign_in("officer"), sign_in("volunteer", person_id=person_id)
    path = f"{BASE}/{helper_id}"
    assert officer.post(f"{path}/suspend", {"why": ""}).status_code == 422
    assert helper.post(f"{path}/suspend", {"why": "不来了"}).status_code == 403
    answer = officer.post(f"{path}/suspend", {"why": "多次未到"})
    assert (answer.status_code, answer.get_json()["state"]) == (200, "suspended")
    drain()
    assert helper.get(f"{BASE}/me").get_json()["state"] == "suspended"
    assert officer.post(f"{path}/approve").get_json()["state"] == "active"


def test_helpers_of_another_community_are_not_there(
    community: CommunityRef, other_community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    helper_id, _ = make_helper(community)
    stranger = sign_in("officer", at=other_community)
    assert stranger.post(f"/api/c/guihua/helpers/{helper_id}/approve").status_code == 404
    assert stranger.post(f"/api/c/guihua/helpers/{helper_id}/suspend", {"why": "x"}).status_code == 404
    assert stranger.get("/api/c/guihua/helpers").get_json()["items"] == []


def rest(clock: SettableClock, start_h: float, end_h: float, minutes: int = 30) -> dict[str, Any]:
    return {**shift(clock, start_h, end_h), "minutes": minutes}


def test_a_helper_puts_a_rest_into_a_shift_moves_it_and_takes_it_out(
    community: CommunityRef, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, hours=6)
    me = sign_in("volunteer", person_id=person_id)
    (mine,) = me.get(f"{BASE}/me").get_json()["shifts"]
    assert mine["rest"] is None
    path = f"{BASE}/shifts/{mine['id']}/rest"
    for wanted in (rest(clock, 2, 3), rest(clock, 3, 4, minutes=60)):
        answer = me.put(path, {"rest": wanted})
        assert (answer.status_code, answer.get_json()["rest"]["minutes"]) == (200, wanted["minutes"])
    with reading() as session:
        (on,) = helpers.on_shift(session, community.id, clock.now(), clock.now() + timedelta(hours=1))
    assert on.rests == (
        helpers.Rest(
            clock.now() + timedelta(hours=3), clock.now() + timedelta(hours=4), timedelta(minutes=60)
        ),
    )
    assert me.put(path, {"rest": None}).get_json()["rest"] is None
    assert me.get(f"{BASE}/me").get_json()["shifts"][0]["rest"] is None


def test_a_shift_comes_with_its_rest(clock: SettableClock, sign_in: Callable[..., Any]) -> None:
    me = sign_in("resident")
    applied = me.post(BASE, {"kind": "volunteer"}).get_json()
    sign_in("officer").post(f"{BASE}/{applied['id']}/approve")
    wanted = {**shift(clock, 0, 4), "rest": rest(clock, 1, 2)}
    assert me.post(f"{BASE}/me/shifts", wanted).get_json()["rest"]["minutes"] == 30
    outside = {**shift(clock, 5, 6), "rest": rest(clock, 1, 2)}
    answer = me.post(f"{BASE}/me/shifts", outside)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "helpers.rest_outside_shift")
    assert len(me.get(f"{BASE}/me").get_json()["shifts"]) == 1


def test_only_the_helper_and_an_officer_set_a_rest(
    community: CommunityRef,
    other_community: CommunityRef,
    clock: SettableClock,
    sign_in: Callable[..., Any],
) -> None:
    helper_id, _ = make_helper(community, hours=6)
    officer = sign_in("officer")
    (one,) = officer.get(BASE).get_json()["items"]
    path, wanted = f"{BASE}/shifts/{one['shifts'][0]['id']}/rest", {"rest": rest(clock, 2, 3)}
    _, other = make_helper(community, hours=6)
    for stranger in (sign_in("volunteer", person_id=other), sign_in("resident"), sign_in("grid_worker")):
        assert stranger.put(path, wanted).status_code == 403
    elsewhere = sign_in("officer", at=other_community)
    assert elsewhere.put(path.replace("wutong", "guihua"), wanted).status_code == 404
    assert officer.put(path, wanted).status_code == 200
    clock.advance(hours=7)
    late = officer.put(path, {"rest": None})
    assert (late.status_code, late.get_json()["code"]) == (422, "helpers.shift_is_over")
    assert one["id"] == str(helper_id)


@pytest.mark.parametrize(
    "values",
    [
        {"rest_s": 1800},
        {"rest_from_h": 1, "rest_until_h": 2},
        {"rest_from_h": 1, "rest_s": 1800},
        {"rest_from_h": 1, "rest_until_h": 2, "rest_s": 60},
        {"rest_from_h": 1, "rest_until_h": 2, "rest_s": 9000},
        {"rest_from_h": -1, "rest_until_h": 2, "rest_s": 1800},
        {"rest_from_h": 2, "rest_until_h": 1, "rest_s": 1800},
        {"rest_from_h": 2, "rest_until_h": 6, "rest_s": 1800},
    ],
)
def test_the_database_refuses_half_a_rest_and_one_outside_its_shift(
    community: CommunityRef, clock: SettableClock, values: dict[str, int]
) -> None:
    make_helper(community, hours=6)
    columns = {
        name.replace("_h", "_at"): clock.now() + timedelta(hours=value) if name.endswith("_h") else value
        for name, value in values.items()
    }
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Shift).values(**columns))
