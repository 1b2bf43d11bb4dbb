"""A compound made by a seed, and what the dispatcher makes of it: `python -m dispatch.bench.compound`.

A 9 by 6 grid of lanes with dead ends, 40 buildings, one gate, couriers on foot and with carts; about 30 %
of the stops have a time window, 10 % are medicine due in the first half hour, 8 % are homes under
isolation.
"""

from __future__ import annotations

import argparse
import os
import platform
import random

from dispatch.baseline import baseline
from dispatch.check import check
from dispatch.problem import Lane, Node, Problem, Profile, StandingPoint, Stop, Vehicle
from dispatch.solve import Limits, solve

COLUMNS, ROWS, PITCH_M = 9, 6, 40.0
WALK = Profile("walk", speed_m_s=1.2)
CART = Profile(
    "cart", 1.5, width_cm=120, needs_fire_lane=True, may_use_steps=False, halts_at_standing_points=True
)


def compound(stops: int, *, seed: int = 1, couriers: int | None = None, carts: int | None = None) -> Problem:
    """Return a problem with that many stops; the same for the same seed."""
    rng = random.Random(seed)
    nodes = [Node(f"n{c}-{r}", c * PITCH_M, r * PITCH_M) for c in range(COLUMNS) for r in range(ROWS)]
    lanes = _lanes(rng)
    doors = []
    for building in range(40):
        beside = nodes[rng.randrange(len(nodes))]
        door = Node(f"door{building}", beside.x_m + rng.uniform(5, 18), beside.y_m + rng.uniform(5, 18))
        length = abs(door.x_m - beside.x_m) + abs(door.y_m - beside.y_m)
        lanes.append(Lane(f"path{building}", beside.id, door.id, length, 100))
        doors.append(door)
    points = [
        StandingPoint(f"s{i}", f"n{c}-{r}")
        for i, (c, r) in enumerate((c, r) for c in range(0, 9, 2) for r in range(0, 6, 2))
    ]
    wanted = [_stop(rng, i, doors) for i in range(stops)]
    walkers = couriers if couriers is not None else max(3, stops // 10)
    carters = carts if carts is not None else max(1, stops // 30)
    vehicles = [
        Vehicle(f"walker{i}", "walk", "n0-0", "n0-0", 0, 10800, 25_000, 60_000, 14) for i in range(walkers)
    ]
    vehicles += [
        Vehicle(
            f"cart{i}", "cart", "n0-0", "n0-0", 0, 10800, 120_000, 400_000, 60, skills=frozenset({"heavy"})
        )
        for i in range(carters)
    ]
    return Problem(
        nodes=(*nodes, *doors),
        lanes=tuple(lanes),
        profiles=(WALK, CART),
        vehicles=tuple(vehicles),
        stops=tuple(wanted),
        horizon_s=10800,
        standing_points=tuple(points),
    )


def _lanes(rng: random.Random) -> list[Lane]:
    lanes = []
    for c in range(COLUMNS):
        for r in range(ROWS):
            is_main = c % 2 == 0 or r % 2 == 0
            width = 400 if is_main else 180
            if c + 1 < COLUMNS and (r % 2 == 0 or rng.random() < 0.7):
                lanes.append(
                    Lane(f"h{c}-{r}", f"n{c}-{r}", f"n{c + 1}-{r}", PITCH_M, width, is_fire_lane=is_main)
                )
            if r + 1 < ROWS and (c % 2 == 0 or rng.random() < 0.7):
                lanes.append(
                    Lane(f"v{c}-{r}", f"n{c}-{r}", f"n{c}-{r + 1}", PITCH_M, width, is_fire_lane=is_main)
                )
    return lanes


def _stop(rng: random.Random, number: int, doors: list[Node]) -> Stop:
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
        node=rng.choice(doors).id,
        load_g=parcels * rng.randrange(800, 5000),
        volume_ml=parcels * rng.randrange(2000, 9000),
        parcels=parcels,
        service_s=60,
        door_s=rng.randrange(10, 120),
        windows=windows,
        priority=0 if is_medicine else 1,
        is_red=rng.random() < 0.08,
    )


def main() -> None:
    """Print what the plain rule of thumb and the dispatcher make of three sizes, at the given time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--sizes", type=int, nargs="*", default=[90, 200, 500])
    args = parser.parse_args()
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("stops  baseline cost  (unserved)  dispatcher cost  (unserved)  violations  seconds")
    for size in args.sizes:
        problem = compound(size)
        plain = baseline(problem)
        plan = solve(problem, Limits(args.seconds))
        print(
            f"{size:5}  {plain.cost.total:13}  {len(plain.unserved):10}  {plan.cost.total:15}  "
            f"{len(plan.unserved):10}  {len(check(problem, plan)):10}  {plan.seconds:7.1f}"
        )


if __name__ == "__main__":
    main()
