"""A list's rows in their groups: understood, to be looked at, about another place, over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server.modules.zones.rules.dates import Run
from server.modules.zones.rules.lifecycle import RowState
from server.modules.zones.rules.reading import read
from server.modules.zones.rules.resolving import Claim, may_be_near, resolve_all
from server.modules.zones.rules.structure import (
    ANYWHERE,
    Compound,
    Doubt,
    Level,
    Listing,
    Resolved,
    Unclear,
    Within,
)


@dataclass(frozen=True)
class Entry:
    """A row before it is sorted. ``doubts``: of its columns. ``by_hand``: doors a person chose; none if dismissed."""

    text: str
    level: Level | None
    run: Run | None = None
    doubts: tuple[Doubt, ...] = ()
    within: Within = ANYWHERE
    by_hand: frozenset[UUID] | None = None
    is_dismissed: bool = False


@dataclass(frozen=True)
class Sorted:
    """A row with its group. ``doors`` are a proposal only in review."""

    state: RowState
    doors: frozenset[UUID]
    doubts: tuple[Doubt, ...]
    listing: Listing


def sort_rows(entries: Sequence[Entry], compound: Compound, *, today: date) -> list[Sorted]:
    """Return each entry's group and doors. What nobody understood and may be about this compound is in review."""
    listings = [read(entry.text) for entry in entries]
    results = [Sorted(RowState.ELSEWHERE, frozenset(), (), listing) for listing in listings]
    alone = resolve_all([_claim(entry, listings[n]) for n, entry in enumerate(entries)], compound)
    near = [n for n, entry in enumerate(entries) if _is_near(entry, alone[n], listings[n], compound)]
    over = [n for n in near if _is_over(entries[n], today)]
    for n in over:
        results[n] = Sorted(RowState.OVER, frozenset(), (), listings[n])
    live = [n for n in near if n not in set(over)]
    resolved = resolve_all([_claim(entries[n], listings[n]) for n in live], compound)
    found = dict(zip(live, resolved, strict=True))
    for n in live:
        more = _other_days(entries, listings, n, found)
        results[n] = _sorted(entries[n], listings[n], found[n], more)
    return results


def _claim(entry: Entry, listing: Listing) -> Claim:
    return Claim(listing, entry.level, entry.by_hand, entry.is_dismissed, entry.within)


def _is_near(entry: Entry, found: Resolved, listing: Listing, compound: Compound) -> bool:
    if entry.by_hand is not None or entry.is_dismissed:
        return True
    return may_be_near(entry.text, compound) if listing.doubt is not None else not found.is_elsewhere


def _is_over(entry: Entry, today: date) -> bool:
    is_by_hand = entry.by_hand is not None or entry.is_dismissed
    return (
        not is_by_hand
        and entry.run is not None
        and entry.run.until_on is not None
        and entry.run.until_on < today
    )


def _other_days(
    entries: Sequence[Entry], listings: Sequence[Listing], n: int, found: dict[int, Resolved]
) -> tuple[Doubt, ...]:
    """Return a doubt if the row excepts a level whose rows here hold on other days: what is it then without?"""
    excepted = frozenset[Level]().union(*(part.except_levels for part in listings[n].parts))
    others = [m for m in found if entries[m].level in excepted and not found[m].is_elsewhere]
    if all(_covers(entries[m].run, entries[n].run) for m in others):
        return ()
    return (Doubt(Unclear.DATES, ""),)


def _covers(outer: Run | None, inner: Run | None) -> bool:
    """Tell whether one run holds on all days of another; one that is not said is the list's own."""
    if outer is None or inner is None:
        return outer is None or inner is None
    if outer.until_on is not None and (inner.until_on is None or inner.until_on > outer.until_on):
        return False
    if outer.from_on is None or inner.from_on is None:
        return outer.from_on is None
    return outer.from_on <= inner.from_on


def _sorted(entry: Entry, listing: Listing, found: Resolved, more: tuple[Doubt, ...]) -> Sorted:
    if entry.is_dismissed:
        return Sorted(RowState.DISMISSED, frozenset(), (), listing)
    if entry.by_hand is not None:
        return Sorted(RowState.SETTLED, entry.by_hand, (), listing)
    doubts = (*found.doubts, *more, *entry.doubts)
    state = RowState.REVIEW if doubts else RowState.UNDERSTOOD
    return Sorted(state, found.doors, doubts, listing)
