"""Baskets are sourced from shops: nothing is sold twice, what is scarce is shared, and what is short has a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product as every
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import BadProblem
from dispatch.__main__ import main
from dispatch.bench.sourced import measure, wave
from dispatch.check.sourcing import check_sourcing
from dispatch.sourcing import choose
from dispatch.sourcing.choose import source_baskets
from dispatch.sourcing.greedy import source_greedily
from dispatch.sourcing.plan import Allocation, SourcingPlan
from dispatch.sourcing.problem import Basket, HouseholdLimit, Line, Option, SourcingProblem, Stock
from dispatch.sourcing.supply import cost_of, shorts


def line(name: str = "rice", quantity: int = 1, *others: str, most_fen: int | None = None) -> Line:
    return Line(name, quantity, (Option(name), *(Option(other, 50) for other in others)), most_fen)


def basket(name: str, *lines: Line, listed: bool = False) -> Basket:
    return Basket(name, lines or (line(),), listed)


def market(
    *baskets: Basket, stock: tuple[Stock, ...] = (Stock("a", "rice", 10, 500),), **more: object
) -> SourcingProblem:
    return replace(SourcingProblem(baskets, stock), **more)  # type: ignore[arg-type]


def got(plan: SourcingPlan) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
    found: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for one in plan.allocations:
        found.setdefault((one.basket, one.line), []).append((one.shop, one.product, one.quantity))
    return found


def sourced(problem: SourcingProblem) -> SourcingPlan:
    plan = source_baskets(problem, 5.0)
    assert check_sourcing(problem, plan) == []
    return plan


def test_a_basket_gets_what_it_asks_for_where_it_is_cheapest() -> None:
    stock = (Stock("a", "rice", 10, 500), Stock("b", "rice", 10, 450))
    plan = sourced(market(basket("x", line("rice", 3)), stock=stock))
    assert got(plan) == {("x", "rice"): [("b", "rice", 3)]}
    assert (plan.cost.goods_fen, plan.cost.shops_fen, plan.short, plan.gap_percent) == (1350, 500, (), 0)


def test_one_shop_for_all_is_worth_a_little_more_money_and_not_much_more() -> None:
    lines = (line("rice"), line("eggs"))
    stock = (Stock("a", "rice", 5, 500), Stock("a", "eggs", 5, 900), Stock("b", "eggs", 5, 500))
    assert {one.shop for one in sourced(market(basket("x", *lines), stock=stock)).allocations} == {"a"}
    dear = tuple(replace(one, price_fen=1100) if one.price_fen == 900 else one for one in stock)
    assert {one.shop for one in sourced(market(basket("x", *lines), stock=dear)).allocations} == {"a", "b"}


def test_the_committees_list_comes_before_all_others() -> None:
    stock = (Stock("a", "rice", 4, 500),)
    plan = sourced(
        market(basket("x", line("rice", 4)), basket("y", line("rice", 4), listed=True), stock=stock)
    )
    assert got(plan) == {("y", "rice"): [("a", "rice", 4)]}
    assert [(one.basket, one.missing, one.reason) for one in plan.short] == [("x", 4, "not_enough")]
    shared = sourced(market(basket("x", line("rice", 4)), basket("y", line("rice", 4)), stock=stock))
    assert sorted(one.quantity for one in shared.allocations) == [2, 2]


def test_a_substitute_is_taken_where_it_is_listed_and_nowhere_else() -> None:
    stock = (Stock("a", "noodles", 5, 300),)
    assert got(sourced(market(basket("x", line("rice", 1, "noodles")), stock=stock))) == {
        ("x", "rice"): [("a", "noodles", 1)]
    }
    strict = sourced(market(basket("x"), stock=stock))
    assert (strict.allocations, strict.short[0].reason) == ((), "no_shop_has_it")


def test_nobody_pays_more_than_they_said() -> None:
    assert sourced(market(basket("x", line(most_fen=499)))).short[0].reason == "too_dear"
    assert sourced(market(basket("x", line(most_fen=500)))).short == ()


def test_a_household_has_no_more_than_its_limit() -> None:
    limited = market(basket("x", line("rice", 3)), limits=(HouseholdLimit("rice", 2),))
    plan = sourced(limited)
    assert [(one.missing, one.reason) for one in plan.short] == [(1, "household_limit")]
    assert sourced(replace(limited, limits=(HouseholdLimit("rice", 3),))).short == ()


def test_baskets_that_share_nothing_scarce_are_solved_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    solve = choose._Model.solve

    def noted(self: choose._Model, *args: object) -> object:
        sizes.append(len(self.problem.baskets))
        return solve(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(choose._Model, "solve", noted)
    sourced(market(basket("x"), basket("y")))
    assert sizes == [1, 1]
    sourced(market(basket("x"), basket("y"), stock=(Stock("a", "rice", 1, 500),)))
    assert sizes[2:] == [2]


def test_many_baskets_get_no_worse_than_basket_by_basket() -> None:
    problem = wave(40)
    plan = source_baskets(problem, 1.0)
    assert check_sourcing(problem, plan) == []
    simple = cost_of(problem, source_greedily(problem))
    assert (plan.cost.guaranteed_fen, plan.cost.total) <= (simple.guaranteed_fen, simple.total)
    assert 0 <= plan.gap_percent < 100


def test_a_solver_without_an_answer_leaves_the_rule_of_thumb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose._Model, "_run", lambda *_: None)
    plan = sourced(market(basket("x")))
    assert (plan.engine, len(plan.allocations), plan.bound_fen) == ("greedy", 1, 0)


names = st.sampled_from(["rice", "eggs", "oil"])


@st.composite
def problems(draw: st.DrawFn, most: int = 5) -> SourcingProblem:
    baskets = [
        Basket(
            f"b{n}",
            tuple(
                Line(
                    f"l{i}",
                    draw(st.integers(1, 3)),
                    tuple(
                        Option(name, 40 * k)
                        for k, name in enumerate(draw(st.lists(names, min_size=1, max_size=2, unique=True)))
                    ),
                    draw(st.sampled_from([None, None, 400])),
                )
                for i in range(draw(st.integers(1, 2)))
            ),
            draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, most)))
    ]
    pairs = draw(st.lists(st.tuples(st.sampled_from(["a", "b"]), names), max_size=5, unique=True))
    stock = tuple(Stock(s, p, draw(st.integers(0, 4)), draw(st.integers(100, 900))) for s, p in pairs)
    limits = (HouseholdLimit("rice", draw(st.integers(0, 3))),) if draw(st.booleans()) else ()
    return SourcingProblem(tuple(baskets), stock, limits)


some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some
@given(problems())
def test_every_answer_passes_the_independent_check(problem: SourcingProblem) -> None:
    plan = sourced(problem)
    assert SourcingPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert SourcingProblem.from_json(problem.to_json()) == problem
    assert replace(sourced(problem), seconds=0) == replace(plan, seconds=0)
    simple = source_greedily(problem)
    stands_in = SourcingPlan(
        problem.digest(), tuple(simple), shorts(problem, simple), cost_of(problem, simple), 0, ""
    )
    assert check_sourcing(problem, stands_in) == []
    assert plan.cost.guaranteed_fen <= stands_in.cost.guaranteed_fen


@some
@given(problems(), st.integers(1, 3))
def test_more_on_the_shelves_never_costs_more(problem: SourcingProblem, more: int) -> None:
    richer = replace(problem, stock=tuple(replace(s, on_hand=s.on_hand + more) for s in problem.stock))
    before, after = sourced(problem).cost, sourced(richer).cost
    assert (after.guaranteed_fen, after.total) <= (before.guaranteed_fen, max(before.total, after.total))
    if after.guaranteed_fen == before.guaranteed_fen:
        assert after.total <= before.total


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(most=2))
def test_no_other_hand_out_is_better_where_all_can_be_tried(problem: SourcingProblem) -> None:
    small = replace(problem, baskets=tuple(replace(b, lines=b.lines[:1]) for b in problem.baskets))
    best = min((cost.guaranteed_fen, cost.total) for cost in _all_ways(small))
    plan = sourced(small)
    assert (plan.cost.guaranteed_fen, plan.cost.total) == best


def _all_ways(problem: SourcingProblem) -> Iterator[object]:
    places = [
        (b.id, li.id, s.shop, s.product, min(li.quantity, s.on_hand))
        for b in problem.baskets
        for li in b.lines
        for s in problem.stock
        if s.product in [o.product for o in li.options]
    ]
    for units in every(*(range(place[4] + 1) for place in places)):
        chosen = [Allocation(*place[:4], n) for place, n in zip(places, units, strict=True) if n]
        plan = SourcingPlan(
            problem.digest(), tuple(chosen), shorts(problem, chosen), cost_of(problem, chosen), 0, ""
        )
        if not check_sourcing(problem, plan):
            yield plan.cost


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (
            "oversold",
            lambda p: replace(p, allocations=(replace(p.allocations[0], quantity=2), *p.allocations[1:])),
        ),
        ("no_such_thing", lambda p: replace(p, allocations=(replace(p.allocations[0], shop="z"),))),
        ("no_such_thing", lambda p: replace(p, allocations=(replace(p.allocations[0], quantity=0),))),
        ("not_asked_for", lambda p: replace(p, allocations=(replace(p.allocations[0], product="oil"),))),
        ("too_dear", lambda p: replace(p, allocations=(replace(p.allocations[0], shop="b"),))),
        ("more_than_asked", lambda p: replace(p, allocations=p.allocations * 4)),
        ("over_household_limit", lambda p: replace(p, allocations=p.allocations * 3)),
        ("wrong_shortage", lambda p: replace(p, short=())),
        ("wrong_cost", lambda p: replace(p, cost=replace(p.cost, goods_fen=1))),
        ("bound_above_cost", lambda p: replace(p, bound_fen=p.cost.total + 1)),
        ("plan_of_another_problem", lambda p: replace(p, digest="")),
    ],
)
def test_the_checker_finds_what_is_wrong(code: str, spoil: object) -> None:
    stock = (Stock("a", "rice", 1, 500), Stock("b", "rice", 9, 900), Stock("a", "oil", 5, 100))
    limits = (HouseholdLimit("rice", 2),)
    problem = market(basket("x", line("rice", 2, most_fen=500)), stock=stock, limits=limits)
    plan = sourced(problem)
    assert code in {one.code for one in check_sourcing(problem, spoil(plan))}  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: market(basket("x"), basket("x")), "two of the name 'x'"),
        (lambda: market(basket("x", line("rice", 0))), "quantity"),
        (lambda: market(basket("x", Line("l", 1, ()))), "names no product"),
        (lambda: market(stock=(Stock("a", "rice", -1, 5),)), "on_hand"),
        (lambda: market(stock=(Stock("a", "rice", 1, 5),) * 2), "two of the name"),
        (lambda: market(missing_fen=0), "missing_fen"),
        (lambda: market(limits=(HouseholdLimit("rice", -1),)), "household limit"),
        (lambda: SourcingProblem.from_json({"version": 99}), "version"),
    ],
)
def test_what_contradicts_itself_is_refused(wrong: object, says: str) -> None:
    with pytest.raises(BadProblem, match=says):
        wrong()  # type: ignore[operator]


def test_the_command_sources_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem, answer = tmp_path / "baskets.json", tmp_path / "answer.json"
    problem.write_text(json.dumps(market(basket("x")).to_json()))
    assert main(["source", str(problem), "-o", str(answer)]) == 0
    assert main(["check-source", str(problem), str(answer)]) == 0
    spoilt = json.loads(answer.read_text())
    spoilt["short"] = [{"basket": "x", "line": "rice", "missing": 1, "reason": "not_enough"}]
    answer.write_text(json.dumps(spoilt))
    assert main(["check-source", str(problem), str(answer)]) == 1
    assert "wrong_shortage" in capsys.readouterr().out


def test_the_bench_measures_the_rule_of_thumb_beside_it() -> None:
    simple, ours = measure((0.5,), baskets=30)
    assert (simple.violations, ours.violations) == (0, 0)
    assert ours.cost <= simple.cost
