"""Why a need has nobody, and the smallest change that would serve it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core.needs.rules.fit import MOST_AT_ONCE, Able, Wanted, misfit


@dataclass(frozen=True)
class Why:
    """A stable reason, its facts, and a change that would serve the need.

    ``serves``: how many needs it would.
    """

    reason: str
    facts: dict[str, Any]
    change: dict[str, Any] | None


# The nearest miss is told: who was full or said no was closer to serving than who lacks the skill.
NEAREST_FIRST = ("everyone_full", "everyone_said_no", "too_far", "nobody_on_shift_then", "no_one_has_skill")
REASON_OF_MISFIT = {
    "no_skill": "no_one_has_skill",
    "no_shift_then": "nobody_on_shift_then",
    "too_far": "too_far",
    "said_no": "everyone_said_no",
}


def why_nobody(wanted: Wanted, helpers: Sequence[Able], *, now: datetime) -> Why:
    """Return why no helper on shift was given the need.

    The reason of those who come nearest to serving it.
    """
    facts: dict[str, Any] = {"skill": wanted.skill, "on_shift": len(helpers)}
    shift = {
        "kind": "add_shift",
        "skill": wanted.skill,
        "from_at": max(wanted.wanted_from, now).isoformat(),
        "until_at": wanted.wanted_until.isoformat(),
        "serves": 1,
    }
    if not helpers:
        return Why("nobody_on_shift", facts, shift)
    counts: Counter[str] = Counter()
    for helper in helpers:
        missed = misfit(wanted, helper)
        if missed is not None:
            counts[REASON_OF_MISFIT[missed]] += 1
        else:
            # Able, willing and there, yet not given it: the places were taken by others.
            counts["everyone_full"] += 1
    reason = next(name for name in NEAREST_FIRST if counts[name])
    facts.update(dict(sorted(counts.items())))
    if reason == "no_one_has_skill":
        return Why(reason, facts, {"kind": "enrol_skill", "skill": wanted.skill, "serves": 1})
    return Why(reason, facts, shift)


def why_no_shop(
    *, lines: int, covered_somewhere: int, shops: int, shops_full: int, over_limit: int = 0
) -> Why:
    """Return why no shop was given the basket.

    ``lines`` wanted, of which ``covered_somewhere`` some shop has; ``over_limit`` more are there, but this home has
    had its share of them.
    """
    facts = {"lines": lines, "covered": covered_somewhere, "shops": shops}
    if shops == 0:
        return Why("no_shop_open", facts, {"kind": "register_shop", "serves": 1})
    if over_limit and covered_somewhere + over_limit >= lines:
        return Why("household_limit", {**facts, "over_limit": over_limit}, None)
    if covered_somewhere < lines:
        return Why(
            "no_shop_has_it", facts, {"kind": "stock_lines", "lines": lines - covered_somewhere, "serves": 1}
        )
    if shops_full:
        return Why("shops_full", facts, {"kind": "take_more_orders", "serves": 1})
    return Why("shops_said_no", facts, {"kind": "ask_shop_again", "serves": 1})


def together(whys: dict[UUID, Why]) -> dict[UUID, Why]:
    """Return the reasons with changes that say how many needs each would serve.

    One helper serves up to eight.
    """
    key = {need_id: _kind_of(why) for need_id, why in whys.items()}
    alike = Counter(key.values())
    result = {}
    for need_id, why in whys.items():
        serves = min(MOST_AT_ONCE, alike[key[need_id]])
        change = None if why.change is None else {**why.change, "serves": serves}
        result[need_id] = replace(why, change=change)
    return result


def _kind_of(why: Why) -> tuple[str, str | None, str | None]:
    change = why.change or {}
    return why.reason, change.get("kind"), change.get("skill")
