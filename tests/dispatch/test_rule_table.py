"""Every rule there is: it has a name and a reason, the checker sees it kept and broken, and the search obeys it.

Each case is two problems that differ in the rule alone. A plan of the first keeps it there and breaks it in the second.
"""

from __future__ import annotations

import ast
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import pytest
from small_yard import CART, WALK, cart, orders, planned, reasons, stop, walker, with_lane, yard

from dispatch import Limits, Plan, Problem, check, rules
from dispatch.baseline import baseline
from dispatch.problem import Break, Promise, Shelf, StandingPoint, Weights

FOLDER = Path(rules.__path__[0])
MODULES = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
DOCS = FOLDER.parent.parent / "docs" / "dispatch.md"


@dataclass(frozen=True)
class Case:
    """``free``: a wave without the rule's figure; ``bound``: the same with it, so that a plan of ``free`` breaks it.

    ``code``: what the checker calls that, a part of the cost for rules that have a price. ``is_obeyed``: by a plan.
    """

    free: Problem
    bound: Problem
    code: str
    is_obeyed: Callable[[Plan], bool]


def _serve(expected: dict[str, list[str]]) -> Callable[[Plan], bool]:
    return lambda plan: orders(plan) == expected


def _leave(reason: str, served: int = 0) -> Callable[[Plan], bool]:
    return lambda plan: list(reasons(plan).values()) == [reason] and plan.served == served


def _called_one_by_one(plan: Plan) -> bool:
    return len({call.from_s for call in plan.calls}) == len(plan.calls)


TWO = (stop("a"), stop("b", "door2"))
# The nearer stop has to be first, unless a rule says otherwise.
NEAR_FIRST = (stop("a", due_s=130), stop("b", "door2"))
PAIR = (stop("from", "door2"), stop("to", due_s=130))
HEAVY = (stop("a", load_g=10_000), stop("b", load_g=10_000))
RED_THEN_GREEN = (stop("red", is_red=True, windows=((0, 200),)), stop("green", windows=((600, 3000),)))
# Somebody at the gate, and somebody who starts further from the first door: sent only if there is a reason.
NEAR, FAR = walker("near"), walker("far", start_node="door2", end_node="door2")
ON_SHELF = (
    stop("a", shelf="shelf", service_s=1, parcels=2),
    stop("b", shelf="shelf", service_s=1, parcels=2),
)
FOUR_LONG = tuple(stop(f"s{n}", service_s=600) for n in range(4))
ROBOT = replace(CART, name="robot")


def _shelf(parcels: int = 9, homes_at_once: int = 4, **weights: int) -> Problem:
    free = Weights(**{"contact_s": 0, "wait_percent": 0, **weights})
    return yard(*ON_SHELF, shelves=(Shelf("shelf", parcels, homes_at_once),), weights=free)


def _robot(fails_percent: int) -> Problem:
    profiles = (WALK, CART, replace(ROBOT, fails_percent=fails_percent))
    return yard(stop(), vehicles=(cart("robot", profile="robot"), walker()), profiles=profiles)


def _setting_out(vehicle_s: int) -> Problem:
    return yard(*TWO, vehicles=(NEAR, FAR), weights=Weights(vehicle_s=vehicle_s))


def _lone(*stops: object, **courier: object) -> Problem:
    return yard(*(stops or (stop(),)), vehicles=(walker(**courier),))  # type: ignore[arg-type]  # stops


CASES: dict[str, Case] = {
    "breaks": Case(
        _lone(*TWO),
        _lone(*TWO, breaks=(Break(0, 200, 500),)),
        "no_rest",
        lambda p: len(p.routes[0].rests) == 1,
    ),
    "capacity": Case(
        _lone(*HEAVY), _lone(*HEAVY, load_g=19_999), "overloaded", _leave("no_capacity_left", served=1)
    ),
    "contacts": Case(_shelf(), _shelf(contact_s=10_000), "contacts_s", _called_one_by_one),
    "disinfection": Case(
        _lone(*RED_THEN_GREEN, trips=2, disinfects=True),
        _lone(*RED_THEN_GREEN, trips=2),
        "green_after_red",
        lambda p: p.served == 1,
    ),
    "failures": Case(_robot(0), _robot(32), "fails_s", _serve({"walker": ["s1"]})),
    "fairness": Case(
        yard(*FOUR_LONG, vehicles=(walker("a"), walker("b"))),
        yard(*FOUR_LONG, vehicles=(walker("a"), walker("b")), fair_work_s=1500),
        "unfair_s",
        lambda p: p.cost.unfair_s == 0 and len(p.routes) == 2,
    ),
    "frozen": Case(
        _lone(*NEAR_FIRST),
        _lone(*NEAR_FIRST, frozen=("b", "a")),
        "frozen_stops_moved",
        _serve({"walker": ["b", "a"]}),
    ),
    "goods": Case(_lone(), _lone(has_left=True), "goods_at_the_depot", _leave("goods_elsewhere")),
    "green_before_red": Case(
        _lone(*NEAR_FIRST),
        _lone(replace(NEAR_FIRST[0], is_red=True), NEAR_FIRST[1]),
        "green_after_red",
        _serve({"walker": ["b", "a"]}),
    ),
    "lanes": Case(
        yard(stop("s", "door2"), vehicles=(cart(),)),
        with_lane(yard(stop("s", "door2"), vehicles=(cart(),)), "mid-far", is_open=False),
        "no_way",
        _leave("unreachable"),
    ),
    # Started at 120, twenty seconds too late, at twice the price.
    "lateness": Case(_lone(), _lone(stop(due_s=100)), "late_s", lambda p: p.cost.late_s == 40),
    "pickups": Case(
        _lone(*PAIR),
        _lone(replace(PAIR[0], kind="pickup"), replace(PAIR[1], goods_from="from")),
        "not_picked_up",
        _serve({"walker": ["from", "to"]}),
    ),
    "priorities": Case(
        _lone(stop("a", priority=0), stop("b", priority=1), load_g=1000),
        _lone(stop("a", priority=1), stop("b", priority=0), load_g=1000),
        "unserved_s",
        _serve({"walker": ["b"]}),
    ),
    "promises": Case(
        yard(stop(), vehicles=(NEAR, FAR)),
        yard(stop(promised=Promise("far", 140)), vehicles=(NEAR, FAR)),
        "broken_s",
        _serve({"far": ["s1"]}),
    ),
    # 120 s there, 60 at the door, 120 back.
    "route_length": Case(_lone(), _lone(max_route_s=299), "route_too_long", _leave("route_too_long")),
    "service_times": Case(
        yard(stop(floors=3)),
        yard(stop(floors=3), floor_s=10),
        "service_too_short",
        lambda p: p.routes[0].visits[0].depart_s == 120 + 60 + 30,
    ),
    "setting_out": Case(
        _setting_out(0),
        _setting_out(120),
        "vehicles_s",
        lambda p: len(p.routes) == 1 and p.cost.vehicles_s == 120,
    ),
    "shelf_room": Case(_shelf(4), _shelf(3), "shelf_full", _leave("shelf_full", served=1)),
    "shifts": Case(
        _lone(shift_end_s=300), _lone(shift_end_s=299), "outside_shift", _leave("shift_too_short")
    ),
    "skills": Case(
        yard(stop(), vehicles=(NEAR, replace(FAR, skills=frozenset({"nurse"})))),
        yard(stop(skills=frozenset({"nurse"})), vehicles=(NEAR, replace(FAR, skills=frozenset({"nurse"})))),
        "skill_missing",
        _serve({"far": ["s1"]}),
    ),
    "staggering": Case(
        _shelf(homes_at_once=2),
        _shelf(homes_at_once=1),
        "crowd",
        _called_one_by_one,
    ),
    "standing_points": Case(
        yard(stop(), vehicles=(cart(),)),
        yard(stop(), vehicles=(cart(),), standing_points=(StandingPoint("p-far", "far"),)),
        "no_standing_point",
        lambda p: p.routes[0].visits[0].halt_node == "far",
    ),
    "storeys": Case(
        _lone(stop(floors=2)),
        _lone(stop(floors=2), max_floors=1),
        "too_many_floors",
        _leave("too_many_floors"),
    ),
    "time_windows": Case(
        _lone(),
        _lone(stop(windows=((1000, 1200),))),
        "outside_window",
        lambda p: p.routes[0].visits[0].start_s == 1000,
    ),
    "trips": Case(
        _lone(*HEAVY, load_g=10_000, trips=2),
        _lone(*HEAVY, load_g=10_000),
        "too_many_trips",
        _leave("no_capacity_left", served=1),
    ),
    "two_couriers": Case(
        yard(stop(), vehicles=(NEAR, FAR)),
        yard(stop(people=2), vehicles=(NEAR, FAR)),
        "courier_missing",
        lambda p: [v.start_s for r in p.routes for v in r.visits] == [140, 140],
    ),
    # Put down at 121 and 122, called at 600.
    "waiting": Case(_shelf(), _shelf(wait_percent=5), "waits_s", lambda p: p.cost.waits_s == 2 * 23),
    "welcome": Case(
        yard(stop(), vehicles=(NEAR, FAR)),
        yard(stop(not_by=frozenset({"near"})), vehicles=(NEAR, FAR)),
        "not_welcome",
        _serve({"far": ["s1"]}),
    ),
    "working_time": Case(
        _lone(), _lone(max_work_s=299), "too_much_work", lambda p: p.served == 0 and len(p.unserved) == 1
    ),
}


def _plan(problem: Problem) -> Plan:
    # So many rounds and no clock: the same plan on every machine.
    return planned(problem, Limits(rounds=300))


def test_every_rule_has_its_case() -> None:
    assert sorted(CASES) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_rule_has_a_name_and_one_sentence_for_a_reason(name: str) -> None:
    rule = import_module(f"dispatch.rules.{name}")
    assert rule.NAME[0].isupper()
    assert rule.REASON[0].isupper()
    assert rule.REASON.endswith(".")
    assert rule.REASON.count(".") == 1


def test_no_two_rules_have_one_name() -> None:
    names = {import_module(f"dispatch.rules.{name}").NAME for name in MODULES}
    assert len(names) == len(MODULES)


@pytest.mark.parametrize("name", CASES)
def test_a_plan_that_keeps_the_rule_passes(name: str) -> None:
    assert check(CASES[name].free, _plan(CASES[name].free)) == []


@pytest.mark.parametrize("name", CASES)
def test_a_plan_that_breaks_the_rule_is_found(name: str) -> None:
    case = CASES[name]
    plan = replace(_plan(case.free), digest=case.bound.digest())
    found = {one.facts.get("part", one.code) for one in check(case.bound, plan)}
    assert case.code in found
    assert not case.is_obeyed(plan)


@pytest.mark.parametrize("name", CASES)
def test_the_search_obeys_the_rule(name: str) -> None:
    plan = _plan(CASES[name].bound)
    assert CASES[name].is_obeyed(plan), (orders(plan), plan.cost, reasons(plan))


@pytest.mark.parametrize("name", CASES)
def test_the_rule_of_thumb_keeps_the_rule_too(name: str) -> None:
    assert check(CASES[name].bound, baseline(CASES[name].bound)) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_rule_knows_no_search_and_no_clock(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {one for one in froms if one.startswith("dispatch") and not one.startswith("dispatch.rules")}
    assert ours <= {"dispatch.problem", "dispatch.plan"}
    others = {one for one in froms | plain if not one.startswith("dispatch")}
    assert others <= {"__future__", "collections", "collections.abc", "dataclasses", "math"}


def test_the_documentation_lists_every_rule_with_its_reason_and_no_other() -> None:
    _, _, section = DOCS.read_text(encoding="utf-8").partition("## The rules\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]
    expected = []
    for name in MODULES:
        rule = import_module(f"dispatch.rules.{name}")
        expected.append(f"| {rule.NAME} | `{name}.py` | {rule.REASON} |")
    assert sorted(rows) == sorted(expected)
