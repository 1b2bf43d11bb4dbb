"""Waves from the gate's shelf to the doors: planned, released, walked, planned anew when something changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from server.core.deliveries import planning
from server.core.deliveries import service as deliveries
from server.core.deliveries.models import Parcel, Stop, Wave
from server.core.flags import service as flags
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.jobs import JobRow
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.wave_yard import Yard, bring, make_yard, move_in, put_on

BASE = "/api/c/wutong/deliveries"


@pytest.fixture
def yard(community: CommunityRef) -> Yard:
    return make_yard(community)


@pytest.fixture
def officer(sign_in: Callable[..., Any]) -> Any:
    return sign_in("officer")


def planned(officer: Any, drain: Callable[[], None]) -> dict[str, Any]:
    """Start a wave, let it be planned, and return it."""
    answer = officer.post(f"{BASE}/waves")
    assert answer.status_code == 202, answer.get_json()
    drain()
    wave: dict[str, Any] = officer.get(f"{BASE}/waves/{answer.get_json()['id']}").get_json()
    return wave


def released(officer: Any, drain: Callable[[], None]) -> dict[str, Any]:
    """Plan a wave and send its couriers out."""
    wave = planned(officer, drain)
    assert wave["state"] == "planned", wave
    answer = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert answer["state"] == "released", answer
    drain()
    return dict(answer)


def route_of(courier: Any) -> dict[str, Any]:
    answer = courier.get(f"{BASE}/routes/mine")
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def loaded(courier: Any) -> dict[str, Any]:
    route = route_of(courier)
    answer = courier.post(f"{BASE}/routes/{route['id']}/load", {"counted": route["parcels_expected"]})
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def labels(route: dict[str, Any]) -> list[str]:
    return [stop["label"] for stop in route["stops"]]


def raise_red(yard: Yard, home: str) -> None:
    with transaction() as session:
        flags.raise_flag(
            session, SYSTEM, yard.community.id, home_id=yard.homes[home], kind="red", ground="test"
        )


def close(yard: Yard, lane: str) -> None:
    with transaction() as session:
        places.close_lane(session, SYSTEM, yard.community, yard.lanes[lane], reason="pipe burst", until=None)


def custodians(need_id: UUID) -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Parcel.custodian_kind).where(Parcel.need_id == need_id)))


def state_of(yard: Yard, need_id: UUID) -> str:
    with reading() as session:
        return needs.find_need(session, yard.community.id, need_id).state


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


def test_a_visit_goes_to_whoever_accepted_it(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    put_on(yard)
    helper_id, person_id = put_on(yard, skills=("repair",))
    with transaction() as session:
        need = needs.post_need(
            session,
            SYSTEM,
            yard.community,
            kind=needs.NeedKind.REPAIR,
            lines=[needs.WantedLine("水龙头", 1, None)],
            home_id=yard.homes["2-101"],
        ).id
    needs.match_community(yard.community.id)
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get("/api/c/wutong/needs/offers").get_json()["items"][0]
    helper.post(f"/api/c/wutong/needs/offers/{offer['id']}/accept")
    wave = released(officer, drain)
    assert [(route["helper_id"], route["stops"][0]["kind"]) for route in wave["routes"]] == [
        (str(helper_id), "visit")
    ]
    stop = loaded(helper)["stops"][0]
    helper.post(f"{BASE}/stops/{stop['id']}/finish", {})
    assert state_of(yard, need) == "visited"


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


def test_a_cart_goes_nowhere_where_the_fire_lane_is_unmarked(
    yard: Yard, officer: Any, drain: Callable[[], None]
) -> None:
    put_on(yard, "cart")
    bring(yard, "1-101")
    with transaction() as session:
        places.mark_lane(session, SYSTEM, yard.community, yard.lanes["gate-fork"], is_fire_lane=False)
    assert [left["reason"] for left in planned(officer, drain)["unserved"]] == ["unreachable"]


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
