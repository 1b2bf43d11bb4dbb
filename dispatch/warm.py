"""Compiles the search before anybody waits for it: `python -m dispatch.warm`, part of the installation.

Numba keeps what it compiled beside the source; where that cannot be written, in the user's cache folder. A process that
has the search loaded plans a small wave in milliseconds; compiling takes about two minutes, loading some seconds.
"""

from __future__ import annotations

from dispatch.problem import Lane, Node, Problem, Profile, Stop, Vehicle
from dispatch.solve import Limits, solve


def warm_up() -> None:
    """Plan a wave of two stops, and again from its plan."""
    nodes = (Node("gate", 0.0, 0.0), Node("door", 60.0, 0.0))
    lanes = (Lane("lane", "gate", "door", 60.0, 300),)
    courier = Vehicle("courier", "walk", "gate", "gate", 0, 3600, 10_000, 10_000, 10)
    stops = (Stop("a", "door", parcels=1), Stop("b", "door", parcels=1))
    problem = Problem(nodes, lanes, (Profile("walk", 1.2),), (courier,), stops, 3600)
    # Beginning from a plan has code of its own, and a wave whose couriers have to meet begins from one.
    solve(problem, Limits(0.1), start=solve(problem, Limits(0.1)))


if __name__ == "__main__":
    warm_up()
