"""A plan costs the seconds travelled and walked, and something for each courier who has to go out at all."""

from __future__ import annotations

import numpy as np

from dispatch.rules.model import RoutingModel


def apply(model: RoutingModel) -> None:
    """Price the arcs of each vehicle."""
    handles: dict[int, int] = {}
    for nth, (_, vehicle) in enumerate(model.vehicles):
        shared = id(model.reach_of(vehicle))
        if shared not in handles:
            travel = model.travel_s(vehicle)
            walk = np.zeros(travel.shape[0], dtype=np.int64)
            walk[: len(model.problem.stops)] = model.walk_s(vehicle)
            handles[shared] = model.matrix(travel + walk[:, None])
        model.routing.SetArcCostEvaluatorOfVehicle(handles[shared], nth)
        model.routing.SetFixedCostOfVehicle(model.problem.weights.vehicle_s, nth)
