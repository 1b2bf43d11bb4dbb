"""Waves from the gate's shelf to the doors: planned, released, walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from server.core.deliveries import planning
from server.core.deliveries import service as deliveries
from server.core.deliveries.models import Stop, Wave
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.jobs import JobRow
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.wave_desk import (
    BASE,
    close,
    custodians,
    loaded,
    planned,
    raise_red,
    released,
    state_of,
)
from tests.factories.wave_yard import Yard, bring, make_yard, move_in, put_on


def test_a_whole_wave_from_the_gate_to_the_household(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    helper_id, person_id = put_on(yard)
    resident = sign_in("resident", person_id=move_in(yard, "1-101"))
    need = bring(yard, "1-101", parcels=2)
    bring(yard, "3-201")
    wave = released(officer, drain)
    assert (wave["figures"]["stops"], wave["figures"]["violations"], wave["unserved"]) == (2, 0, [])
    assert wave["routes"][0]["helper_id"] == str(helper_id)
    assert state_of(yard, need) == "batched"

    courier = sign_in("volunteer", person_id=person_id)
    route = loaded(courier)
    assert route["parcels_expected"] == 3
    assert custodians(need) == {"courier"}
    story = resident.get(f"/api/c/wutong/needs/{need}").get_json()
    assert story["holder"]["kind"] == "courier"
    assert story["expected_at"] is not None
    assert len(story["drop"]["code_hint"]) == 4

    for stop in route["stops"]:
        answer = courier.post(f"{BASE}/stops/{stop['id']}/finish", {})
        assert answer.get_json()["state"] == "done", answer.get_json()
    assert custodians(need) == {"drop_point"}
    assert resident.post(f"/api/c/wutong/needs/{need}/confirm").status_code == 200
    drain()
    assert custodians(need) == {"household"}
    assert courier.post(f"{BASE}/routes/{route['id']}/finish").get_json()["state"] == "done"
    assert officer.get(f"{BASE}/waves/{wave['id']}").get_json()["state"] == "done"
    assert courier.get(f"{BASE}/routes/mine").status_code == 404


def test_the_way_is_drawn_along_the_lanes(yard: Yard, officer: Any, drain: Callable[[], None]) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    assert wave["routes"][0]["path"] == [[0, 0], [100, 0], [200, 0], [100, 0], [0, 0]]
    assert wave["routes"][0]["stops"][0]["halt"] == {"x_m": 200, "y_m": 0}


def test_green_stops_come_first_and_a_sealed_building_gets_everything_at_the_door(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard)
    raise_red(yard, "1-101")
    for home in ("1-101", "1-201", "2-101", "3-101"):
        bring(yard, home)
    stops = planned(officer, drain)["routes"][0]["stops"]
    assert [stop["protocol"] for stop in stops] == ["green", "green", "green", "red"]
    assert {stop["label"]: stop["spot"] for stop in stops} == {
        "1-1-101": "door",
        "1-1-201": "door",
        "2-1-101": "shelf",
        "3-1-101": "shelf",
    }


def test_a_full_shelf_sends_the_rest_to_the_doors(
    community: CommunityRef, officer: Any, drain: Callable[[], None]
) -> None:
    yard = make_yard(community, floors=3, shelf_parcels=2)
    put_on(yard)
    for home in ("1-101", "1-201", "1-301"):
        bring(yard, home)
    stops = planned(officer, drain)["routes"][0]["stops"]
    assert sorted(stop["spot"] for stop in stops) == ["door", "shelf", "shelf"]


def test_what_nobody_can_carry_is_left_with_a_reason_that_the_home_can_read(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    put_on(yard)
    resident = sign_in("resident", person_id=move_in(yard, "1-101"))
    need = bring(yard, "1-101", load_g=500_000)
    wave = planned(officer, drain)
    assert [(left["need_id"], left["reason"]) for left in wave["unserved"]] == [(str(need), "too_heavy")]
    drop = resident.get(f"/api/c/wutong/needs/{need}").get_json()["drop"]
    assert (drop["state"], drop["why"]) == ("waiting", "too_heavy")


def test_a_courier_without_a_shift_is_named_in_the_figures(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    helper_id, _ = put_on(yard, "cart", hours=0)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    assert wave["figures"]["unused_helpers"] == [{"helper_id": str(helper_id), "why": "no_shift"}]
    assert [left["reason"] for left in wave["unserved"]] == ["no_shift"]


def test_only_one_wave_waits_at_a_time(yard: Yard, officer: Any, drain: Callable[[], None]) -> None:
    first = planned(officer, drain)
    answer = officer.post(f"{BASE}/waves")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "deliveries.wave_open")
    officer.post(f"{BASE}/waves/{first['id']}/cancel")
    assert officer.post(f"{BASE}/waves").status_code == 202


def test_releasing_twice_releases_once(yard: Yard, officer: Any, drain: Callable[[], None]) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = released(officer, drain)
    again = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert [route["id"] for route in again["routes"]] == [route["id"] for route in wave["routes"]]


def test_what_arrives_after_planning_waits_and_spoils_nothing(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    late = bring(yard, "1-101")
    assert officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()["state"] == "released"
    assert state_of(yard, late) == "at_gate"


def test_a_cart_goes_nowhere_where_the_fire_lane_is_unmarked(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard, "cart")
    bring(yard, "1-101")
    with transaction() as session:
        places.mark_lane(session, SYSTEM, yard.community, yard.lanes["gate-fork"], is_fire_lane=False)
    assert [left["reason"] for left in planned(officer, drain)["unserved"]] == ["unreachable"]


def test_a_solver_that_dies_strands_no_wave(
    yard: Yard, officer: Any, drain: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on(yard)
    bring(yard, "1-101")

    def die(*_: object, **__: object) -> None:
        raise planning.SolverFailed("BrokenProcessPool")

    with monkeypatch.context() as broken:
        broken.setattr(planning, "make_plan", die)
        wave = planned(officer, drain)
    assert (wave["state"], wave["trouble"]) == ("failed", "solver_failed")
    assert released(officer, drain)["figures"]["stops"] == 1


def test_a_wave_whose_job_is_lost_is_given_up(yard: Yard, officer: Any) -> None:
    wave_id = officer.post(f"{BASE}/waves").get_json()["id"]
    with transaction() as session:
        session.execute(delete(JobRow).where(JobRow.name == "deliveries.plan_wave"))
        deliveries.fail_lost_waves(session, yard.community.id)
    assert officer.get(f"{BASE}/waves/{wave_id}").get_json()["trouble"] == "solver_failed"


def test_a_wave_without_an_open_gate_is_refused_with_a_reason(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    with transaction() as session:
        places.change_gate(session, SYSTEM, yard.community, yard.gate, is_open=False)
    answer = officer.post(f"{BASE}/waves")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "places.no_open_gate")
    with reading() as session:
        assert session.scalars(select(Wave)).all() == []


def test_a_parcel_is_on_one_live_stop_only(yard: Yard, officer: Any, drain: Callable[[], None]) -> None:
    put_on(yard)
    put_on(yard)
    bring(yard, "1-101")
    released(officer, drain)
    assert planned(officer, drain)["figures"]["stops"] == 0
    with reading() as session:
        assert len(session.scalars(select(Stop)).all()) == 1


def test_another_community_sees_nothing_of_it(
    yard: Yard,
    other_community: CommunityRef,
    officer: Any,
    sign_in: Callable[..., Any],
    drain: Callable[[], None],
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = released(officer, drain)
    stranger = sign_in("officer", at=other_community)
    assert stranger.get(f"{BASE}/waves/{wave['id']}").status_code == 404
    elsewhere = "/api/c/guihua/deliveries"
    assert stranger.get(f"{elsewhere}/waves").get_json()["items"] == []
    assert stranger.get(f"{elsewhere}/waves/{wave['id']}").status_code == 404
    assert stranger.post(f"{elsewhere}/waves/{wave['id']}/cancel").status_code == 404
    assert stranger.get(f"{elsewhere}/carts").get_json()["items"] == []


def test_what_is_left_out_names_the_courier_and_the_lane_that_would_help(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard, hours=0.05)
    bring(yard, "1-101")
    wave = planned(officer, drain)
    (short,) = wave["unserved"]
    assert (short["reason"], short["helper_label"]) == ("shift_too_short", "Test")
    assert [(one["helper_label"], one["why"]) for one in wave["unused"]] == [("Test", "not_needed")]
    officer.post(f"{BASE}/waves/{wave['id']}/cancel")
    put_on(yard)
    close(yard, "gate-fork")
    (cut,) = planned(officer, drain)["unserved"]
    assert (cut["reason"], cut["lane_ref"], cut["helper_label"]) == ("unreachable", "gate-fork", None)
