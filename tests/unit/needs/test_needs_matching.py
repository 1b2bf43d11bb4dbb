"""Who is asked to serve a need, and why nobody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.core.needs import planning
from server.core.needs.rules.fit import Able, Shop, Spot, Wanted, capacity_left, cost_s, misfit
from server.core.needs.rules.unmatched import together, why_no_shop, why_nobody

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL_DAY = ((NOON, NOON + timedelta(hours=6)),)
HERE = Spot(UUID(int=901), UUID(int=801), 0.0, 0.0)
SAME_BUILDING = Spot(UUID(int=902), UUID(int=801), 20.0, 0.0)
FAR = Spot(UUID(int=903), UUID(int=802), 400.0, 300.0)


def need(n: int, **changes: object) -> Wanted:
    base = Wanted(
        need_id=UUID(int=n),
        skill=None,
        language=None,
        spot=HERE,
        priority=2,
        wanted_from=NOON,
        wanted_until=NOON + timedelta(hours=8),
        service_s=900,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # a test's shorthand


def helper(n: int, **changes: object) -> Able:
    base = Able(
        helper_id=UUID(int=100 + n),
        skills=frozenset(),
        languages=frozenset({"zh"}),
        spot=HERE,
        windows=ALL_DAY,
        holds=0,
        hours_lately=0.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # a test's shorthand


def asked(wanted: list[Wanted], able: list[Able]) -> dict[int, int]:
    plan = planning.assign(wanted, able, now=NOON)
    return {need_id.int: helper_id.int - 100 for need_id, (helper_id, _) in plan.items()}


def test_the_neighbour_of_the_same_entrance_is_asked_first() -> None:
    assert asked([need(1)], [helper(1, spot=FAR), helper(2, spot=SAME_BUILDING), helper(3)]) == {1: 3}


def test_who_has_worked_many_hours_is_asked_last() -> None:
    assert asked([need(1)], [helper(1, hours_lately=30.0), helper(2)]) == {1: 2}


def test_needs_are_spread_over_helpers_that_are_alike() -> None:
    plan = asked([need(n) for n in range(1, 5)], [helper(1), helper(2)])
    assert sorted(plan.values()) == [1, 1, 2, 2]


def test_only_who_has_the_skill_is_asked() -> None:
    able = [helper(1), helper(2, spot=FAR, skills=frozenset({"repair"}))]
    assert asked([need(1, skill="repair")], able) == {1: 2}


def test_who_said_no_is_not_asked_again() -> None:
    assert asked([need(1, tried=frozenset({UUID(int=101)}))], [helper(1), helper(2, spot=FAR)]) == {1: 2}


def test_the_last_place_goes_to_the_guarantee_list() -> None:
    last = helper(1, holds=7)
    assert capacity_left(last, now=NOON) == 1
    assert asked([need(1), need(2, priority=0)], [last]) == {2: 1}


def test_the_assignment_is_best_for_all_and_not_for_the_first() -> None:
    """The first need's nearest helper is the only repairer, and repair is what the second one needs."""
    only_repairer = helper(1, holds=7, skills=frozenset({"repair"}))
    other = helper(2, spot=FAR)
    assert asked([need(1), need(2, skill="repair")], [only_repairer, other]) == {1: 2, 2: 1}


def test_a_visit_has_to_fit_into_the_shift() -> None:
    ends_soon = helper(1, windows=((NOON, NOON + timedelta(minutes=10)),))
    assert misfit(need(1), ends_soon) == "no_shift_then"


def test_another_language_costs_but_does_not_forbid() -> None:
    wanted = need(1, language="en")
    assert misfit(wanted, helper(1)) is None
    assert cost_s(wanted, helper(1)) > cost_s(wanted, helper(2, languages=frozenset({"en"})))


def test_without_anybody_on_shift_a_shift_is_the_smallest_change() -> None:
    why = why_nobody(need(1, skill="care"), [], now=NOON)
    assert why.reason == "nobody_on_shift"
    assert why.change is not None and why.change["kind"] == "add_shift" and why.change["skill"] == "care"


def test_a_missing_skill_is_said() -> None:
    why = why_nobody(need(1, skill="care"), [helper(1)], now=NOON)
    assert (why.reason, why.facts["no_one_has_skill"]) == ("no_one_has_skill", 1)


def test_the_reason_is_the_nearest_miss() -> None:
    able = [helper(1), helper(2, skills=frozenset({"care"}), holds=8)]
    assert why_nobody(need(1, skill="care"), able, now=NOON).reason == "everyone_full"


def test_one_more_helper_serves_as_many_needs_as_wait_for_the_same() -> None:
    whys = {UUID(int=n): why_nobody(need(n), [], now=NOON) for n in range(1, 13)}
    changes = [why.change for why in together(whys).values()]
    assert all(change is not None and change["serves"] == 8 for change in changes)


def shop(n: int, serves: dict[int, int], *, distance_m: int = 300, orders_left: int = 10) -> Shop:
    return Shop(
        "market",
        UUID(int=n),
        f"shop {n}",
        distance_m,
        orders_left,
        {UUID(int=k): v for k, v in serves.items()},
    )


def test_a_shop_with_the_whole_basket_is_asked_before_a_nearer_one_with_half_of_it() -> None:
    plan = planning.assign_shops(
        [need(1)], [shop(1, {1: 2}, distance_m=100), shop(2, {1: 0}, distance_m=900)]
    )
    assert plan[UUID(int=1)][0].ref == UUID(int=2)


def test_no_shop_gets_more_orders_than_it_takes() -> None:
    wanted = [need(1), need(2), need(3)]
    plan = planning.assign_shops(wanted, [shop(1, {1: 0, 2: 0, 3: 0}, orders_left=2)])
    assert len(plan) == 2


def test_what_no_shop_has_is_said() -> None:
    assert why_no_shop(lines=2, covered_somewhere=0, shops=0, shops_full=0).reason == "no_shop_open"
    assert why_no_shop(lines=2, covered_somewhere=1, shops=3, shops_full=0).reason == "no_shop_has_it"
    assert why_no_shop(lines=2, covered_somewhere=2, shops=3, shops_full=3).reason == "shops_full"
    assert why_no_shop(lines=2, covered_somewhere=2, shops=3, shops_full=0).reason == "shops_said_no"
