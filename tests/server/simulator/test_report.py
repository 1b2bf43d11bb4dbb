"""The figures of a run, and the choices that make it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from server.simulator import choices, report
from server.simulator.choices import Choices
from server.simulator.disturbances import is_bridge, lane_to_close
from server.simulator.ledger import Ledger
from server.simulator.officer import homes_csv


def need(need_id: str, state: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": need_id,
        "state": state,
        "flow": "goods",
        "closed_because": None,
        "follow_up_of": None,
        **facts,
    }


def lane(name: str, *points: list[float]) -> dict[str, Any]:
    return {"id": name, "ref": name, "state": "open", "length_m": 10.0, "points": list(points)}


def test_percentiles_are_values_that_were_measured() -> None:
    assert report.percentile([4, 1, 3, 2], 0.5) == 2
    assert report.percentile(range(1, 101), 0.95) == 95
    assert report.percentile([7], 0.99) == 7
    assert report.percentile([], 0.5) is None


def test_a_need_whose_shop_had_nothing_is_served_if_what_it_went_on_as_is() -> None:
    ledger = Ledger(posted=["a", "b", "c"])
    needs = [
        need("a", "confirmed"),
        need("b", "closed", closed_because="out_of_scope"),
        need("b2", "dropped", follow_up_of="b"),
        need("c", "at_gate"),
    ]
    found = report.figures(ledger, needs, {}, {})["needs"]
    assert (found["posted"], found["served"], found["unserved"]) == (3, 2, 1)
    assert found["reasons"] == {"still_at_gate": 1}


def test_what_is_unserved_says_why() -> None:
    unmatched = {"unmatched": {"reason": "no_shop_has_it"}}
    assert report.reason_of(need("a", "triaged", **unmatched), {}) == "no_shop_has_it"
    assert report.reason_of(need("a", "at_gate"), {"a": "too_heavy"}) == "too_heavy"
    assert report.reason_of(need("a", "cancelled"), {"a": "too_heavy"}) == "cancelled_by_home"
    assert report.reason_of(need("a", "closed", closed_because="not_wanted"), {}) == "closed_not_wanted"


def test_a_need_that_went_on_as_another_has_the_reason_of_that_one() -> None:
    needs = [
        need("a", "closed", closed_because="out_of_scope"),
        need("a2", "triaged", follow_up_of="a", unmatched={"reason": "no_shop_has_it"}),
    ]
    found = report.figures(Ledger(posted=["a"]), needs, {}, {})["needs"]
    assert found["reasons"] == {"no_shop_has_it": 1}


def test_a_need_served_without_all_its_lines_is_said_to_be_served_in_part() -> None:
    needs = [need("a", "confirmed"), need("a2", "triaged", follow_up_of="a")]
    assert report.figures(Ledger(posted=["a"]), needs, {}, {})["needs"]["served_in_part"] == 1


def test_a_run_is_good_only_without_errors_and_violations_and_with_enough_served() -> None:
    needs = [need("a", "confirmed"), need("b", "triaged")]
    found = report.figures(Ledger(posted=["a", "b"], waves={"w": {"stops": 3}}), needs, {}, {})
    assert report.faults(found, served_at_least=0.5) == []
    assert len(report.faults(found, served_at_least=0.6)) == 1
    assert len(report.faults({**found, "errors": 1}, served_at_least=0.5)) == 1
    spoilt = {**found, "plan": {**found["plan"], "violations": 1}}
    assert len(report.faults(spoilt, served_at_least=0.5)) == 1


def test_a_clock_is_too_fast_when_news_is_minutes_old_in_the_town() -> None:
    assert not report.is_too_fast(report.figures(Ledger(), [], {}, {}), 90)
    assert not report.is_too_fast(report.figures(Ledger(live_delay_ms=[3000.0]), [], {}, {}), 90)
    assert report.is_too_fast(report.figures(Ledger(live_delay_ms=[4000.0]), [], {}, {}), 90)


def test_the_same_seed_makes_the_same_town_and_another_one_another() -> None:
    assert Choices(1).households(50) == Choices(1).households(50)
    assert Choices(1).households(50) != Choices(2).households(50)


def test_at_least_three_in_ten_needs_ask_for_a_visit_and_some_home_is_red() -> None:
    for count in (5, 20, 300):
        households = Choices(7).households(count)
        assert len(households) == count
        assert sum(household.wish.is_service for household in households) >= 0.3 * count
        assert any(household.is_red for household in households)


def test_every_kind_of_visit_has_a_volunteer_who_can_make_it() -> None:
    skills = Counter(skill for skills in choices.SKILLS_OF_VOLUNTEERS for skill in skills)
    assert {"care", "child_care", "pets", "repair", "escort", "listening"} <= set(skills)
    assert choices.volunteers_for(5) >= len(choices.SKILLS_OF_VOLUNTEERS)


def test_homes_are_spread_over_the_doors_that_can_be_told_apart() -> None:
    drawn = {
        "buildings": [
            {"id": "1", "label": "1", "use": "apartments"},
            {"id": "2", "label": "明德楼, 东", "use": "dormitory"},
            {"id": "3", "label": "图书馆", "use": "university"},
        ],
        "entrances": [
            {"building_id": "1", "label": "1"},
            {"building_id": "1", "label": "2"},
            {"building_id": "1", "label": "2"},
            {"building_id": "2", "label": "1"},
            {"building_id": "3", "label": "1"},
        ],
    }
    lines = homes_csv(drawn, 20).splitlines()
    assert len(set(lines)) == 21
    assert sum(line.startswith("1,1,") for line in lines) == 10
    assert sum(line.startswith('"明德楼, 东",1,') for line in lines) == 10


def test_a_lane_that_is_the_only_way_is_not_closed() -> None:
    square = [
        lane("a", [0, 0], [10, 0]),
        lane("b", [10, 0], [10, 10]),
        lane("c", [10, 10], [0, 0]),
        lane("end", [10, 10], [20, 10]),
    ]
    assert is_bridge(square[3], square)
    assert not is_bridge(square[0], square)
    path = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [20.0, 10.0]]
    closed = lane_to_close(square, [path])
    assert closed is not None
    assert closed["id"] == "a"
    assert lane_to_close([square[3]], [path]) is None
