"""What a helper may take without being asked: a visit that waits for somebody, and that they know how to make."""

from __future__ import annotations

from collections.abc import Set

from server.core.needs.rules.fit import MOST_AT_ONCE
from server.core.needs.rules.kinds import SKILL_OF_KIND, Flow, NeedKind
from server.core.needs.rules.lifecycle import State
from server.kit.errors import Conflict, Refused


def is_claimable(kind: NeedKind, flow: Flow, skills: Set[str]) -> bool:
    """Tell whether somebody with these skills may take needs of the kind; goods go through a shop first."""
    skill = SKILL_OF_KIND.get(kind)
    return flow is Flow.SERVICE and (skill is None or skill in skills)


def check_claim(kind: NeedKind, flow: Flow, state: State, skills: Set[str], in_hand: int) -> None:
    """Raise Refused for what the helper may not take, Conflict for what is not free at the moment.

    ``in_hand``: needs that the helper has taken and not done yet. Each need that is taken shows a door and what the
    home wrote: nobody collects them.
    """
    if not is_claimable(kind, flow, skills):
        raise Refused("needs.not_for_you_to_claim", skill=SKILL_OF_KIND.get(kind))
    if in_hand >= MOST_AT_ONCE:
        raise Refused("needs.enough_in_hand", most=MOST_AT_ONCE)
    if state is not State.TRIAGED:
        raise Conflict("needs.already_taken")
