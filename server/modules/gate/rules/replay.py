"""What a change of the rules would have done to the exits that were recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from server.modules.gate.rules.leaving import Exit, Rules, why_not

# Reasons that come from the rules; the others (a forged code, a revoked pass) hold under any.
RULED = frozenset({"kind", "purpose", "gate", "hours", "quota", "reading_missing"})


@dataclass(frozen=True)
class RecordedExit:
    """A scan on the way out as it was recorded. ``other_reasons``: those that no rule of ours can change."""

    home_id: UUID | None
    leaving: Exit
    was_let_out: bool
    was_override: bool = False
    other_reasons: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Effect:
    """Before and after. ``stopped``: were let out and would not have been; ``freed``: the other way round."""

    exits: int
    let_out: int
    would_be_let_out: int
    stopped: int
    freed: int
    stopped_by: dict[str, int]


def replay(rules: Rules, recorded: Iterable[RecordedExit]) -> Effect:
    """Weigh recorded exits, in the order of time, against ``rules``.

    An exit that these rules would have stopped does not count against the home's quota later on. What was let out by
    an override would be so again. Temperatures are not kept, so a rule on fever is not replayed.
    """
    exits_of: dict[UUID, list[date]] = defaultdict(list)
    exits = let_out = would = stopped = freed = 0
    by: Counter[str] = Counter()
    for one in sorted(recorded, key=lambda r: r.leaving.at):
        earlier = tuple(exits_of[one.home_id]) if one.home_id else ()
        reasons = why_not(rules, replace(one.leaving, earlier=earlier))
        goes = one.was_override or not (reasons or one.other_reasons)
        if goes and one.home_id and one.leaving.purpose not in rules.exempt_purposes:
            exits_of[one.home_id].append(one.leaving.at.date())
        exits += 1
        let_out += one.was_let_out
        would += goes
        if one.was_let_out and not goes:
            stopped += 1
            by.update({reason.code for reason in reasons})
        freed += goes and not one.was_let_out
    return Effect(exits, let_out, would, stopped, freed, dict(by))
