"""A yard small enough to check by hand, for the tests of the dispatcher.

    gate ──100 m── mid ──100 m── far        both lanes: 4 m wide fire lanes
                    │              │
                  20 m           20 m       paths: 1 m wide, no fire lanes
                    │              │
                  door1          door2

On foot 1 m/s, carts 2 m/s: every time in seconds can be read off the drawing. Carts may stand at mid and far.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dispatch import Limits, Plan, Problem, check, solve
from dispatch.problem import Lane, Node, Profile, StandingPoint, Stop, Vehicle

WALK = Profile("walk", speed_m_s=1.0, width_cm=60)
CART = Profile(
    "cart", 2.0, width_cm=120, needs_fire_lane=True, may_use_steps=False, halts_at_standing_points=True
)
QUICK = Limits(0.1)


def walker(name: str = "walker", **changes: Any) -> Vehicle:
    """Return somebody on foot at the gate for an hour, with 20 kg of room."""
    return replace(Vehicle(name, "walk", "gate", "gate", 0, 3600, 20_000, 50_000, 10), **changes)


def cart(name: str = "cart", **changes: Any) -> Vehicle:
    """Return a cart at the gate for an hour, with 100 kg of room."""
    return replace(Vehicle(name, "cart", "gate", "gate", 0, 3600, 100_000, 400_000, 50), **changes)


def stop(name: str = "s1", node: str = "door1", **changes: Any) -> Stop:
    """Return a parcel of a kilogram; a minute at the door."""
    return replace(Stop(name, node, load_g=1000, volume_ml=1000, parcels=1), **changes)


def yard(*stops: Stop, vehicles: tuple[Vehicle, ...] | None = None, **changes: Any) -> Problem:
    """Return the yard's problem for these stops; one walker if no vehicles are named."""
    facts: dict[str, Any] = {
        "nodes": (
            Node("gate", 0, 0),
            Node("mid", 100, 0),
            Node("far", 200, 0),
            Node("door1", 100, 20),
            Node("door2", 200, 20),
        ),
        "lanes": (
            Lane("gate-mid", "gate", "mid", 100, 400, is_fire_lane=True),
            Lane("mid-far", "mid", "far", 100, 400, is_fire_lane=True),
            Lane("path1", "mid", "door1", 20, 100),
            Lane("path2", "far", "door2", 20, 100),
        ),
        "profiles": (WALK, CART),
        "vehicles": (walker(),) if vehicles is None else vehicles,
        "stops": stops,
        "horizon_s": 3600,
        "standing_points": (StandingPoint("p-mid", "mid"), StandingPoint("p-far", "far")),
    }
    return Problem(**(facts | changes))


def with_lane(problem: Problem, lane_id: str, **changes: Any) -> Problem:
    """Return the problem with one lane changed."""
    lanes = tuple(replace(lane, **changes) if lane.id == lane_id else lane for lane in problem.lanes)
    return replace(problem, lanes=lanes)


def planned(problem: Problem, limits: Limits = QUICK) -> Plan:
    """Return a plan that the checker has nothing against."""
    plan = solve(problem, limits)
    assert check(problem, plan) == []
    return plan


def orders(plan: Plan) -> dict[str, list[str]]:
    """Return vehicle → stops in order."""
    return {route.vehicle: [visit.stop for visit in route.visits] for route in plan.routes}


def reasons(plan: Plan) -> dict[str, str]:
    """Return stop → why it is not served."""
    return {unserved.stop: unserved.reason for unserved in plan.unserved}
