"""Who is asked to do what: optimal, fair, and with a reason for whoever is left over."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Candidate, Task, match


def test_two_tasks_cross_over_where_that_is_cheaper_for_both() -> None:
    # The greedy pair (t1, a) would push t2 to b for 90.
    tasks = [Task("t1", {"a": 10, "b": 20}), Task("t2", {"a": 10, "b": 90})]
    found = match(tasks, [Candidate("a", 1), Candidate("b", 1)])
    assert found.assigned == {"t1": "b", "t2": "a"}
    assert found.cost == 30


def test_nothing_to_do_is_an_empty_matching() -> None:
    found = match([], [Candidate("a", 1)])
    assert (found.assigned, found.unmatched, found.cost) == ({}, (), 0)


def test_two_tasks_go_to_two_people_though_one_is_a_little_nearer() -> None:
    tasks = [Task(name, {"near": 100, "less near": 150}) for name in ("t1", "t2")]
    people = [Candidate("near", 5), Candidate("less near", 5)]
    assert set(match(tasks, people).assigned.values()) == {"near", "less near"}
    assert set(match(tasks, people, fairness=0).assigned.values()) == {"near"}


def test_who_already_has_a_lot_is_asked_last() -> None:
    people = [Candidate("busy", 5, load=4), Candidate("idle", 5)]
    assert match([Task("t", {"busy": 0, "idle": 500})], people).assigned == {"t": "idle"}


def test_the_weightier_task_gets_the_only_place() -> None:
    tasks = [Task("light", {"a": 0}), Task("heavy", {"a": 900}, weight=2)]
    found = match(tasks, [Candidate("a", 1)])
    assert found.assigned == {"heavy": "a"}
    assert [(u.task, u.reason, u.change) for u in found.unmatched] == [
        ("light", "everyone_full", {"more_room": 1})
    ]


def test_the_reason_is_the_obstacle_that_is_easiest_to_lift() -> None:
    found = match([Task("t", {}, obstacles={"too_far": 3, "no_skill": 7})], [Candidate("a", 1)])
    assert found.unmatched[0].reason == "too_far"
    assert found.unmatched[0].facts == {"too_far": 3, "no_skill": 7}


def test_without_anybody_that_is_the_reason() -> None:
    assert match([Task("t", {})], []).unmatched[0].reason == "nobody_there"


def test_somebody_beyond_the_nearest_is_found_when_those_are_full() -> None:
    costs = {f"c{n:02}": n for n in range(40)}
    tasks = [Task(f"t{n}", costs) for n in range(40)]
    found = match(tasks, [Candidate(name, 1) for name in costs])
    assert len(found.assigned) == 40


def test_a_far_one_takes_over_so_that_a_task_with_one_choice_is_placed() -> None:
    costs = {f"c{n:02}": n for n in range(20)}
    choosy = Task("choosy", {"c00": 0})
    others = [Task(f"t{n:02}", costs) for n in range(19)]
    found = match([choosy, *others], [Candidate(name, 1) for name in costs], nearest=2)
    assert found.assigned["choosy"] == "c00"
    assert len(found.assigned) == 20


def test_a_task_is_placed_though_it_makes_all_others_dearer() -> None:
    # Every task has a cheap place, and the one with a single choice pushes all of them one place on.
    count = 1200
    tasks = [Task("choosy", {"c0": 100_000})]
    tasks += [Task(f"t{n}", {f"c{n}": 0, f"c{n + 1}": 100_000}) for n in range(count)]
    people = [Candidate(f"c{n}", 1) for n in range(count + 1)]
    assert match(tasks, people, fairness=0).unmatched == ()


def test_a_cost_out_of_bounds_weights_and_names_used_twice_are_errors() -> None:
    with pytest.raises(ValueError, match="outside"):
        match([Task("t", {"a": -1})], [Candidate("a", 1)])
    for weight in (0, 1001):
        with pytest.raises(ValueError, match="weight"):
            match([Task("t", {"a": 1}, weight=weight)], [Candidate("a", 1)])
    with pytest.raises(ValueError, match="one id"):
        match([], [Candidate("a", 1), Candidate("a", 2)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(0, 1000)), min_size=3, max_size=3), max_size=4),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
)
def test_no_other_assignment_places_more_or_costs_less(
    table: list[list[int | None]], rooms: list[int]
) -> None:
    tasks = [
        Task(f"t{n}", {str(c): cost for c, cost in enumerate(row) if cost is not None})
        for n, row in enumerate(table)
    ]
    found = match(tasks, [Candidate(str(c), room) for c, room in enumerate(rooms)], fairness=0)
    assert len(found.assigned) + len(found.unmatched) == len(tasks)
    best = (0, 0)
    for choice in product([None, 0, 1, 2], repeat=len(tasks)):
        costs = [table[n][c] if c is not None else None for n, c in enumerate(choice)]
        placed = [cost for cost in costs if cost is not None]
        is_possible = all(choice.count(c) <= rooms[c] for c in range(3))
        if is_possible and len(placed) == sum(c is not None for c in choice):
            best = min(best, (-len(placed), sum(placed)))
    assert (-len(found.assigned), found.cost) == best
