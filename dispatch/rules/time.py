"""Service starts within a time window, and a route begins and ends within its courier's shift."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dispatch.engines.model import RoutingModel
from dispatch.rules import green_before_red

TIME = "time"


def apply(model: RoutingModel) -> None:
    """Add the time dimension. Waiting is allowed; a stop's time is the start of its service."""
    horizon = model.problem.horizon_s
    transits: dict[str, int] = {}
    handles = []
    for _, vehicle in model.vehicles:
        if vehicle.profile not in transits:
            travel = green_before_red.without_way_back(model.problem, model.travel_s(vehicle), horizon)
            service = np.zeros(travel.shape[0], dtype=np.int64)
            service[: len(model.problem.stops)] = model.service_s(vehicle)
            transits[vehicle.profile] = model.matrix(travel + service[:, None])
        handles.append(transits[vehicle.profile])
    model.routing.AddDimensionWithVehicleTransits(handles, horizon, horizon, False, TIME)
    time = model.routing.GetDimensionOrDie(TIME)
    _keep_windows(model, time)
    for nth, (_, vehicle) in enumerate(model.vehicles):
        start, end = max(0, vehicle.shift_start_s), min(vehicle.shift_end_s, horizon)
        time.CumulVar(model.routing.Start(nth)).SetRange(start, end)
        time.CumulVar(model.routing.End(nth)).SetRange(start, end)
        # Of equal plans the one that starts late and ends early: nobody stands about with a full cart.
        model.routing.AddVariableMinimizedByFinalizer(time.CumulVar(model.routing.End(nth)))


def _keep_windows(model: RoutingModel, time: object) -> None:
    for number, stop in enumerate(model.problem.stops):
        cumul = time.CumulVar(model.stop_index(number))  # type: ignore[attr-defined]  # OR-Tools' bindings are untyped
        windows = sorted(stop.windows)
        if windows:
            cumul.SetRange(windows[0][0], min(max(end for _, end in windows), model.problem.horizon_s))
            for (_, end), (start, _) in pairwise(windows):
                if start > end + 1:
                    cumul.RemoveInterval(end + 1, start - 1)
        if stop.due_s is not None:
            time.SetCumulVarSoftUpperBound(  # type: ignore[attr-defined]
                model.stop_index(number), stop.due_s, model.problem.weights.late
            )
