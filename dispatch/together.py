"""Stops that need two couriers at once: searched as two stops on two routes, then brought to one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.problem import Problem
from dispatch.timing import earliest_start

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
    heavy = [i for i, stop in enumerate(problem.stops) if stop.people > 1]
    names = [stop.id for stop in problem.stops]
    twins = [ALONE] * (len(names) + len(heavy))
    seconds = []
    for nth, i in enumerate(heavy, start=len(names)):
        # The goods come once: the second courier brings two hands.
        light = replace(
            problem.stops[i], id=f"{names[i]} \N{MULTIPLICATION SIGN}2", load_g=0, volume_ml=0, parcels=0, cold_ml=0,
            kind="visit", shelf=None, only_vehicle=None, promised=None,
        )  # fmt: skip
        seconds.append(light)
        twins[i], twins[nth] = nth, i
    if not heavy:
        return Doubled(problem, tuple(twins), tuple(names), len(names))
    # Both take as long: the parcels of the first count for the second as well.
    lengthened = [
        replace(light, service_s=light.service_s + problem.stops[i].parcels * problem.parcel_s)
        for light, i in zip(seconds, heavy, strict=True)
    ]
    whole = replace(problem, stops=(*problem.stops, *lengthened))
    return Doubled(whole, tuple(twins), (*names, *(names[i] for i in heavy)), len(names))


def is_whole(twins: Sequence[int], orders: dict[str, list[int]]) -> bool:
    """Tell whether every stop with a twin is served on two routes, or not at all."""
    served = {stop for order in orders.values() for stop in order}
    return all(twins[stop] == ALONE or twins[stop] in served for stop in served)


def without_lone(twins: Sequence[int], orders: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return the orders without the stops whose twin is not served."""
    served = {stop for order in orders.values() for stop in order}
    return {
        name: [stop for stop in order if twins[stop] == ALONE or twins[stop] in served]
        for name, order in orders.items()
    }


def meeting(whole: Doubled, starts: dict[int, int]) -> Problem:
    """Return the problem in which those who have to meet do: at the later one's time. ``starts``: stop → second."""
    stops = list(whole.problem.stops)
    for stop, twin in enumerate(whole.twins):
        if twin != ALONE and stop in starts and twin in starts:
            at_s = earliest_start(stops[stop], max(starts[stop], starts[twin]))
            if at_s is not None:
                stops[stop] = replace(stops[stop], windows=((at_s, at_s),))
    for stop, twin in enumerate(whole.twins):
        if twin != ALONE:
            stops[max(stop, twin)] = replace(stops[max(stop, twin)], windows=stops[min(stop, twin)].windows)
    return replace(whole.problem, stops=tuple(stops))
