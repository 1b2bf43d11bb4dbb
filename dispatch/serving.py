"""Who may serve a stop at all: every rule between a courier and a stop by itself, time and load aside."""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle
from dispatch.reach import Reach
from dispatch.rules.goods import can_have_goods
from dispatch.rules.green_before_red import may_still_serve
from dispatch.rules.skills import has_skills
from dispatch.rules.welcome import is_welcome


def may_serve(vehicle: Vehicle, reach: Reach, index: int, stop: Stop) -> bool:
    """Tell whether the vehicle could serve the stop, number ``index``, at all."""
    return (
        has_skills(vehicle, stop)
        and is_welcome(vehicle, stop)
        and reach.halts[index] is not None
        and can_have_goods(vehicle, stop)
        and may_still_serve(vehicle, stop)
    )
