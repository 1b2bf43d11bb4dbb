"""A stop goes only to who has the skills it needs, can reach it, and carries its goods if they are on board."""

from __future__ import annotations

from dispatch.engines.model import RoutingModel
from dispatch.problem import Stop, Vehicle
from dispatch.reach import Reach


def may_serve(vehicle: Vehicle, reach: Reach, index: int, stop: Stop) -> bool:
    """Tell whether the vehicle could serve the stop at all, time and load aside."""
    return (
        stop.skills <= vehicle.skills
        and reach.halts[index] is not None
        and stop.only_vehicle in (None, vehicle.id)
        # Who has left the depot cannot fetch anything there any more.
        and (stop.kind == "visit" or not vehicle.has_left or stop.only_vehicle == vehicle.id)
    )


def apply(model: RoutingModel) -> None:
    """Restrict each stop to the vehicles that may serve it."""
    for index, stop in enumerate(model.problem.stops):
        able = [
            nth
            for nth, (_, vehicle) in enumerate(model.vehicles)
            if may_serve(vehicle, model.reach_of(vehicle), index, stop)
        ]
        # -1 is "left out"; the bindings of SetAllowedVehiclesForIndex do not take a Python list.
        model.routing.VehicleVar(model.stop_index(index)).SetValues([-1, *able])
