"""Service starts within a time window; a route keeps to its courier's shift and longest time out."""

from __future__ import annotations

from typing import Any

import numpy as np

from dispatch.rules import green_before_red
from dispatch.rules.model import RoutingModel

TIME = "time"


def apply(model: RoutingModel) -> None:
    """Add the time dimension. Waiting is allowed; a stop's time is the start of its service."""
    horizon = model.problem.horizon_s
    transits: dict[int, int] = {}
    handles = []
    for _, vehicle in model.vehicles:
        shared = id(model.reach_of(vehicle))
        if shared not in transits:
            travel = green_before_red.without_way_back(model.problem, model.travel_s(vehicle), horizon)
            service = np.zeros(travel.shape[0], dtype=np.int64)
            service[: len(model.problem.stops)] = model.service_s(vehicle)
            transits[shared] = model.matrix(travel + service[:, None])
        handles.append(transits[shared])
    model.routing.AddDimensionWithVehicleTransits(handles, horizon, horizon, False, TIME)
    time = model.routing.GetDimensionOrDie(TIME)
    _keep_windows(model, time)
    for nth, (_, vehicle) in enumerate(model.vehicles):
        if vehicle.max_route_s is not None:
            time.SetSpanUpperBoundForVehicle(vehicle.max_route_s, nth)
        start, end = max(0, vehicle.shift_start_s), min(vehicle.shift_end_s, horizon)
        time.CumulVar(model.routing.Start(nth)).SetRange(start, end)
        time.CumulVar(model.routing.End(nth)).SetRange(start, end)
        # Of equal plans the one that starts late and ends early: nobody stands about with a full cart.
        model.routing.AddVariableMinimizedByFinalizer(time.CumulVar(model.routing.End(nth)))


def _keep_windows(model: RoutingModel, time: Any) -> None:
    horizon = model.problem.horizon_s
    for number, stop in enumerate(model.problem.stops):
        index = model.stop_index(number)
        cumul = time.CumulVar(index)
        windows = sorted((start, min(end, horizon)) for start, end in stop.windows if start <= horizon)
        if stop.windows and not windows:
            # Nobody can come within this wave; an empty range would make the whole model contradict itself.
            model.routing.VehicleVar(index).SetValues([-1])
        elif windows:
            cumul.SetRange(windows[0][0], max(end for _, end in windows))
            until = windows[0][1]
            for start, end in windows[1:]:
                if start > until + 1:
                    cumul.RemoveInterval(until + 1, start - 1)
                until = max(until, end)
        if stop.due_s is not None:
            time.SetCumulVarSoftUpperBound(index, max(0, stop.due_s), model.problem.weights.late)
