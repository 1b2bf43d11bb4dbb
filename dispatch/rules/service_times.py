"""A stop takes its service and the way to the door, and longer with each storey and each parcel."""

from __future__ import annotations

from dispatch.problem import Problem, Stop

NAME = "Time at the door"
REASON = "A plan that forgets the stairs is late at every door behind the first."


def service_s(problem: Problem, stop: Stop) -> int:
    """Return the seconds at a stop without the walk from a standing point."""
    return stop.service_s + stop.door_s + stop.floors * problem.floor_s + stop.parcels * problem.parcel_s
