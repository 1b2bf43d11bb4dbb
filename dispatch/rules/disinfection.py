"""Between two trips a vehicle is disinfected where its start can do that; then green stops may follow red ones."""

from __future__ import annotations

from dispatch.problem import Vehicle

NAME = "Disinfection"
REASON = (
    "A cart that was at a home under isolation may carry the virus, and is clean again only once somebody "
    "has cleaned it."
)


def is_red_after_reloading(vehicle: Vehicle, is_red: bool) -> bool:
    """Tell whether a vehicle that was at a red home, or not, still counts as such on its next trip."""
    return is_red and not vehicle.disinfects
