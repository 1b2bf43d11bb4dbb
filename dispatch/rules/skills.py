"""A stop goes only to who has its skills, may go there, can reach it, and can have its goods."""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle
from dispatch.reach import Reach
from dispatch.rules.green_before_red import may_still_serve


def may_serve(vehicle: Vehicle, reach: Reach, index: int, stop: Stop) -> bool:
    """Tell whether the vehicle could serve the stop at all, time and load aside."""
    return (
        stop.skills <= vehicle.skills
        and is_welcome(vehicle, stop)
        and reach.halts[index] is not None
        and can_have_goods(vehicle, stop)
        and may_still_serve(vehicle, stop)
    )


def is_welcome(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the stop wants this vehicle or does not mind."""
    return vehicle.id not in stop.not_by and (not stop.only_by or vehicle.id in stop.only_by)


def can_have_goods(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the stop's goods are, or can be, on board.

    Who has left fetches nothing at the depot; goods at another gate are not to be had; who goes out several times
    picks up nothing on the way.
    """
    if stop.only_vehicle is not None or stop.kind == "visit":
        return stop.only_vehicle in (None, vehicle.id)
    if stop.kind == "pickup" or stop.goods_from is not None:
        return vehicle.trips == 1
    return not vehicle.has_left and stop.depot in (None, vehicle.start_node)
