"""Which gates to open: the best of all sets, explained, and refused where it makes no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_yard import CART, WALK

from dispatch import BadProblem, GatesPlan, GatesProblem, check_gates, choose_gates
from dispatch.__main__ import main
from dispatch.gates.choose import obstacles
from dispatch.gates.layout import use
from dispatch.gates.location import Found
from dispatch.gates.plan import LEFT_S
from dispatch.gates.problem import Gate, Home
from dispatch.gates.ways import queue_bands, ways_of
from dispatch.problem import Lane, Node, StandingPoint

# west ──100 m── a ──100 m── b ──100 m── east: fire lanes; carts may stand at a and b; nothing leads to the island.
NODES = tuple(
    Node(name, x, 0) for name, x in (("west", 0), ("a", 100), ("b", 200), ("east", 300), ("island", 999))
)
LANES = tuple(
    Lane(f"{start}-{end}", start, end, 100, 400, is_fire_lane=True)
    for start, end in (("west", "a"), ("a", "b"), ("b", "east"))
)


def street(*gates: Gate, homes: tuple[Home, ...], **changes: Any) -> GatesProblem:
    facts: dict[str, Any] = {
        "nodes": NODES,
        "lanes": LANES,
        "profiles": (WALK, CART),
        "gates": gates,
        "homes": homes,
        "guards": 10,
        "standing_points": (StandingPoint("p-a", "a"), StandingPoint("p-b", "b")),
    }
    return GatesProblem(**(facts | changes))


def west(**changes: Any) -> Gate:
    return replace(Gate("west", "west", 1000), **changes)


def east(**changes: Any) -> Gate:
    return replace(Gate("east", "east", 1000), **changes)


def chosen(problem: GatesProblem) -> GatesPlan:
    """Return an answer that the checker has nothing against and that is proven the best."""
    plan = choose_gates(problem)
    assert check_gates(problem, plan) == []
    assert plan.is_proven
    assert plan.gap_percent == 0
    return plan


def test_with_one_guard_the_gate_nearer_to_most_people_is_open() -> None:
    homes = (Home("a", "a", 10), Home("b", "b", 11))
    plan = chosen(street(west(), east(), homes=homes, guards=1))
    assert plan.chosen.open == ("east",)
    # 10 people walk 200 m, 11 people 100 m.
    assert plan.chosen.cost.walking_s == 10 * 200 + 11 * 100


def test_both_gates_are_open_where_there_are_guards_and_each_home_takes_the_nearer_one() -> None:
    homes = (Home("a", "a", 10), Home("b", "b", 10))
    plan = chosen(street(west(), east(), homes=homes))
    assert [(walk.home, walk.gate) for walk in plan.chosen.walks] == [("a", "west"), ("b", "east")]


def test_a_gate_that_takes_more_guards_than_there_are_stays_closed() -> None:
    homes = (Home("b", "b", 10),)
    assert chosen(street(west(), east(guards=3), homes=homes, guards=2)).chosen.open == ("west",)
    assert chosen(street(west(), east(guards=3), homes=homes, guards=3)).chosen.open == ("east",)


def test_no_more_gates_are_open_than_may_be() -> None:
    homes = (Home("a", "a", 10), Home("b", "b", 10))
    assert len(chosen(street(west(), east(), homes=homes, most_open=1)).chosen.open) == 1


def test_a_gate_that_must_be_open_is_though_nobody_uses_it_and_an_idle_one_is_not() -> None:
    homes = (Home("b", "b", 10),)
    assert chosen(street(west(), east(), homes=homes)).chosen.open == ("east",)
    assert chosen(street(west(must_be_open=True), east(), homes=homes)).chosen.open == ("west", "east")


def test_the_queue_of_a_narrow_gate_sends_some_the_longer_way() -> None:
    # 40 of 42 could pass the west gate: the last of them would make all others wait longer than their own detour.
    plan = chosen(street(west(people_per_hour=42), east(), homes=(Home("a", "a", 40),)))
    loads = {load.gate: load for load in plan.chosen.loads}
    assert 0 < loads["west"].people < 39
    assert loads["west"].people + loads["east"].people == 40
    assert loads["west"].percent == round(100 * loads["west"].people / 42, 1)
    assert plan.chosen.cost.queueing_s == sum(load.queueing_s for load in loads.values())


def test_who_does_not_fit_through_any_gate_stays_in_with_a_reason() -> None:
    plan = chosen(street(west(people_per_hour=20), homes=(Home("a", "a", 25),)))
    # 95 % of 20.
    assert plan.chosen.loads[0].people == 19
    assert [(one.what, one.count, one.reason) for one in plan.chosen.left] == [("people", 6, "gates_full")]
    assert plan.chosen.cost.left_s == 6 * LEFT_S


def test_goods_come_in_only_where_they_may_and_their_way_counts() -> None:
    homes = (Home("b", "b", deliveries_per_hour=3),)
    plan = chosen(street(west(), east(lets_goods_in=False), homes=homes))
    # 200 m at 2 m/s, there and back.
    assert [(s.gate, s.halt_node, s.way_s) for s in plan.chosen.supplies] == [("west", "b", 200)]
    assert plan.chosen.cost.goods_s == 3 * 200
    assert chosen(street(west(), homes=homes, goods_weight=5)).chosen.cost.goods_s == 5 * 3 * 200


@pytest.mark.parametrize(
    ("gates", "home", "reason"),
    [
        ((), Home("a", "a", 1), "unreachable"),
        ((west(),), Home("i", "island", 1), "unreachable"),
        ((west(guards=11),), Home("a", "a", 1), "no_open_gate"),
        ((west(),), Home("i", "island", 0, 1), "unreachable"),
        ((west(lets_goods_in=False),), Home("a", "a", 0, 1), "no_goods_gate"),
        ((west(guards=11),), Home("a", "a", 0, 1), "no_open_gate"),
    ],
)
def test_who_cannot_be_helped_hears_why(gates: tuple[Gate, ...], home: Home, reason: str) -> None:
    plan = chosen(street(*gates, homes=(home,)))
    assert [(one.home, one.reason) for one in plan.chosen.left] == [(home.id, reason)]


def test_nothing_at_all_is_an_answer() -> None:
    assert chosen(street(homes=())).chosen.cost.total == 0
    assert chosen(street(west(), homes=())).chosen.open == ()


def test_what_each_single_change_of_todays_gates_would_do_is_told() -> None:
    homes = (Home("a", "a", 36), Home("b", "b", 72, 1))
    gates = (
        west(people_per_hour=0),
        west(id="old", people_per_hour=10**6),
        east(people_per_hour=10**6, is_open=False),
    )
    plan = chosen(street(*gates, homes=homes, hours_per_day=10, guards=3))
    changes = {change.gate: change for change in plan.changes}
    # Opening: 72 people an hour save 100 s each, ten hours a day; the cart saves 100 s.
    assert (changes["east"].change, changes["east"].residents_h_per_day) == ("open", -20.0)
    assert (changes["east"].total_s, changes["east"].goods_h_per_day) == (-7300, -0.3)
    # Closing the only gate for people keeps everybody in.
    assert (changes["old"].change, changes["old"].left_per_day) == ("close", 1080)
    assert changes["west"].total_s == 0
    assert plan.today.open == ("west", "old")
    assert plan.today_obstacles == ()


def test_a_change_that_may_not_be_made_says_what_is_in_its_way() -> None:
    gates = (west(must_be_open=True), east(is_open=False, guards=2))
    plan = chosen(street(*gates, homes=(Home("b", "b", 1),), guards=2, most_open=1))
    assert [change.obstacles for change in plan.changes] == [
        ("must_be_open",),
        ("too_few_guards", "too_many_open"),
    ]


def test_without_time_todays_gates_stand_and_the_gap_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.gates.choose.locate", lambda *_: Found(None, 0.0))
    problem = street(west(), east(is_open=False), homes=(Home("b", "b", 10),))
    plan = choose_gates(problem)
    assert (plan.chosen.open, plan.is_proven, plan.bound_s, plan.gap_percent) == (("west",), False, 0, 100.0)
    assert check_gates(problem, plan) == []


gates_of = st.lists(
    st.builds(
        Gate,
        id=st.uuids().map(str),
        node=st.sampled_from(["west", "a", "b", "east", "island"]),
        people_per_hour=st.sampled_from([0, 1, 7, 30, 200]),
        guards=st.integers(0, 3),
        must_be_open=st.just(False),
        lets_goods_in=st.booleans(),
        is_open=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda gate: gate.id,
)
homes_of = st.lists(
    st.builds(
        Home,
        id=st.uuids().map(str),
        node=st.sampled_from(["west", "a", "b", "east", "island"]),
        people_per_hour=st.integers(0, 40),
        deliveries_per_hour=st.integers(0, 3),
    ),
    max_size=4,
    unique_by=lambda home: home.id,
)
problems = st.builds(
    lambda gates, homes, guards, most: street(*gates, homes=tuple(homes), guards=guards, most_open=most),
    gates_of,
    homes_of,
    st.integers(0, 6),
    st.none() | st.integers(0, 4),
)


@settings(max_examples=60, deadline=None)
@given(problems)
def test_no_set_of_gates_costs_less_than_the_chosen_one(problem: GatesProblem) -> None:
    ways, numbers = ways_of(problem), range(len(problem.gates))
    sets = (frozenset(chosen) for size in range(len(numbers) + 1) for chosen in combinations(numbers, size))
    least = min(use(problem, ways, one).cost.total for one in sets if not obstacles(problem, one))
    assert chosen(problem).chosen.cost.total == least


@settings(max_examples=40, deadline=None)
@given(problems, st.integers(1, 3))
def test_more_guards_or_one_more_gate_never_cost_more(problem: GatesProblem, more: int) -> None:
    before = chosen(problem).chosen.cost.total
    assert chosen(replace(problem, guards=problem.guards + more)).chosen.cost.total <= before
    extra = Gate("extra", "b", 50, guards=more)
    assert chosen(replace(problem, gates=(*problem.gates, extra))).chosen.cost.total <= before
    if problem.most_open is not None:
        assert chosen(replace(problem, most_open=problem.most_open + 1)).chosen.cost.total <= before


@given(st.integers(1, 5000))
def test_a_queue_grows_ever_faster_and_ends_before_the_gate_is_full(people_per_hour: int) -> None:
    bands = queue_bands(Gate("g", "west", people_per_hour))
    prices = [each_s for _, each_s in bands]
    assert prices == sorted(prices)
    assert sum(people for people, _ in bands) == people_per_hour * 95 // 100


def test_the_flow_of_two_homes_and_two_gates_is_the_cheapest_of_all_splits() -> None:
    problem = street(
        west(people_per_hour=14), east(people_per_hour=12), homes=(Home("a", "a", 9), Home("b", "b", 8))
    )

    def waits_s(gate: Gate, people: int) -> int:
        each = [each_s for band, each_s in queue_bands(gate) for _ in range(band)]
        return sum(each[:people]) if people <= len(each) else 10**9

    def cost(a_west: int, b_west: int) -> int:
        walking_s = 100 * a_west + 200 * (9 - a_west) + 200 * b_west + 100 * (8 - b_west)
        passing = a_west + b_west
        return walking_s + waits_s(problem.gates[0], passing) + waits_s(problem.gates[1], 17 - passing)

    least = min(cost(a, b) for a in range(10) for b in range(9))
    assert use(problem, ways_of(problem), frozenset({0, 1})).cost.total == least


def test_the_answer_survives_json() -> None:
    problem = street(west(), east(), homes=(Home("a", "a", 10, 2), Home("i", "island", 1)))
    plan = chosen(problem)
    assert GatesPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert GatesProblem.from_json(json.loads(json.dumps(problem.to_json()))) == problem


GOOD = street(
    west(), east(must_be_open=True, lets_goods_in=False), west(id="shut", is_open=False),
    homes=(Home("a", "a", 10, 2), Home("b", "b", 10, 1), Home("i", "island", 1)), most_open=2,
)  # fmt: skip


def _with(plan: GatesPlan, **changes: Any) -> GatesPlan:
    return replace(plan, chosen=replace(plan.chosen, **changes))


def _first(plan: GatesPlan, what: str, **changes: Any) -> GatesPlan:
    first, *others = getattr(plan.chosen, what)
    return _with(plan, **{what: (replace(first, **changes), *others)})


SPOILT: dict[str, Callable[[GatesPlan], GatesPlan]] = {
    "plan_of_another_problem": lambda plan: replace(plan, digest=""),
    "unknown_name": lambda plan: _first(plan, "walks", gate="moon"),
    "wrong_loads": lambda plan: _with(plan, open=plan.chosen.open[:1]),
    "must_be_open": lambda plan: _with(plan, open=("west",), loads=plan.chosen.loads[:1]),
    "too_many_open": lambda plan: _with(plan, open=(*plan.chosen.open, "shut")),
    "gate_closed": lambda plan: _first(plan, "walks", gate="shut"),
    "no_such_walk": lambda plan: _first(plan, "walks", walk_s=99),
    "goods_not_let_in": lambda plan: _first(plan, "supplies", gate="east"),
    "no_standing_point": lambda plan: _first(plan, "supplies", halt_node="west"),
    "no_such_haul": lambda plan: _first(plan, "supplies", way_s=1),
    "people_lost": lambda plan: _with(plan, walks=plan.chosen.walks[1:]),
    "goods_lost": lambda plan: _with(plan, supplies=plan.chosen.supplies[1:]),
    "overcrowded": lambda plan: _first(plan, "walks", people=951),
    "wrong_load": lambda plan: _first(plan, "loads", queueing_s=0),
    "left_without_reason": lambda plan: _first(plan, "left", reason=""),
    "left_without_need": lambda plan: _first(plan, "left", home="a"),
    "wrong_cost": lambda plan: _with(plan, cost=replace(plan.chosen.cost, walking_s=0)),
    "not_todays_gates": lambda plan: replace(plan, today=plan.chosen, chosen=plan.today),
    "changes_incomplete": lambda plan: replace(plan, changes=plan.changes[1:]),
    "wrong_bound": lambda plan: replace(plan, bound_s=plan.bound_s + 1),
}


@pytest.mark.parametrize("code", SPOILT)
def test_the_checker_finds(code: str) -> None:
    plan = chosen(GOOD)
    problem = GOOD
    if code == "not_todays_gates":
        problem = replace(GOOD, gates=(*GOOD.gates[:2], replace(GOOD.gates[2], is_open=True)))
        plan = replace(plan, digest=problem.digest())
        assert code in {one.code for one in check_gates(problem, plan)}
        return
    assert code in {one.code for one in check_gates(problem, SPOILT[code](plan))}


def test_too_many_guards_at_work_are_found() -> None:
    fewer = replace(GOOD, guards=1)
    plan = replace(chosen(GOOD), digest=fewer.digest())
    assert {one.code for one in check_gates(fewer, plan)} == {"too_few_guards"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gates": (west(), west())}, "two of the name 'west'"),
        ({"gates": (west(node="moon"),)}, "gate 'west' is at a node that is not there"),
        ({"gates": (west(people_per_hour=-1),)}, "people_per_hour must be 0 to"),
        ({"gates": (west(guards=-1),)}, "guards must be 0 to"),
        ({"gates": (west(must_be_open=True, guards=11),)}, "need 11 guards, and there are 10"),
        ({"gates": (west(must_be_open=True),), "most_open": 0}, "1 gates must be open, and at most 0 may"),
        ({"gates": tuple(west(id=str(n)) for n in range(51))}, "51 gates"),
        ({"homes": (Home("a", "moon"),)}, "home 'a' is at a node that is not there"),
        ({"homes": (Home("a", "a", -1),)}, "people_per_hour must be 0 to"),
        ({"homes": (Home("a", "a", 600_000), Home("b", "b", 600_000))}, "of all homes must be 0 to"),
        ({"goods_profile": "ship"}, "no profile 'ship' for goods"),
        ({"walking_profile": "swim"}, "no profile 'swim'"),
        ({"goods_weight": 21}, "goods_weight must be 0 to 20"),
        ({"hours_per_day": 0}, "hours_per_day must be 1 to 24"),
        ({"guards": -1}, "guards must be 0 to"),
        ({"lanes": (Lane("x", "a", "moon", 1, 1),)}, "lane 'x' ends at a node that is not there"),
    ],
)
def test_gates_that_contradict_themselves_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadProblem, match=says):
        street(**({"gates": (west(),), "homes": ()} | changes))


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_limit_that_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="positive time limit"):
        choose_gates(GOOD, seconds)


def test_the_command_prints_an_answer_that_the_checker_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, answer = tmp_path / "gates.json", tmp_path / "answer.json"
    problem.write_text(json.dumps(GOOD.to_json()))
    assert main(["gates", str(problem)]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["chosen"]["open"] == ["west", "east"]
    assert "2 of 3 gates open" in said.err
    assert "proven the best" in said.err
    answer.write_text(said.out)
    assert main(["check-gates", str(problem), str(answer)]) == 0
    answer.write_text(said.out.replace('"people": 10', '"people": 9'))
    assert main(["check-gates", str(problem), str(answer)]) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "must be a JSON object"),
        ("{}", "nodes is missing"),
        ('{"version": 9}', "version 9"),
        ('{"guards": "many"}', "missing"),
        (json.dumps({**GOOD.to_json(), "guards": "many"}), "gates.guards must be a whole number"),
        (json.dumps({**GOOD.to_json(), "doors": 1}), "unknown field 'doors'"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_two_and_a_sentence(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gates.json"
    path.write_text(text)
    assert main(["gates", str(path)]) == 2
    assert says in capsys.readouterr().err
