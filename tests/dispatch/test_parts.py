"""Large waves are cut into parts; several processes plan at once; nothing that belongs together is parted."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace

import pytest

from dispatch import Limits, Problem, check, parts, pool, solve
from dispatch.bench.compound import compound, with_all_rules
from dispatch.cutting import cut

SMALL_PARTS = Limits(rounds=200)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGE", 60)
    monkeypatch.setattr(parts, "IN_PART", 40)
    monkeypatch.setattr(parts, "TOGETHER", 30)


@pytest.fixture(scope="module")
def town() -> Problem:
    return with_all_rules(compound(160))


def test_every_stop_and_every_courier_is_in_one_part(town: Problem) -> None:
    pieces = cut(town, 40, None)
    assert len(pieces) > 2
    assert sorted(stop.id for piece in pieces for stop in piece.problem.stops) == sorted(
        s.id for s in town.stops
    )
    assert sorted(v.id for piece in pieces for v in piece.problem.vehicles) == sorted(
        v.id for v in town.vehicles
    )


def test_what_belongs_together_is_in_one_part(town: Problem) -> None:
    drops = (
        replace(
            town.stops[0],
            id="fetch",
            kind="pickup",
            shelf=None,
            windows=(),
            people=1,
            promised=None,
            is_red=False,
        ),
        replace(
            town.stops[1],
            id="bring",
            goods_from="fetch",
            shelf=None,
            windows=(),
            people=1,
            promised=None,
            is_red=False,
        ),
    )
    stops = (
        *town.stops,
        *drops,
        replace(town.stops[2], id="on board", only_vehicle="walker3", promised=None),
    )
    frozen = tuple(replace(v, frozen=("stop7",)) if v.id == "walker1" else v for v in town.vehicles)
    stops = tuple(
        replace(s, people=1, not_by=frozenset(), promised=None) if s.id == "stop7" else s for s in stops
    )
    for piece in cut(replace(town, stops=stops, vehicles=frozen), 40, None):
        ids = {stop.id for stop in piece.problem.stops}
        names = {vehicle.id for vehicle in piece.problem.vehicles}
        assert ("fetch" in ids) == ("bring" in ids)
        assert ("on board" in ids) == ("walker3" in names)
        assert ("stop7" in ids) == ("walker1" in names)
        for shelf in town.shelves:
            there = {stop.id for stop in stops if stop.shelf == shelf.id}
            assert there <= ids or not there & ids


def test_couriers_are_dealt_by_how_many_stops_a_part_has() -> None:
    for piece in cut(compound(160), 40, None):
        walkers = sum(vehicle.profile == "walk" for vehicle in piece.problem.vehicles)
        assert abs(walkers - len(piece.problem.stops) / 10) <= 1


@pytest.mark.usefixtures("small_parts")
def test_a_plan_made_in_parts_passes_the_independent_check(town: Problem) -> None:
    plan = solve(town, SMALL_PARTS)
    assert "parts" in plan.engine
    assert check(town, plan) == []
    assert len(plan.unserved) + len({v.stop for r in plan.routes for v in r.visits}) == len(town.stops)


@pytest.mark.usefixtures("small_parts")
def test_the_same_rounds_in_parts_give_the_same_plan(town: Problem) -> None:
    first, second = (solve(town, SMALL_PARTS) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)


@pytest.mark.usefixtures("small_parts")
def test_a_plan_in_parts_begins_from_an_older_one(town: Problem) -> None:
    older = solve(town, SMALL_PARTS)
    fewer = replace(town, stops=town.stops[5:])
    plan = solve(fewer, Limits(rounds=1), start=older)
    assert check(fewer, plan) == []
    before = {visit.stop: route.vehicle for route in older.routes for visit in route.visits}
    after = {visit.stop: route.vehicle for route in plan.routes for visit in route.visits}
    stays = sum(before.get(stop) == vehicle for stop, vehicle in after.items())
    assert stays > 0.8 * len(after)


@pytest.mark.usefixtures("small_parts")
def test_who_cannot_be_served_in_any_part_hears_why(town: Problem) -> None:
    far = tuple(replace(s, skills=frozenset({"flying"})) if s.id == "stop3" else s for s in town.stops)
    plan = solve(replace(town, stops=far), SMALL_PARTS)
    assert {u.stop: u.reason for u in plan.unserved}["stop3"] == "no_skill"


def test_several_processes_plan_a_small_wave_from_several_seeds(town: Problem) -> None:
    alone = solve(town, Limits(rounds=400))
    together = solve(town, Limits(rounds=400, processes=2))
    assert check(town, together) == []
    assert together.cost.total <= 1.05 * alone.cost.total


def test_the_work_of_a_process_that_dies_is_done_here() -> None:
    here = os.getpid()
    assert pool.spread(_die_elsewhere, [here, here], 2) == [here, here]
    # The next wave has processes again.
    assert here not in pool.spread(_who, [0, 1], 2)


def _die_elsewhere(here: int) -> int:
    if multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return here


def _who(_: int) -> int:
    return os.getpid()
