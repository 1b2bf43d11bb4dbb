"""A stop goes only to who has its skills, can reach it, and has its goods on board if they have left."""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle
from dispatch.reach import Reach
from dispatch.rules.green_before_red import may_still_serve
from dispatch.rules.model import RoutingModel


def may_serve(vehicle: Vehicle, reach: Reach, index: int, stop: Stop) -> bool:
    """Tell whether the vehicle could serve the stop at all, time and load aside."""
    return (
        stop.skills <= vehicle.skills
        and reach.halts[index] is not None
        and can_have_goods(vehicle, stop)
        and may_still_serve(vehicle, stop)
    )


def can_have_goods(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the stop's goods are, or can be, on board. Who has left fetches nothing at the depot."""
    return stop.only_vehicle in (None, vehicle.id) and (
        stop.kind == "visit" or not vehicle.has_left or stop.only_vehicle == vehicle.id
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
