"""Baskets over shops: the guarantee list first, what is scarce shared, few shops, price; and an optimum that is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch import (
    Allocation,
    BadProblem,
    Basket,
    BasketLine,
    HouseholdLimit,
    Short,
    Sourcing,
    SourcingProblem,
    SourcingWeights,
    Stock,
    Substitute,
    check_sourcing,
    source,
    source_greedily,
)
from dispatch.bench.sourced import market
from dispatch.shadow_prices import shadow_prices
from dispatch.sharing import Layout

# Deterministic time: no test here passes or fails by the clock.
EFFORT = 2.0


def line(name: str, quantity: int = 1, **changes: Any) -> BasketLine:
    """Return a line for so many units of a product, by whose name it goes."""
    return BasketLine(name, name, quantity, **changes)


def basket(name: str, *lines: BasketLine, household: str | None = None, guaranteed: bool = False) -> Basket:
    return Basket(name, household or f"home of {name}", lines, is_guaranteed=guaranteed)


def wave(
    baskets: list[Basket], stock: list[Stock], *limits: HouseholdLimit, **weights: int
) -> SourcingProblem:
    return SourcingProblem(tuple(baskets), tuple(stock), limits, SourcingWeights(**weights))


def solved(problem: SourcingProblem) -> Sourcing:
    """Return a split that is checked and proven optimal."""
    found = source(problem, effort=EFFORT)
    assert check_sourcing(problem, found) == []
    assert found.is_optimal
    assert found.gap == 0
    return found


def got(found: Sourcing) -> dict[tuple[str, str], int]:
    """Return basket and product → units."""
    units: dict[tuple[str, str], int] = {}
    for one in found.allocations:
        units[one.basket, one.product] = units.get((one.basket, one.product), 0) + one.quantity
    return units


def shops(found: Sourcing, name: str = "b") -> set[str]:
    return {one.shop for one in found.allocations if one.basket == name}


def why(found: Sourcing) -> list[tuple[str, int, str]]:
    return [(short.basket, short.missing, short.reason) for short in found.short]


def test_no_baskets_are_a_split_too() -> None:
    found = solved(wave([], [Stock("s", "rice", 1, 100)]))
    assert (found.allocations, found.short, found.cost.total) == ((), (), 0)


def test_one_shop_is_better_than_two_unless_two_save_more_than_that_costs() -> None:
    one = basket("b", line("rice"), line("eggs"))
    stock = [Stock("both", "rice", 5, 500), Stock("both", "eggs", 5, 500), Stock("cheap", "eggs", 5, 300)]
    found = solved(wave([one], stock, shop_fen=201))
    assert shops(found) == {"both"}
    assert (found.cost.shops_fen, found.cost.dear_fen) == (201, 200)
    assert shops(solved(wave([one], stock, shop_fen=199))) == {"both", "cheap"}


def test_two_baskets_want_the_last_units_of_the_only_shop_that_has_everything() -> None:
    # Alone, each would go to "both"; only one of them has to go to two shops.
    stock = [Stock("both", "rice", 1, 100), Stock("both", "eggs", 1, 100), Stock("r", "rice", 9, 100)]
    stock.append(Stock("e", "eggs", 9, 100))
    found = solved(wave([basket(name, line("rice"), line("eggs")) for name in "ab"], stock))
    assert sorted(len(shops(found, name)) for name in "ab") == [1, 2]


def test_what_is_scarce_is_shared_not_given_to_who_comes_first() -> None:
    found = solved(wave([basket(name, line("eggs", 4)) for name in "ab"], [Stock("s", "eggs", 4, 100)]))
    assert got(found) == {("a", "eggs"): 2, ("b", "eggs"): 2}
    assert found.least_parts == 500_000
    assert why(found) == [("a", 2, "shared_out"), ("b", 2, "shared_out")]
    assert found.short[0].facts == {"on_hand": 4, "asked": 8, "guaranteed": 0}


def test_who_misses_more_already_is_given_what_is_scarce() -> None:
    unlucky = basket("unlucky", line("eggs"), line("yeast"))
    lucky = basket("lucky", line("eggs"), line("rice"))
    found = solved(wave([lucky, unlucky], [Stock("s", "eggs", 1, 100), Stock("s", "rice", 9, 100)]))
    assert got(found) == {("unlucky", "eggs"): 1, ("lucky", "rice"): 1}


def test_the_guarantee_list_is_served_before_all_others_whatever_they_miss() -> None:
    # To the small basket an egg is all it wants, to the one on the list a two-hundredth.
    large = basket(
        "large", line("eggs", 50), *(line(name) for name in ("rice", "oil", "salt")), guaranteed=True
    )
    small = basket("small", line("eggs"))
    stock = [Stock("s", name, 9, 100) for name in ("rice", "oil", "salt")]
    found = solved(wave([small, large], [*stock, Stock("s", "eggs", 50, 100)]))
    assert got(found)["large", "eggs"] == 50
    assert why(found) == [("small", 1, "shared_out")]
    assert found.short[0].facts["guaranteed"] == 50
    listed_nowhere = solved(
        wave([small, replace(large, is_guaranteed=False)], [*stock, Stock("s", "eggs", 50, 100)])
    )
    assert got(listed_nowhere)["small", "eggs"] == 1


def test_the_guarantee_list_shares_among_itself() -> None:
    listed = [basket(name, line("eggs", 2), guaranteed=True) for name in "ab"]
    found = solved(wave([basket("c", line("eggs", 2)), *listed], [Stock("s", "eggs", 2, 100)]))
    assert got(found) == {("a", "eggs"): 1, ("b", "eggs"): 1}


def test_a_substitute_comes_only_if_it_is_listed_and_only_if_need_be() -> None:
    stock = [Stock("s", "rice", 1, 500), Stock("s", "noodles", 9, 100)]
    plain = basket("b", line("rice", 2))
    found = solved(wave([plain], stock))
    assert got(found) == {("b", "rice"): 1}
    flexible = basket("b", line("rice", 2, substitutes=(Substitute("noodles", 50),)))
    found = solved(wave([flexible], stock))
    # The cheaper noodles are no gain: rice was asked for, and as much as there is of it comes.
    assert got(found) == {("b", "rice"): 1, ("b", "noodles"): 1}
    assert found.cost.substitutes_fen == 50


def test_a_price_cap_holds_for_the_product_and_each_substitute_by_itself() -> None:
    stock = [Stock("s", "rice", 9, 500), Stock("s", "noodles", 9, 501)]
    capped = line("rice", max_price_fen=499)
    found = solved(wave([basket("b", capped)], stock))
    assert why(found) == [("b", 1, "too_dear")]
    assert found.short[0].facts == {"cheapest_fen": 500}
    assert got(solved(wave([basket("b", replace(capped, max_price_fen=500))], stock))) == {("b", "rice"): 1}
    own_cap = replace(capped, substitutes=(Substitute("noodles", 50, max_price_fen=501),))
    assert got(solved(wave([basket("b", own_cap)], stock))) == {("b", "noodles"): 1}
    lines_cap = replace(capped, substitutes=(Substitute("noodles", 50),))
    assert got(solved(wave([basket("b", lines_cap)], stock))) == {}


def test_a_household_gets_no_more_than_its_limit_in_all_its_baskets_and_substitutes_together() -> None:
    eggs = line("eggs", 2, substitutes=(Substitute("duck eggs", 50),))
    both = [basket(name, eggs, household="h") for name in "ab"]
    stock = [Stock("s", "eggs", 2, 100), Stock("s", "duck eggs", 9, 100)]
    limit = HouseholdLimit("h", frozenset({"eggs", "duck eggs"}), 3)
    found = solved(wave(both, stock, limit))
    assert sum(got(found).values()) == 3
    assert [(short.reason, short.facts) for short in found.short] == [("household_limit", {"most": 3})]
    assert sum(got(solved(wave(both, stock, replace(limit, household="other")))).values()) == 4


def test_the_reason_says_whether_a_product_is_nowhere_sold_out_or_not_worth_it() -> None:
    stock = [Stock("s", "rice", 0, 100)]
    assert why(solved(wave([basket("b", line("eggs"))], stock))) == [("b", 1, "nowhere")]
    assert why(solved(wave([basket("b", line("rice"))], stock))) == [("b", 1, "sold_out")]
    # A ten-thousandth of a basket is not worth a shop of its own to anyone who prices shops so.
    grain = basket("b", line("rice", 10_000))
    stock = [Stock("s", "rice", 9_999, 100), Stock("far", "rice", 1, 100)]
    found = solved(wave([grain], stock, shop_fen=200))
    assert (why(found), found.short[0].facts) == ([("b", 1, "not_worth_it")], {"left": 1})


BAD: dict[str, Callable[[], object]] = {
    "two of the name 'b': basket": lambda: wave([basket("b", line("x"))] * 2, []),
    "two of the name .*: stock": lambda: wave([], [Stock("s", "x", 1, 1)] * 2),
    "two of the name 'x': line": lambda: wave([basket("b", line("x"), line("x"))], []),
    "two of the name 'x': product": lambda: wave(
        [basket("b", line("x", substitutes=(Substitute("x"),)))], []
    ),
    "must have 1 to 100 lines": lambda: wave([basket("b")], []),
    "quantity must be a whole number from 1": lambda: wave([basket("b", line("x", 0))], []),
    "quantity must be a whole number from 1 to 10000, not 1.5": lambda: wave(
        [basket("b", line("x", 1.5))],  # type: ignore[arg-type]  # half a bag is what is refused
        [],
    ),
    "on_hand must be": lambda: wave([], [Stock("s", "x", -1, 1)]),
    "price_fen must be": lambda: wave([], [Stock("s", "x", 1, -1)]),
    "max_price_fen must be": lambda: wave([basket("b", line("x", max_price_fen=-1))], []),
    "penalty_fen of 'y' must be": lambda: wave(
        [basket("b", line("x", substitutes=(Substitute("y", -1),)))], []
    ),
    "most must be": lambda: wave([], [], HouseholdLimit("h", frozenset({"x"}), -1)),
    "shop_fen must be": lambda: wave([], [], shop_fen=-1),
    "short_fen must be": lambda: wave([], [], short_fen=0),
    "positive time limit, not 0": lambda: source(wave([], []), seconds=0),
    "positive time limit, not nan": lambda: source(wave([], []), effort=float("nan")),
}


@pytest.mark.parametrize("says", BAD)
def test_what_contradicts_itself_is_refused_with_a_sentence(says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BAD[says]()


def test_what_is_refused_is_a_bad_problem() -> None:
    with pytest.raises(BadProblem, match="shop_fen"):
        wave([], [], shop_fen=True)


SPOILT = wave(
    [
        basket(
            "a", line("rice", 2, substitutes=(Substitute("noodles", 50),)), line("eggs", 2), household="h"
        ),
        basket("g", line("eggs", 2), guaranteed=True),
    ],
    [
        Stock("s", "rice", 1, 100),
        Stock("s", "noodles", 5, 100),
        Stock("s", "eggs", 3, 100),
        Stock("dear", "rice", 5, 100_000),
        Stock("s", "soap", 5, 100),
    ],
    HouseholdLimit("h", frozenset({"noodles"}), 1),
)


def with_one(found: Sourcing, number: int, **changes: Any) -> Sourcing:
    changed = list(found.allocations)
    changed[number] = replace(changed[number], **changes)
    return replace(found, allocations=tuple(changed))


def and_one(found: Sourcing, *fields: Any) -> Sourcing:
    return replace(found, allocations=(*found.allocations, Allocation(*fields)))


# The split: a gets rice 1, noodles 1 and eggs 1; g gets eggs 2; one egg is short.
FAULTS: dict[str, Callable[[Sourcing], Sourcing]] = {
    "unknown_line": lambda found: with_one(found, 0, basket="ghost"),
    "unknown_line of a short one": lambda found: replace(
        found, short=(Short("a", "ghost", 1, "shared_out"),)
    ),
    "unknown_stock": lambda found: with_one(found, 0, shop="ghost"),
    "no_quantity": lambda found: and_one(found, "a", "eggs", "s", "eggs", 0),
    "allocation_twice": lambda found: and_one(found, "a", "eggs", "s", "eggs", 1),
    "oversold": lambda found: with_one(found, 2, quantity=2),
    "not_allowed": lambda found: with_one(found, 2, product="soap"),
    "too_dear": lambda found: with_one(found, 0, shop="dear"),
    "more_than_asked": lambda found: with_one(found, 3, quantity=3),
    "not_accounted_for": lambda found: replace(found, short=()),
    "short_without_reason": lambda found: replace(found, short=(replace(found.short[0], reason=""),)),
    "household_limit": lambda found: with_one(
        replace(found, allocations=found.allocations[1:]), 0, quantity=2
    ),
    "guaranteed_passed_over": lambda found: with_one(with_one(found, 2, quantity=2), 3, quantity=1),
    "wrong_bound": lambda found: replace(found, bound=found.cost.total + 1),
    "wrong_bound of a proof": lambda found: replace(found, bound=found.cost.total - 1),
    "wrong_least_parts": lambda found: replace(found, least_parts=1),
}


@pytest.fixture(scope="module")
def good() -> tuple[SourcingProblem, Sourcing]:
    capped = replace(SPOILT.baskets[0].lines[0], max_price_fen=1000)
    first = replace(SPOILT.baskets[0], lines=(capped, SPOILT.baskets[0].lines[1]))
    problem = replace(SPOILT, baskets=(first, SPOILT.baskets[1]))
    return problem, solved(problem)


def test_the_split_to_be_spoilt_is_as_the_faults_expect(good: tuple[SourcingProblem, Sourcing]) -> None:
    units = [(one.basket, one.product, one.quantity) for one in good[1].allocations]
    assert units == [("a", "rice", 1), ("a", "noodles", 1), ("a", "eggs", 1), ("g", "eggs", 2)]
    assert why(good[1]) == [("a", 1, "shared_out")]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_checker_finds(fault: str, good: tuple[SourcingProblem, Sourcing]) -> None:
    problem, found = good
    assert fault.split(maxsplit=1)[0] in {one.code for one in check_sourcing(problem, FAULTS[fault](found))}


@pytest.mark.parametrize("part", ["guaranteed_fen", "short_fen", "shops_fen", "dear_fen", "substitutes_fen"])
def test_the_checker_adds_up_each_part_of_the_cost(part: str, good: tuple[SourcingProblem, Sourcing]) -> None:
    problem, found = good
    wrong = replace(found.cost, **{part: getattr(found.cost, part) + 1})
    says = check_sourcing(problem, replace(found, cost=wrong))
    assert [(one.code, one.facts["part"]) for one in says if one.code == "wrong_cost"] == [
        ("wrong_cost", part)
    ]


SMALL = st.integers(0, 3)
PRODUCTS = ("rice", "eggs", "oil")


@st.composite
def waves(draw: st.DrawFn, most_baskets: int = 4) -> SourcingProblem:
    """Draw a few baskets, three products and three shops with less than everybody wants."""
    stock = [
        Stock(shop, name, draw(SMALL), draw(st.integers(0, 5)) * 100)
        for shop in ("s", "t", "u")
        for name in PRODUCTS
        if draw(st.booleans())
    ]
    baskets = []
    for number in range(draw(st.integers(1, most_baskets))):
        lines = []
        for name in draw(st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True)):
            others = tuple(
                Substitute(other, draw(st.integers(0, 400)))
                for other in PRODUCTS
                if other != name and draw(st.integers(0, 4)) == 0
            )
            cap = draw(st.none() | st.integers(0, 500))
            lines.append(line(name, draw(st.integers(1, 3)), max_price_fen=cap, substitutes=others))
        baskets.append(
            basket(
                f"b{number}", *lines, household=draw(st.sampled_from("hk")), guaranteed=draw(st.booleans())
            )
        )
    limits = [
        HouseholdLimit("h", frozenset(draw(st.sets(st.sampled_from(PRODUCTS), min_size=1))), draw(SMALL))
        for _ in range(draw(st.integers(0, 1)))
    ]
    return wave(baskets, stock, *limits, shop_fen=draw(st.sampled_from([0, 300, 50_000])))


@settings(max_examples=30, deadline=None)
@given(waves())
def test_the_checker_finds_nothing_and_a_small_wave_is_proven(problem: SourcingProblem) -> None:
    found = solved(problem)
    greedy = source_greedily(problem)
    starved = source(problem, effort=1e-9)
    assert check_sourcing(problem, greedy) == check_sourcing(problem, starved) == []
    assert (found.cost.guaranteed_fen, found.cost.total) <= (greedy.cost.guaranteed_fen, greedy.cost.total)
    is_as_good = starved.cost.total == found.cost.total
    assert is_as_good or not starved.is_optimal
    priced = shadow_prices(Layout(problem), found.cost.guaranteed_fen, lambda: False)
    assert priced.bound <= found.cost.total
    assert greedy.bound <= found.cost.total or greedy.cost.guaranteed_fen > found.cost.guaranteed_fen


@settings(max_examples=20, deadline=None)
@given(waves(), st.data())
def test_more_stock_never_costs_more(problem: SourcingProblem, data: st.DataObject) -> None:
    more = tuple(replace(row, on_hand=row.on_hand + data.draw(SMALL)) for row in problem.stock)
    before, after = solved(problem).cost, solved(replace(problem, stock=more)).cost
    assert (after.guaranteed_fen, after.total) <= (before.guaranteed_fen, before.total)


@settings(max_examples=40, deadline=None)
@given(waves(most_baskets=2))
def test_no_split_at_all_is_better(problem: SourcingProblem) -> None:
    problem = replace(problem, stock=problem.stock[:5])
    cells = [
        (one, each, row, cap, penalty)
        for one in problem.baskets
        for each in one.lines
        for name, cap, penalty in allowed(each)
        for row in problem.stock
        if row.product == name and (cap is None or row.price_fen <= cap)
    ]
    ranges = [range(min(each.quantity, row.on_hand) + 1) for _, each, row, _, _ in cells]
    assume(prod(len(one) for one in ranges) <= 5_000)
    ranks = [
        rank_of(problem, [(*cell, n) for cell, n in zip(cells, units, strict=True) if n])
        for units in product(*ranges)
    ]
    found = solved(problem)
    assert (found.cost.guaranteed_fen, found.cost.total) == min(rank for rank in ranks if rank is not None)


def allowed(each: BasketLine) -> list[tuple[str, int | None, int]]:
    """Return product, price cap and penalty of what may come for a line."""
    others = [(one.product, each.max_price_fen, one.penalty_fen) for one in each.substitutes]
    return [(each.product, each.max_price_fen, 0), *others]


def rank_of(problem: SourcingProblem, taken: list[Any]) -> tuple[int, int] | None:
    """Return the guarantee list's shortage and the total of a split; None if it is not possible."""
    by_row: Counter[Any] = Counter()
    by_line: Counter[Any] = Counter()
    total = 0
    for one, each, row, cap, penalty, n in taken:
        by_row[row] += n
        by_line[one.id, each.id] += n
        prices = [
            other.price_fen
            for name, _, _ in allowed(each)
            for other in problem.stock
            if other.product == name and (cap is None or other.price_fen <= cap)
        ]
        own = [
            other.price_fen
            for other in problem.stock
            if other.product == each.product and (cap is None or other.price_fen <= cap)
        ]
        total += n * (penalty + max(0, row.price_fen - min(own or prices)))
    total += problem.weights.shop_fen * len({(one.id, row.shop) for one, _, row, *_ in taken})
    for limit in problem.limits:
        had = sum(
            n
            for one, _, row, _, _, n in taken
            if one.household == limit.household and row.product in limit.products
        )
        if had > limit.most:
            return None
    if any(n > row.on_hand for row, n in by_row.items()):
        return None
    guaranteed = 0
    for one in problem.baskets:
        if any(by_line[one.id, each.id] > each.quantity for each in one.lines):
            return None
        missing = sum(
            (each.quantity - by_line[one.id, each.id]) * (1_000_000 // (len(one.lines) * each.quantity))
            for each in one.lines
        )
        fen = problem.weights.short_fen * sum(max(0, missing - tenth * 100_000) for tenth in range(10))
        total += fen
        guaranteed += fen * one.is_guaranteed
    return guaranteed, total


def test_the_same_effort_and_seed_make_the_same_split_of_a_large_wave() -> None:
    problem = market(baskets=60, seed=3)
    first, again = (source(problem, effort=0.1, seed=5) for _ in range(2))
    assert replace(first, seconds=0) == replace(again, seconds=0)
    assert check_sourcing(problem, first) == []
    assert first.bound <= first.cost.total < source_greedily(problem).cost.total


def test_a_solver_that_finds_nothing_leaves_the_rule_of_thumbs_split_and_it_says_so() -> None:
    problem = wave([basket("b", line("rice"))], [Stock("s", "rice", 1, 100)])
    starved = source(problem, effort=1e-9)
    assert starved.engine == "fullest_shop"
    assert starved.allocations == source_greedily(problem).allocations
    assert solved(problem).engine == "cp_sat"
    # Deterministic for a wave of any size: however little time there is, everybody is served.
    assert len(source(market(baskets=40), seconds=0.001).allocations) > 100


def test_the_bound_holds_where_there_are_too_many_shops_to_look_at_every_set_of_them() -> None:
    stock = [Stock("s0", "rice", 9, 100), Stock("s1", "eggs", 9, 100)]
    stock += [Stock(f"s{number}", "oil", 9, 100) for number in range(2, 25)]
    problem = wave([basket("b", line("rice"), line("eggs"))], stock)
    assert shadow_prices(Layout(problem), 0, lambda: False).bound == 600
    assert solved(problem).cost.total == 600


def test_a_large_wave_with_enough_of_everything_is_proven_without_the_solver() -> None:
    problem = market(baskets=60)
    plenty = replace(problem, stock=tuple(replace(row, on_hand=10_000) for row in problem.stock))
    found = solved(plenty)
    assert found.short == ()
    assert found.engine == "shadow_prices"
