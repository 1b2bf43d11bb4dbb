"""A stop goes only to who has its goods on board, or can fetch them where they lie.

Who has left fetches nothing at the depot; goods at another gate are not to be had; who goes out several times
picks up nothing on the way.
"""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle
from dispatch.rules.pickups import is_of_pair

NAME = "Where the goods are"
REASON = "A courier without the goods in the bag stands before the door with empty hands."


def can_have_goods(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the stop's goods are, or can be, on board."""
    if stop.only_vehicle is not None or stop.kind == "visit":
        return stop.only_vehicle in (None, vehicle.id)
    if is_of_pair(stop):
        return vehicle.trips == 1
    return not vehicle.has_left and stop.depot in (None, vehicle.start_node)
