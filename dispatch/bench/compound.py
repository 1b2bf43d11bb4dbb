"""Compounds made by a seed.

One gate, couriers on foot and with carts, on the lanes of ``ground.py``; about 30 % of the stops have a time window,
10 % are medicine due in the first half hour, 8 % are homes under isolation.
"""

from __future__ import annotations

import random
from dataclasses import replace

from dispatch.bench.ground import Ground, grid
from dispatch.problem import (
    Break,
    Problem,
    Profile,
    Promise,
    Shelf,
    Stop,
    Vehicle,
)

WALK = Profile("walk", speed_m_s=1.2)
CART = Profile(
    "cart", 1.5, width_cm=120, needs_fire_lane=True, may_use_steps=False, halts_at_standing_points=True
)


def compound(
    stops: int,
    *,
    seed: int = 1,
    couriers: int | None = None,
    carts: int | None = None,
    ground: Ground | None = None,
) -> Problem:
    """Return a problem with that many stops; the same for the same seed. Without ``ground`` on a grid."""
    rng = random.Random(seed)
    ground = ground or grid(rng)
    wanted = [_stop(rng, i, ground.doors) for i in range(stops)]
    walkers = couriers if couriers is not None else max(3, stops // 10)
    carters = carts if carts is not None else max(1, stops // 30)
    gate, heavy = ground.gate, frozenset({"heavy"})
    vehicles = [
        Vehicle(f"walker{i}", "walk", gate, gate, 0, 10800, 25_000, 60_000, 14) for i in range(walkers)
    ]
    vehicles += [
        Vehicle(f"cart{i}", "cart", gate, gate, 0, 10800, 120_000, 400_000, 60, skills=heavy)
        for i in range(carters)
    ]
    return Problem(
        nodes=ground.nodes,
        lanes=ground.lanes,
        profiles=(WALK, CART),
        vehicles=tuple(vehicles),
        stops=tuple(wanted),
        horizon_s=10800,
        standing_points=ground.points,
    )


def _stop(rng: random.Random, number: int, doors: tuple[str, ...]) -> Stop:
    is_medicine = rng.random() < 0.10
    windows: tuple[tuple[int, int], ...] = ()
    if is_medicine:
        windows = ((0, 1800),)
    elif rng.random() < 0.30:
        start = rng.randrange(0, 7200, 900)
        windows = ((start, start + 2700),)
    parcels = rng.choice((1, 1, 1, 2, 3))
    return Stop(
        id=f"stop{number}",
        node=rng.choice(doors),
        load_g=parcels * rng.randrange(800, 5000),
        volume_ml=parcels * rng.randrange(2000, 9000),
        parcels=parcels,
        service_s=60,
        door_s=rng.randrange(10, 120),
        windows=windows,
        priority=0 if is_medicine else 1,
        is_red=rng.random() < 0.08,
    )


def with_all_rules(problem: Problem, *, seed: int = 1) -> Problem:
    """Return the compound with what no other solver can state, in shares as a committee would have them.

    Medicine late but not too late; storeys, and a courier who may climb few; shelves at half the doors, three homes
    called at once; two couriers for 2 % of the stops; couriers not wanted by 3 %; promises to 20 %; rests; carts that
    load anew; two unmanned vehicles that fail 32 times of a hundred; fair shares.
    """
    rng = random.Random(seed)
    doors = sorted({stop.node for stop in problem.stops})
    shelves = {door for door in doors if rng.random() < 0.5}
    walkers = [v.id for v in problem.vehicles if v.profile == "walk"]
    stops = tuple(_ruled_stop(rng, stop, shelves, walkers) for stop in problem.stops)
    vehicles = tuple(_ruled_vehicle(rng, vehicle) for vehicle in problem.vehicles)
    gate = problem.vehicles[0].start_node
    robots = tuple(
        Vehicle(f"robot{n}", "robot", gate, gate, 0, 10800, 60_000, 250_000, 30, trips=2) for n in range(2)
    )
    work_s = sum(stop.service_s + stop.door_s + 60 for stop in stops)
    return replace(
        problem,
        stops=stops,
        vehicles=(*vehicles, *robots),
        profiles=(*problem.profiles, replace(CART, name="robot", fails_percent=32)),
        shelves=tuple(Shelf(door, 20, 3) for door in sorted(shelves)),
        floor_s=8,
        parcel_s=5,
        fair_work_s=int(1.2 * work_s / len(vehicles)),
    )


def _ruled_stop(rng: random.Random, stop: Stop, shelves: set[str], walkers: list[str]) -> Stop:
    due_s, windows = (1800, ()) if stop.priority == 0 else (None, stop.windows)
    drawn = rng.random()
    promise = (
        Promise(rng.choice(walkers), rng.randrange(600, 7200)) if rng.random() < 0.2 and not windows else None
    )
    return replace(
        stop,
        windows=windows,
        due_s=due_s,
        floors=rng.choice((0, 0, 1, 2, 3, 5)) if stop.node not in shelves else 0,
        shelf=stop.node if stop.node in shelves else None,
        people=2 if drawn < 0.02 and stop.node not in shelves else 1,
        not_by=frozenset({rng.choice(walkers)}) if 0.02 < drawn < 0.05 else frozenset(),
        promised=promise if drawn >= 0.05 else None,
    )


def _ruled_vehicle(rng: random.Random, vehicle: Vehicle) -> Vehicle:
    if vehicle.profile == "cart":
        return replace(vehicle, trips=2)
    drawn = rng.random()
    return replace(
        vehicle,
        max_floors=12 if drawn < 0.2 else None,
        breaks=(Break(3600, 5400, 900),) if 0.2 < drawn < 0.4 else (),
        work_before_s=rng.choice((0, 0, 600, 1800)),
    )
