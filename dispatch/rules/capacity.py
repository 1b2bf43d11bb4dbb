"""A vehicle carries no more grams, millilitres and parcels than it can hold.

All goods of a route are loaded at its start.
"""

from __future__ import annotations

from dispatch.rules.model import RoutingModel

LOADS = ("load_g", "volume_ml", "parcels")


def apply(model: RoutingModel) -> None:
    """Add one dimension for each kind of load."""
    for load in LOADS:
        values = [int(getattr(stop, load)) for stop in model.problem.stops]
        capacities = [int(getattr(vehicle, load)) for _, vehicle in model.vehicles]
        model.routing.AddDimensionWithVehicleCapacity(model.vector(values), 0, capacities, True, load)
