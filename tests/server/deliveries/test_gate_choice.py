"""Which gates to open: weighed for whoever may plan, and never opened or closed by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from server.core.deliveries import planning, rules
from server.core.deliveries import service as deliveries
from server.core.deliveries.models import GateChoice
from server.core.deliveries.planning import gates as weighing
from server.core.places.models import Gate
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.jobs import JobRow
from server.kit.tenancy import CommunityRef
from tests.factories.wave_desk import BASE, close, loaded, released
from tests.factories.wave_yard import Yard, add_gate, bring, make_yard, put_on

Drain = Callable[[], None]
PATH = f"{BASE}/gate-choice"


@pytest.fixture
def far(community: CommunityRef) -> tuple[Yard, UUID]:
    """A yard whose homes are nearer to a gate that is closed."""
    yard = make_yard(community, floors=20)
    return yard, add_gate(yard, "东门", "far", is_open=False)


def weighed(officer: Any, drain: Drain, **asked: Any) -> dict[str, Any]:
    """Ask, let it be weighed, and return the answer."""
    answer = officer.post(PATH, {"guards": 1, **asked})
    assert answer.status_code == 202, answer.get_json()
    assert answer.get_json()["state"] == "looking"
    drain()
    return dict(officer.get(PATH).get_json())


def gate(found: dict[str, Any], gate_id: UUID) -> dict[str, Any]:
    return next(one for one in found["gates"] if one["id"] == str(gate_id))


def are_open() -> dict[str, bool]:
    with reading() as session:
        return {row.label: row.is_open for row in session.scalars(select(Gate))}


def test_before_anybody_asks_there_are_the_gates_and_nothing_else(
    far: tuple[Yard, UUID], officer: Any
) -> None:
    found = officer.get(PATH).get_json()
    assert (found["state"], found["guards"], found["today"], found["chosen"]) == ("none", 1, None, None)
    assert [(one["label"], one["is_open"], one["should_be_open"]) for one in found["gates"]] == [
        ("东门", False, None),
        ("南门", True, None),
    ]


def test_the_nearer_gate_is_proposed_with_what_it_spares_and_why(
    far: tuple[Yard, UUID], officer: Any, drain: Drain
) -> None:
    yard, east = far
    found = weighed(officer, drain)
    assert (found["state"], found["is_proven"], found["is_outdated"]) == ("found", True, False)
    assert (gate(found, east)["should_be_open"], gate(found, yard.gate)["should_be_open"]) == (True, False)
    # Sixty homes: thirty people and thirty deliveries a day, within six hours.
    assert (found["today"]["people"], found["today"]["deliveries"]) == (5, 5)
    assert (found["are_people_counted"], found["are_goods_counted"]) == (False, False)
    assert found["chosen"]["walk_m"] < found["today"]["walk_m"]
    assert found["saves_residents_h"] > 0
    # Both open would spare as much: the reason stands with the gate, and that it takes one guard more.
    alone = gate(found, east)["alone"]
    assert (alone["change"], alone["obstacles"]) == ("open", ["too_few_guards"])
    assert alone["residents_h"] < 0
    assert gate(found, yard.gate)["alone"]["left"] > 0


def test_nothing_is_opened_or_closed_by_itself_and_the_usual_step_does_it(
    far: tuple[Yard, UUID], officer: Any, sign_in: Callable[..., Any], drain: Drain
) -> None:
    yard, east = far
    found = weighed(officer, drain)
    assert are_open() == {"东门": False, "南门": True}
    assert not gate(found, east)["is_open"]
    path = f"/api/c/wutong/places/gates/{east}"
    assert sign_in("guard").patch(path, {"is_open": True}).status_code == 403
    assert officer.patch(path, {"is_open": True}).status_code == 200
    drain()
    after = officer.get(PATH).get_json()
    # The answer stays, beside how the gates stand now.
    assert (after["state"], gate(after, east)["is_open"], gate(after, east)["should_be_open"]) == (
        "found",
        True,
        True,
    )
    assert gate(after, yard.gate)["is_open"]
    with reading() as session:
        actions = session.scalars(select(AuditRow.action)).all()
    assert actions.count("deliveries.gates_asked") == 1
    assert actions.count("places.gate_changed") == 1


def test_today_s_gates_stay_where_no_choice_is_better(yard: Yard, officer: Any, drain: Drain) -> None:
    found = weighed(officer, drain)
    assert gate(found, yard.gate)["should_be_open"] is True
    assert (found["today"], found["saves_residents_h"]) == (found["chosen"], 0)


def test_a_gate_with_goods_on_its_shelf_stays_open(
    far: tuple[Yard, UUID], officer: Any, drain: Drain
) -> None:
    yard, east = far
    bring(yard, "1-101")
    found = weighed(officer, drain)
    assert (gate(found, yard.gate)["stays"], gate(found, yard.gate)["should_be_open"]) == ("goods", True)
    assert gate(found, east)["should_be_open"] is False
    refused = officer.post(PATH, {"guards": 1, "stay_open": [str(east)]})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "deliveries.guards_too_few")
    both = weighed(officer, drain, guards=2, stay_open=[str(east)])
    assert (gate(both, east)["stays"], gate(both, east)["should_be_open"]) == ("asked", True)


def test_what_was_delivered_says_where_goods_go(
    far: tuple[Yard, UUID],
    officer: Any,
    sign_in: Callable[..., Any],
    drain: Drain,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    yard, _ = far
    _, person_id = put_on(yard)
    bring(yard, "3-101")
    released(officer, drain)
    courier = sign_in("volunteer", person_id=person_id)
    for stop in loaded(courier)["stops"]:
        courier.post(f"{BASE}/stops/{stop['id']}/finish", {})
    # One is not enough to go by.
    assert weighed(officer, drain)["are_goods_counted"] is False
    monkeypatch.setattr(rules, "ENOUGH_COUNTED", 1)
    found = weighed(officer, drain)
    assert (found["are_goods_counted"], found["today"]["deliveries"]) == (True, 1)
    # 280 m by walking cart to building 3 and back.
    assert found["today"]["haul_s"] > 400
    clock.advance(days=8)
    assert weighed(officer, drain)["are_goods_counted"] is False


def test_only_whoever_may_plan_asks_and_sees(
    far: tuple[Yard, UUID],
    officer: Any,
    sign_in: Callable[..., Any],
    drain: Drain,
    other_community: CommunityRef,
) -> None:
    weighed(officer, drain)
    for role in ("grid_worker", "guard", "courier", "volunteer", "resident", "merchant"):
        other = sign_in(role)
        assert other.get(PATH).status_code == 403
        assert other.post(PATH, {"guards": 1}).status_code == 403
    stranger = sign_in("officer", at=other_community)
    assert stranger.get(PATH).status_code == 404
    own = stranger.get(PATH.replace("wutong", "guihua")).get_json()
    assert (own["state"], own["gates"]) == ("none", [])


def test_what_makes_no_sense_is_refused_with_a_reason(
    far: tuple[Yard, UUID], officer: Any, sign_in: Callable[..., Any], other_community: CommunityRef
) -> None:
    foreign = add_gate(make_yard(other_community), "他门", "gate")
    answer = officer.post(PATH, {"guards": 3, "stay_open": [str(foreign)]})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "places.gate_not_found")
    for wrong in ({"guards": 0}, {"guards": 101}, {"guards": 1, "people_per_hour": 9}, {}):
        assert officer.post(PATH, wrong).status_code == 422
    assert officer.get(PATH).get_json()["state"] == "none"


def test_without_a_map_or_a_gate_there_is_nothing_to_weigh(
    community: CommunityRef, officer: Any, sign_in: Callable[..., Any]
) -> None:
    assert officer.post(PATH, {"guards": 1}).get_json()["code"] == "places.no_map_yet"
    make_yard(community)
    with transaction() as session:
        session.execute(delete(Gate))
    assert officer.post(PATH, {"guards": 1}).get_json()["code"] == "deliveries.no_gates"


def test_a_lane_that_changes_makes_the_answer_an_old_one(
    far: tuple[Yard, UUID], officer: Any, drain: Drain
) -> None:
    weighed(officer, drain)
    close(far[0], "fork-east")
    drain()
    assert officer.get(PATH).get_json()["is_outdated"] is True
    assert weighed(officer, drain)["is_outdated"] is False


def test_a_search_that_dies_is_said_and_can_be_asked_again(
    far: tuple[Yard, UUID], officer: Any, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise planning.SolverFailed("the process died")

    with monkeypatch.context() as dying:
        dying.setattr(planning, "choose", die)
        assert weighed(officer, drain)["state"] == "failed"
    assert weighed(officer, drain)["state"] == "found"


def test_a_choice_that_the_checker_rejects_is_none(
    far: tuple[Yard, UUID], officer: Any, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "check_gates", lambda *_: ["wrong_cost"])
    found = weighed(officer, drain)
    assert (found["state"], found["chosen"]) == ("failed", None)


def test_a_search_whose_job_is_gone_has_failed(far: tuple[Yard, UUID], officer: Any) -> None:
    officer.post(PATH, {"guards": 1})
    assert officer.get(PATH).get_json()["state"] == "looking"
    with transaction() as session:
        session.execute(update(JobRow).values(state="failed"))
    assert officer.get(PATH).get_json()["state"] == "failed"


def test_an_answer_to_an_older_question_is_not_kept(
    far: tuple[Yard, UUID], community: CommunityRef, officer: Any, drain: Drain
) -> None:
    officer.post(PATH, {"guards": 1})
    officer.post(PATH, {"guards": 2})
    with reading() as session:
        assert deliveries.gather_gates(session, community, 1) is None
    with transaction() as session:
        assert not deliveries.write_gates(session, community.id, 1, {"gates": {}})
    drain()
    found = officer.get(PATH).get_json()
    assert (found["state"], found["guards"]) == ("found", 2)
    assert all(one["alone"]["obstacles"] == [] for one in found["gates"])


def test_it_is_found_in_a_process_of_its_own_and_its_end_is_nobody_else_s(
    far: tuple[Yard, UUID], community: CommunityRef, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer.post(PATH, {"guards": 1})
    with reading() as session:
        asked = deliveries.gather_gates(session, community, 1)
    assert asked is not None
    problem = planning.gates_problem(asked.inputs)
    plan = planning.choose(problem, 5.0, is_apart=True)
    assert plan.chosen.open == (str(far[1]),)
    monkeypatch.setattr(weighing, "GRACE_S", -5.0)
    with pytest.raises(planning.SolverFailed):
        planning.choose(problem, 5.0, is_apart=True)


@pytest.mark.parametrize(
    "values",
    [
        {"guards": 0},
        {"guards": 101},
        {"people_per_hour": 9},
        {"state": "chosen"},
        {"state": "looking"},
        {"answered_at": None},
    ],
)
def test_the_database_keeps_a_choice_sensible(
    far: tuple[Yard, UUID], officer: Any, drain: Drain, values: dict[str, Any]
) -> None:
    weighed(officer, drain)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(GateChoice).values(**values))


def test_a_community_has_one_choice(
    far: tuple[Yard, UUID], community: CommunityRef, officer: Any, drain: Drain, clock: SettableClock
) -> None:
    weighed(officer, drain)
    second = GateChoice(
        community_id=community.id,
        state="failed",
        guards=1,
        people_per_hour=180,
        asked_at=clock.now(),
        answered_at=clock.now() + timedelta(seconds=1),
    )
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(second)
