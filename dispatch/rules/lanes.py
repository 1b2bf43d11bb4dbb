"""Who may travel along a lane: it is open, wide enough, without steps for wheels, a fire lane if need be."""

from __future__ import annotations

from dispatch.problem import Lane, Profile

NAME = "Lanes"
REASON = (
    "A cart that is stuck between two walls, before steps or on a closed lane delivers nothing and blocks "
    "the ambulance."
)

STAIR_MS = 500  # half a second a step, up or down: Fujiyama & Tyler 2004, table 3, rounded
SHORTEST_LANE_MS = 1
MS_PER_S = 1000


def lane_ms(lane: Lane, profile: Profile) -> int:
    """Return the milliseconds that the profile takes along a lane.

    Whole numbers, so that every sum is exact.
    """
    return max(SHORTEST_LANE_MS, round(lane.length_m / profile.speed_m_s * MS_PER_S) + lane.steps * STAIR_MS)


def may_pass(lane: Lane, profile: Profile) -> bool:
    """Tell whether the profile may travel along a lane at all."""
    return (
        lane.is_open
        and lane.width_cm >= profile.width_cm
        and (profile.may_use_steps or lane.steps == 0)
        and (lane.is_fire_lane or not profile.needs_fire_lane)
    )


def may_return(lane: Lane, profile: Profile) -> bool:
    """Tell whether the profile may travel along the lane the other way, if it may travel along it at all."""
    return not (lane.is_oneway and profile.obeys_oneway)
