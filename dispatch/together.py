"""Stops that need two couriers at once: searched as two stops on two routes, then brought to one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.problem import Problem
from dispatch.rules.two_couriers import meeting_s, needs_two, two_hands

ALONE = -1


@dataclass(frozen=True)
class Doubled:
    """The problem with a second stop for each that needs two couriers.

    ``twins``: the other one, or ALONE; ``names``: of the problem's own stops, ``own`` many, and of the seconds'.
    """

    problem: Problem
    twins: tuple[int, ...]
    names: tuple[str, ...]
    own: int


def doubled(problem: Problem) -> Doubled:
    """Return the problem as the search reads it."""
    heavy = [i for i, stop in enumerate(problem.stops) if needs_two(stop)]
    names = [stop.id for stop in problem.stops]
    twins = [ALONE] * (len(names) + len(heavy))
    for nth, i in enumerate(heavy, start=len(names)):
        twins[i], twins[nth] = nth, i
    if not heavy:
        return Doubled(problem, tuple(twins), tuple(names), len(names))
    seconds = [two_hands(problem.stops[i], problem.parcel_s) for i in heavy]
    whole = replace(problem, stops=(*problem.stops, *seconds))
    return Doubled(whole, tuple(twins), (*names, *(names[i] for i in heavy)), len(names))


def is_whole(twins: Sequence[int], orders: dict[str, list[int]]) -> bool:
    """Tell whether every stop with a twin is served on two routes, or not at all."""
    served = {stop for order in orders.values() for stop in order}
    return all(twins[stop] == ALONE or twins[stop] in served for stop in served)


def without_lone(
    twins: Sequence[int], orders: dict[str, list[int]], met: set[int] | None = None
) -> dict[str, list[int]]:
    """Return the orders without the stops whose twin is not served, or served at another moment (not in ``met``)."""
    served = {stop for order in orders.values() for stop in order}
    served &= served if met is None else met
    return {
        name: [stop for stop in order if twins[stop] == ALONE or twins[stop] in served]
        for name, order in orders.items()
    }


def meeting(whole: Doubled, starts: dict[int, int]) -> tuple[Problem, set[int]]:
    """Return the problem in which those who have to meet do, at the later one's time, and the stops where they do.

    ``starts``: stop → second.
    """
    stops, met = list(whole.problem.stops), set()
    for stop, twin in enumerate(whole.twins):
        if twin != ALONE and stop in starts and twin in starts:
            at_s = meeting_s(stops[stop], starts[stop], starts[twin])
            if at_s is not None:
                stops[stop] = replace(stops[stop], windows=((at_s, at_s),))
                met |= {stop, twin}
    for stop, twin in enumerate(whole.twins):
        if twin != ALONE:
            stops[max(stop, twin)] = replace(stops[max(stop, twin)], windows=stops[min(stop, twin)].windows)
    return replace(whole.problem, stops=tuple(stops)), met
