"""Couriers' rests in waves and on the way, and work that is shared by what everybody did of late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from server.core.deliveries import service as deliveries
from server.core.deliveries.models import Route
from server.core.deliveries.planning import problem_of
from server.core.deliveries.service.efforts import work_lately
from server.core.helpers import service as helpers
from server.kit import clock as kit_clock
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from tests.factories.wave_desk import BASE, close, loaded, planned, released, route_of, state_of
from tests.factories.wave_yard import Yard, bring, put_on

Drain = Callable[[], None]
MINUTE = timedelta(minutes=1)


def rest(yard: Yard, helper_id: UUID, begin_min: int, end_min: int, lasts_min: int = 20) -> None:
    """Let the helper rest in the only shift, begun within so many minutes from now."""
    now = kit_clock.now()
    wanted = helpers.Rest(now + begin_min * MINUTE, now + end_min * MINUTE, lasts_min * MINUTE)
    with transaction() as session:
        (shift,) = helpers.shifts_of(session, yard.community.id, [helper_id])[helper_id]
        helpers.set_rest(session, SYSTEM, yard.community, shift.id, wanted)


def minutes(route: dict[str, Any], clock: SettableClock) -> list[tuple[float, float]]:
    """When the route's rests are, in minutes from now."""
    return [
        tuple(
            (datetime.fromisoformat(one[key].replace("Z", "+00:00")) - clock.now()) / MINUTE
            for key in ("from_at", "until_at")
        )  # type: ignore[misc]  # two of them
        for one in route["rests"]
    ]


def finish(courier: Any) -> None:
    """Walk the whole round and end it."""
    route = loaded(courier)
    for stop in route["stops"]:
        courier.post(f"{BASE}/stops/{stop['id']}/finish", {})
    assert courier.post(f"{BASE}/routes/{route['id']}/finish").status_code == 200


def test_a_wave_leaves_a_courier_the_rest_that_was_asked_for(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    helper_id, person_id = put_on(yard)
    rest(yard, helper_id, 0, 3)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    wave = planned(officer, drain)
    assert (wave["figures"]["violations"], wave["unserved"]) == (0, [])
    ((from_min, until_min),) = minutes(wave["routes"][0], clock)
    assert 0 <= from_min <= 3
    assert until_min == from_min + 20
    for stop in wave["routes"][0]["stops"]:
        arrive = (
            datetime.fromisoformat(stop["plan_arrive_at"].replace("Z", "+00:00")) - clock.now()
        ) / MINUTE
        depart = (
            datetime.fromisoformat(stop["plan_depart_at"].replace("Z", "+00:00")) - clock.now()
        ) / MINUTE
        assert depart <= from_min or arrive >= until_min
    clock.advance(minutes=1)
    officer.post(f"{BASE}/waves/{wave['id']}/release")
    # A minute later it was released, and everything in it is a minute later.
    mine = route_of(sign_in("volunteer", person_id=person_id))
    assert minutes(mine, clock) == [(from_min, until_min)]


def test_who_is_back_before_it_is_due_rests_at_home(
    yard: Yard, officer: Any, drain: Drain, clock: SettableClock
) -> None:
    helper_id, _ = put_on(yard)
    rest(yard, helper_id, 120, 180)
    bring(yard, "1-101")
    assert minutes(planned(officer, drain)["routes"][0], clock) == []


def test_a_rest_is_taken_once_however_many_waves_there_are(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    helper_id, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    rest(yard, helper_id, 3, 6)
    for home in ("1-101", "1-201", "2-101", "2-201", "3-101", "3-201"):
        bring(yard, home)
    wave = released(officer, drain)
    ((_, until_min),) = minutes(wave["routes"][0], clock)
    loaded(courier)
    clock.advance(minutes=1)
    with reading() as session:
        rest_ = deliveries.gather_rest(session, UUID(wave["routes"][0]["id"]))
    assert rest_ is not None
    assert rest_.is_as_planned
    clock.advance(minutes=until_min)
    for stop in route_of(courier)["stops"]:
        courier.post(f"{BASE}/stops/{stop['id']}/finish", {})
    courier.post(f"{BASE}/routes/{route_of(courier)['id']}/finish")
    with reading() as session:
        inputs = deliveries.gather(session, yard.community.id, clock.now(), 3600)
    assert [helper.breaks for helper in inputs.helpers] == [()]


def test_a_rest_that_was_planned_but_not_reached_is_still_due(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    helper_id, person_id = put_on(yard)
    rest(yard, helper_id, 2, 4)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    wave = released(officer, drain)
    ((from_min, _),) = minutes(wave["routes"][0], clock)
    assert from_min > 0
    # Quicker than any plan: done before the rest was to begin.
    finish(sign_in("volunteer", person_id=person_id))
    with reading() as session:
        inputs = deliveries.gather(session, yard.community.id, clock.now(), 3600)
    assert [len(helper.breaks) for helper in inputs.helpers] == [1]


def test_a_rest_asked_for_before_the_release_is_planned_in(
    yard: Yard, officer: Any, drain: Drain, clock: SettableClock
) -> None:
    helper_id, _ = put_on(yard)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    wave = planned(officer, drain)
    rest(yard, helper_id, 0, 3)
    answer = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert (answer["state"], answer["trouble"]) == ("planning", "rest_changed")
    drain()
    again = officer.get(f"{BASE}/waves/{wave['id']}").get_json()
    assert again["state"] == "planned"
    assert len(minutes(again["routes"][0], clock)) == 1


def test_a_rest_asked_for_on_the_way_comes_into_the_rest_of_the_round(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    helper_id, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    released(officer, drain)
    before = loaded(courier)
    assert before["rests"] == []
    rest(yard, helper_id, 0, 3)
    drain()
    after = route_of(courier)
    assert after["seq"] > before["seq"]
    assert len(minutes(after, clock)) == 1
    assert [stop["state"] for stop in after["stops"]] == ["todo"] * 3
    # Nothing has changed since: nobody is led another way.
    with reading() as session:
        rest_ = deliveries.gather_rest(session, UUID(after["id"]))
    assert rest_ is not None
    assert rest_.is_as_planned


def test_no_home_waits_in_vain_for_a_courier_who_rests(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain
) -> None:
    helper_id, person_id = put_on(yard, hours=0.75)
    courier = sign_in("volunteer", person_id=person_id)
    needs = [bring(yard, home) for home in ("1-101", "2-101", "3-101")]
    released(officer, drain)
    loaded(courier)
    # It would not fit into what is left of the shift: then it comes after the round.
    rest(yard, helper_id, 0, 1, lasts_min=40)
    close(yard, "fork-east")
    drain()
    assert {state_of(yard, need) for need in needs} == {"batched"}
    assert {stop["state"] for stop in route_of(courier)["stops"]} == {"todo"}


def test_who_did_the_last_round_is_spared_the_next(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    people = dict(put_on(yard) for _ in range(2))
    went = []
    for _ in range(4):
        bring(yard, "1-101")
        (route,) = released(officer, drain)["routes"]
        helper_id = UUID(route["helper_id"])
        went.append(helper_id)
        finish(sign_in("volunteer", person_id=people[helper_id]))
        clock.advance(minutes=30)
    # One after the other, whoever is first by chance.
    assert went[0] != went[1]
    assert sorted(map(str, went)) == sorted(2 * [str(one) for one in people])
    with reading() as session:
        worked = work_lately(session, yard.community.id, clock.now())
    assert len(set(worked.values())) == 1
    bring(yard, "1-101")
    figures = planned(officer, drain)["figures"]
    assert figures["worked_least_s"] < figures["worked_most_s"]
    clock.advance(days=8)
    with reading() as session:
        assert work_lately(session, yard.community.id, clock.now()) == {}


def test_only_what_was_done_counts(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, clock: SettableClock
) -> None:
    helper_id, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    bring(yard, "1-101")
    released(officer, drain)
    route = loaded(courier)
    with reading() as session:
        assert work_lately(session, yard.community.id, clock.now()) == {}
    # 200 m there and 200 m back at 1.2 m/s; a minute and a half at the door for one parcel on the shelf.
    courier.post(f"{BASE}/stops/{route['stops'][0]['id']}/finish", {})
    courier.post(f"{BASE}/routes/{route['id']}/finish")
    with reading() as session:
        assert work_lately(session, yard.community.id, clock.now()) == {helper_id: 333 + 65}
    bring(yard, "1-101")
    released(officer, drain)
    route = loaded(courier)
    courier.post(f"{BASE}/stops/{route['stops'][0]['id']}/fail", {"reason": "lane_blocked"})
    courier.post(f"{BASE}/routes/{route['id']}/finish")
    with reading() as session:
        assert work_lately(session, yard.community.id, clock.now()) == {helper_id: 333 + 65}


def test_a_machine_takes_no_share_and_one_alone_has_none(yard: Yard, clock: SettableClock) -> None:
    put_on(yard)
    bring(yard, "1-101")
    with reading() as session:
        inputs = deliveries.gather(session, yard.community.id, clock.now(), 3600)
    assert problem_of(inputs).fair_work_s is None
    put_on(yard)
    with reading() as session:
        inputs = deliveries.gather(session, yard.community.id, clock.now(), 3600)
    problem = problem_of(inputs)
    assert problem.fair_work_s is not None
    # The way there and home for each of the two, and the door, with a fifth to spare.
    assert problem.fair_work_s < 600
    assert not any(vehicle.is_machine for vehicle in problem.vehicles)


def test_the_database_refuses_work_below_nothing(yard: Yard, officer: Any, drain: Drain) -> None:
    put_on(yard)
    bring(yard, "1-101")
    released(officer, drain)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Route).values(work_s=-1))
