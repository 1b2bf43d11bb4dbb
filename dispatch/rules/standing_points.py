"""A vehicle halts only at a marked standing point wide enough for it, near enough to carry the goods from there."""

from __future__ import annotations

from math import ceil

from dispatch.problem import Problem, Profile

NAME = "Standing points"
REASON = (
    "A cart left anywhere else blocks the fire engine, and goods are not carried across half a compound "
    "by hand."
)


def wide_nodes(problem: Problem, profile: Profile) -> set[str]:
    """Return the nodes of the standing points that are wide enough for the profile."""
    return {point.node for point in problem.standing_points if point.width_cm >= profile.width_cm}


def longest_walk_s(problem: Problem) -> int:
    """Return how many seconds on foot goods may be carried from a standing point."""
    return ceil(problem.max_walk_m / problem.profile(problem.walking_profile).speed_m_s)
