"""One route driven by itself, without times between all stops of its wave."""

from __future__ import annotations

from dataclasses import replace

from dispatch.cutting import restricted
from dispatch.lanes import LaneNetwork
from dispatch.problem import Problem, Vehicle
from dispatch.reach import reaches
from dispatch.rules.two_couriers import needs_two
from dispatch.timing import Driven, drive


def by_itself(
    problem: Problem, network: LaneNetwork, vehicle: Vehicle, driven: Driven, gone: set[str]
) -> tuple[Vehicle, Driven] | None:
    """Return the route without the stops that are ``gone``, anew if there are any; None if nothing is left of it.

    Who meets another courier keeps to the moment they agreed upon.
    """
    kept = [visit for visit in driven.route.visits if visit.stop not in gone]
    if len(kept) == len(driven.route.visits):
        return vehicle, driven
    by_id = {stop.id: stop for stop in problem.stops}
    stops = [by_id[visit.stop] for visit in kept]
    alone = restricted(problem, stops, [vehicle])
    alone = replace(
        alone,
        stops=tuple(
            replace(stop, people=1, windows=((visit.start_s, visit.start_s),))
            if needs_two(by_id[visit.stop])
            else stop
            for stop in alone.stops
            for visit in kept
            if visit.stop == stop.id
        ),
    )
    place = {stop.id: nth for nth, stop in enumerate(alone.stops)}
    order = [place[visit.stop] for visit in kept]
    again = drive(alone, reaches(alone, network)[vehicle.id], 0, alone.vehicles[0], order) if order else None
    if again is None:
        return None
    visits = tuple(
        replace(new, stop=old.stop, carries=old.carries)
        for new, old in zip(again.route.visits, kept, strict=True)
    )
    return vehicle, replace(again, route=replace(again.route, visits=visits))
