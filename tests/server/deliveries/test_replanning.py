"""What changes after a plan was made: before the release, and on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core.deliveries import service as deliveries
from server.core.deliveries.planning import problem_of
from server.core.places import service as places
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from tests.factories.wave_desk import (
    BASE,
    close,
    custodians,
    loaded,
    planned,
    raise_red,
    released,
    route_of,
    state_of,
)
from tests.factories.wave_yard import Yard, bring, put_on


def test_a_plan_that_does_not_hold_any_more_is_not_released_but_made_anew(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    bring(yard, "2-101")
    wave = planned(officer, drain)
    raise_red(yard, "2-101")
    answer = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert (answer["state"], answer["trouble"], answer["routes"]) == ("planning", "home_changed", [])
    drain()
    again = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert again["state"] == "released"
    assert [stop["protocol"] for stop in again["routes"][0]["stops"]] == ["green", "red"]


def test_a_plan_that_lies_about_is_too_old(
    yard: Yard, officer: Any, drain: Callable[[], None], clock: SettableClock
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    clock.advance(minutes=31)
    assert officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()["trouble"] == "too_old"


def test_a_lane_that_closes_before_the_release_is_planned_around_by_itself(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    close(yard, "fork-east")
    drain()
    wave = officer.get(f"{BASE}/waves/{wave['id']}").get_json()
    assert wave["state"] == "planned"
    assert [100, 60] in wave["routes"][0]["path"]


def test_a_lane_that_closes_on_the_way_leads_the_courier_another_way(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    bring(yard, "1-101")
    released(officer, drain)
    route = loaded(courier)
    assert [100, 60] not in route["path"]
    close(yard, "fork-east")
    drain()
    after = route_of(courier)
    assert after["seq"] > route["seq"]
    assert [100, 60] in after["path"]
    answer = courier.post(f"{BASE}/stops/{after['stops'][0]['id']}/finish", {})
    assert answer.get_json()["state"] == "done"


def test_a_lane_that_nobody_uses_changes_no_route(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    bring(yard, "1-101")
    released(officer, drain)
    before = loaded(courier)
    close(yard, "west-far")
    drain()
    assert route_of(courier)["seq"] == before["seq"]


def test_what_cannot_be_reached_any_more_comes_back_and_goes_with_the_next_wave(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    blocked = bring(yard, "1-101")
    reachable = bring(yard, "2-101")
    released(officer, drain)
    loaded(courier)
    close(yard, "fork-east")
    close(yard, "east-far")
    drain()
    stops = {stop["label"]: stop for stop in route_of(courier)["stops"]}
    assert (stops["1-1-101"]["state"], stops["1-1-101"]["failure"]) == ("failed", "lane_blocked")
    assert (state_of(yard, blocked), custodians(blocked)) == ("unreachable", {"courier"})
    courier.post(f"{BASE}/stops/{stops['2-1-101']['id']}/finish", {})
    courier.post(f"{BASE}/routes/{route_of(courier)['id']}/finish")
    assert (state_of(yard, reachable), custodians(reachable)) == ("dropped", {"drop_point"})
    assert (state_of(yard, blocked), custodians(blocked)) == ("at_gate", {"gate"})
    with transaction() as session:
        places.reopen_lane(session, SYSTEM, yard.community.id, yard.lanes["fork-east"])
    assert released(officer, drain)["figures"]["stops"] == 1


def test_a_home_isolated_on_the_way_is_served_last_and_its_neighbour_at_the_door(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    for home in ("1-101", "1-201", "3-101"):
        bring(yard, home)
    released(officer, drain)
    loaded(courier)
    raise_red(yard, "1-101")
    drain()
    stops = route_of(courier)["stops"]
    assert (stops[-1]["label"], stops[-1]["protocol"]) == ("1-1-101", "red")
    assert {stop["label"]: stop["spot"] for stop in stops}["1-1-201"] == "door"
    for stop in stops:
        courier.post(f"{BASE}/stops/{stop['id']}/finish", {})
    done = courier.post(f"{BASE}/routes/{route_of(courier)['id']}/finish").get_json()
    assert done["needs_disinfection"] is True


def test_a_cart_that_was_at_a_red_home_is_cleaned_before_the_next_wave(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None], clock: SettableClock
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    raise_red(yard, "2-101")
    bring(yard, "2-101")
    released(officer, drain)
    route = loaded(courier)
    courier.post(f"{BASE}/stops/{route['stops'][0]['id']}/finish", {})
    courier.post(f"{BASE}/routes/{route['id']}/finish")
    bring(yard, "1-101")
    wave = planned(officer, drain)
    begin = wave["routes"][0]["begin_at"]
    assert begin >= clock.advance(minutes=15).isoformat().replace("+00:00", "Z")


def test_what_homes_were_told_is_known_to_whoever_plans_again(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    courier = sign_in("volunteer", person_id=person_id)
    for home in ("1-101", "2-101"):
        bring(yard, home)
    released(officer, drain)
    route = loaded(courier)
    with reading() as session:
        rest = deliveries.gather_rest(session, UUID(route["id"]))
    assert rest is not None
    told = {stop.id: stop.promised.start_s for stop in problem_of(rest.inputs).stops if stop.promised}
    expected = {
        stop["id"]: (datetime.fromisoformat(stop["plan_arrive_at"]) - rest.inputs.starts_at).total_seconds()
        for stop in route["stops"]
    }
    assert told == {stop_id: max(0, int(seconds)) for stop_id, seconds in expected.items()}
