"""What would help a wave: found behind the plan, for whoever may plan, thrown away with the plan."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.core.deliveries import helping, jobs, planning
from server.core.deliveries import service as deliveries
from server.core.deliveries.models import Wave
from server.core.helpers import service as helpers
from server.core.places import service as places
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.wave_desk import BASE, close, planned
from tests.factories.wave_yard import Yard, bring, put_on

Drain = Callable[[], None]


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let help be looked for; the other tests do without."""
    # Far more than a wave of three homes takes: on a slow machine, too, every change is tried.
    monkeypatch.setattr(jobs, "_help_limit_s", lambda: 60.0)


def help_of(officer: Any, wave: dict[str, Any]) -> dict[str, Any]:
    answer = officer.get(f"{BASE}/waves/{wave['id']}/help")
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def planned_around(yard: Yard, officer: Any, drain: Drain) -> dict[str, Any]:
    """Plan a wave that goes the long way round a closed lane."""
    put_on(yard)
    close(yard, "fork-east")
    bring(yard, "1-101")
    return planned(officer, drain)


@pytest.mark.usefixtures("looked_for")
def test_a_lane_worth_reopening_is_named_with_what_it_saves(yard: Yard, officer: Any, drain: Drain) -> None:
    found = help_of(officer, planned_around(yard, officer, drain))
    # 120 m less each way, at 1.2 m/s.
    assert found["state"] == "found"
    assert [
        (i["kind"], i["lane_id"], i["lane_ref"], i["serves_more"], i["saves_s"]) for i in found["items"]
    ] == [("reopen", str(yard.lanes["fork-east"]), "fork-east", 0, 195)]


@pytest.mark.usefixtures("looked_for")
def test_a_longer_shift_is_named_with_who_works_it_and_until_when(
    yard: Yard, officer: Any, drain: Drain, clock: SettableClock
) -> None:
    helper_id, _ = put_on(yard, hours=0.1)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    wave = planned(officer, drain)
    assert len(wave["unserved"]) > 0
    items = help_of(officer, wave)["items"]
    (longer,) = [item for item in items if item["kind"] == "lengthen_shift"]
    assert (longer["helper_id"], longer["helper_label"], longer["minutes"]) == (str(helper_id), "Test", 30)
    assert longer["until_at"] == (clock.now() + timedelta(minutes=36)).isoformat().replace("+00:00", "Z")
    (more,) = [item for item in items if item["kind"] == "add"]
    assert (more["profile"], more["serves_more"]) == ("walk", len(wave["unserved"]))
    assert longer["serves_more"] == len(wave["unserved"])


@pytest.mark.usefixtures("looked_for")
def test_only_whoever_may_plan_sees_it(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Drain, other_community: CommunityRef
) -> None:
    wave = planned_around(yard, officer, drain)
    path = f"{BASE}/waves/{wave['id']}/help"
    for role in ("grid_worker", "guard", "courier", "volunteer", "resident", "merchant"):
        assert sign_in(role).get(path).status_code == 403
    stranger = sign_in("officer", at=other_community)
    assert stranger.get(path).status_code == 404
    assert stranger.get(path.replace("wutong", "guihua")).status_code == 404
    assert "help" not in sign_in("grid_worker").get(f"{BASE}/waves/{wave['id']}").get_json()


@pytest.mark.usefixtures("looked_for")
def test_it_is_found_anew_with_another_plan(yard: Yard, officer: Any, drain: Drain) -> None:
    wave = planned_around(yard, officer, drain)
    with transaction() as session:
        places.reopen_lane(session, SYSTEM, yard.community.id, yard.lanes["fork-east"])
    # The lane is open, the plan is old, and nobody has looked again yet.
    assert help_of(officer, wave) == {"state": "unknown", "items": []}
    drain()
    assert officer.get(f"{BASE}/waves/{wave['id']}").get_json()["state"] == "planned"
    assert help_of(officer, wave) == {"state": "found", "items": []}


@pytest.mark.usefixtures("looked_for")
def test_it_is_gone_when_a_courier_of_the_plan_is(yard: Yard, officer: Any, drain: Drain) -> None:
    wave = planned_around(yard, officer, drain)
    with transaction() as session:
        helper = UUID(wave["routes"][0]["helper_id"])
        helpers.suspend(session, SYSTEM, yard.community, helper, why="ill")
    assert help_of(officer, wave)["state"] == "unknown"


def test_what_was_found_for_an_older_plan_is_not_kept(yard: Yard, officer: Any, drain: Drain) -> None:
    wave = planned_around(yard, officer, drain)
    wave_id = UUID(wave["id"])
    found = [{"kind": "add", "profile": "walk", "serves_more": 1, "saves_s": 0}]
    with transaction() as session:
        deliveries.plan_anew(session, session.get_one(Wave, wave_id), why="lanes_changed")
    with transaction() as session:
        assert not deliveries.write_help(session, wave_id, 1, found)
    drain()
    with transaction() as session:
        assert not deliveries.write_help(session, wave_id, 1, found)
        assert deliveries.write_help(session, wave_id, 2, found)


def test_goods_and_couriers_that_came_behind_the_plan_are_left_aside(
    yard: Yard, officer: Any, drain: Drain
) -> None:
    wave = planned_around(yard, officer, drain)
    bring(yard, "2-101")
    put_on(yard)
    with reading() as session:
        asked = deliveries.gather_help(session, UUID(wave["id"]), 1)
    assert asked is not None
    assert [stop.home_id for stop in asked.inputs.stops] == [yard.homes["1-101"]]
    assert [str(helper.id) for helper in asked.inputs.helpers] == [wave["routes"][0]["helper_id"]]


@pytest.mark.usefixtures("looked_for")
def test_a_search_that_fails_leaves_the_plan_and_says_nothing(
    yard: Yard, officer: Any, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise planning.SolverFailed("the process died")

    monkeypatch.setattr(helping, "find_help", die)
    wave = planned_around(yard, officer, drain)
    assert (wave["state"], wave["trouble"]) == ("planned", None)
    assert help_of(officer, wave) == {"state": "unknown", "items": []}
    assert officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()["state"] == "released"


def test_a_process_that_dies_is_noticed_at_once(
    yard: Yard, officer: Any, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = planned_around(yard, officer, drain)
    with reading() as session:
        asked = deliveries.gather_help(session, UUID(wave["id"]), 1)
    assert asked is not None
    # Not made for what it is given.
    monkeypatch.setattr(helping, "what_would_help", os.getpid)
    with pytest.raises(planning.SolverFailed):
        helping.find_help(asked.inputs, asked.sheets, 1.0, is_apart=True)


def test_while_a_worker_has_it_the_page_may_wait(yard: Yard, officer: Any, drain: Drain) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave_id = UUID(officer.post(f"{BASE}/waves").get_json()["id"])
    jobs_waiting = officer.get(f"{BASE}/waves/{wave_id}/help").get_json()
    assert jobs_waiting["state"] == "unknown"
    with reading() as session:
        inputs = deliveries.gather_for(session, wave_id, 1)
    assert inputs is not None
    problem = planning.problem_of(inputs)
    plan, violations = planning.make_plan(problem, 1.0, is_apart=False)
    sheets = planning.sheets_of(inputs, problem, plan)
    figures = planning.figures_of(inputs, plan, violations)
    with transaction() as session:
        assert deliveries.write_plan(session, wave_id, inputs, sheets, [], figures)
    assert officer.get(f"{BASE}/waves/{wave_id}/help").get_json()["state"] == "looking"
