"""Ways along the lanes as they are drawn, and whether a plan made earlier still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from dispatch import Problem
from dispatch.lanes import LaneNetwork
from server.core.deliveries.planning.inputs import PROFILES, Inputs, PlanBreak, PlanStop


def what_changed(
    planned: Iterable[PlanStop],
    routed: Mapping[UUID, tuple[PlanBreak, ...]],
    network_version: int,
    now: Inputs,
) -> str | None:
    """Return why a plan made from these does not hold any more; None if it does.

    What has come since waits for the next wave and changes nothing. ``routed``: who goes on a route, with the breaks
    that were asked for.
    """
    if network_version != now.network.version:
        return "lanes_changed"
    helpers = {helper.id: helper for helper in now.helpers}
    if not set(routed) <= set(helpers):
        return "courier_gone"
    if any(set(breaks) != set(helpers[helper_id].breaks) for helper_id, breaks in routed.items()):
        return "rest_changed"
    present = {stop.id: stop for stop in now.stops}
    for stop in planned:
        other = present.get(stop.id)
        if other is None or not set(stop.parcel_ids) <= set(other.parcel_ids):
            return "stop_gone"
        # Whoever was told green must not meet a home under isolation, nor a shelf in its building.
        if (stop.is_red, stop.is_sealed, stop.only_helper) != (
            other.is_red,
            other.is_sealed,
            other.only_helper,
        ):
            return "home_changed"
    return None


@dataclass(frozen=True)
class Leg:
    """A part of a route as planned: the way to a halt, and the seconds on foot from there to the stop and back."""

    from_node: str
    halt_node: str
    stop_node: str
    walk_s: int
    points: list[Any]


def is_still_the_way(inputs: Inputs, problem: Problem, legs: Iterable[Leg]) -> bool:
    """Tell whether the only courier would still go exactly so."""
    ways = Ways(inputs, problem)
    return all(
        ways.points(inputs.helpers[0].profile, leg.from_node, leg.halt_node) == leg.points
        and ways.walk_s(leg.halt_node, leg.stop_node) == leg.walk_s
        for leg in legs
    )


class Ways:
    """Ways along the lanes as polylines."""

    def __init__(self, inputs: Inputs, problem: Problem) -> None:
        self.network = LaneNetwork(problem)
        self.profiles = {profile.name: profile for profile in PROFILES}
        self.at = {str(n.id): [n.x_m, n.y_m] for n in inputs.network.nodes}
        self.between: dict[tuple[str, str], list[list[float]]] = {}
        longest_first: Iterable[Any] = sorted(inputs.network.lanes, key=lambda lane: -lane.length_m)
        for lane in longest_first:
            if lane.state == "open":
                ends = (str(lane.from_node), str(lane.to_node))
                self.between[ends] = lane.points
                self.between[ends[::-1]] = lane.points[::-1]

    def points(self, profile: str, from_node: str, to_node: str) -> list[list[float]]:
        """Return the way's corners in local metres."""
        nodes = self.network.path(self.profiles[profile], from_node, to_node)
        if len(nodes) < 2:
            return [self.at[to_node]]
        way: list[list[float]] = []
        for pair in pairwise(nodes):
            points = self.between.get(pair, [self.at[pair[0]], self.at[pair[1]]])
            way.extend(points if not way else points[1:])
        return way

    def walk_s(self, halt_node: str, stop_node: str) -> int:
        """Return the seconds on foot from a halt to a stop and back."""
        times = self.network.lane_times(self.profiles["walk"], [halt_node, stop_node])
        return int(times[0, 1]) + int(times[1, 0])
