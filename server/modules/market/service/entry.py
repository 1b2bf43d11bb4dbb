"""Many items at once: what a table would do to a shop's stock is shown first, and then done in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit.errors import Conflict, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Item
from server.modules.market.rules.entry import EntryFate, EntryRow, Wrong, read_entry
from server.modules.market.rules.history import Cause
from server.modules.market.service.stock import change_item, stock_item

MUST = ("name", "unit", "price_fen", "on_hand")


@dataclass(frozen=True)
class Planned:
    """One row, the item that it means, and what it changes there. ``before``: of the columns that it changes."""

    line: int
    fate: EntryFate
    said: dict[str, Any]
    wrong: tuple[Wrong, ...]
    item: Item | None
    changes: dict[str, Any]
    before: dict[str, Any]


@dataclass(frozen=True)
class EntryPlan:
    """What a table would do now. ``digest`` changes when that does."""

    rows: list[Planned]
    digest: str

    def count(self, fate: EntryFate) -> int:
        return sum(row.fate is fate for row in self.rows)


def plan_entry(session: Session, community: CommunityRef, merchant_id: UUID, text: str) -> EntryPlan:
    """Return what the table would do to the shop's stock; nothing is changed. Raises as ``read_entry``."""
    items = session.scalars(
        select(Item)
        .where(Item.community_id == community.id, Item.merchant_id == merchant_id)
        .execution_options(populate_existing=True)
    ).all()
    by_name = {(item.name, item.unit): item for item in items}
    by_code: dict[str | None, Item] = {item.barcode: item for item in items if item.barcode}
    rows = [_planned(row, by_name, by_code) for row in read_entry(text)]
    rows = _without_twins(rows)
    return EntryPlan(rows, _digest(rows))


def enter(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    merchant_id: UUID,
    text: str,
    digest: str,
    *,
    skips_wrong: bool,
) -> EntryPlan:
    """Do what was shown: all of it or nothing.

    Raises Conflict("market.entry_moved_on") if it would do something else by now; Refused("market.entry_wrong") while
    rows are wrong, unless they are to be left out.
    """
    plan = plan_entry(session, community, merchant_id, text)
    if plan.digest != digest:
        raise Conflict("market.entry_moved_on")
    if plan.count(EntryFate.WRONG) and not skips_wrong:
        raise Refused("market.entry_wrong", rows=plan.count(EntryFate.WRONG))
    # In the order of ids, as everybody locks items.
    changed = [row for row in plan.rows if row.fate is EntryFate.CHANGE and row.item is not None]
    for row in sorted(changed, key=lambda row: row.item.id if row.item else UUID(int=0)):
        assert row.item is not None
        change_item(session, actor, row.item, cause=Cause.IMPORTED, **row.changes)
    for row in plan.rows:
        if row.fate is EntryFate.NEW:
            stock_item(session, actor, community.id, merchant_id, cause=Cause.IMPORTED, **row.said)
    return plan


def _planned(row: EntryRow, by_name: dict[tuple[str, str], Item], by_code: dict[str | None, Item]) -> Planned:
    said, wrong = row.said, list(row.wrong)
    coded = by_code.get(said.get("barcode"))
    named = by_name.get((said.get("name", ""), said.get("unit", "")))
    item = coded or named
    if coded and any(
        said.get(name, getattr(coded, name)) != getattr(coded, name) for name in ("name", "unit")
    ):
        wrong.append(Wrong("barcode", "another_item"))
    if item is None:
        wrong += [
            Wrong(column, "missing")
            for column in MUST
            if column not in said and column not in {problem.column for problem in wrong}
        ]
    elif said.get("on_hand", item.reserved) < item.reserved:
        wrong.append(Wrong("on_hand", "below_reserved"))
    if (
        said.get("tolerance_percent") is not None
        and said.get("weight_g", item.weight_g if item else 500) == 0
    ):
        wrong.append(Wrong("weight_g", "unit_weighs_nothing"))
    changes = {
        name: value
        for name, value in said.items()
        if item is not None and name not in ("name", "unit") and getattr(item, name) != value
    }
    fate = EntryFate.NEW if item is None else EntryFate.CHANGE if changes else EntryFate.SAME
    return Planned(
        row.line,
        EntryFate.WRONG if wrong else fate,
        said,
        tuple(wrong),
        item,
        changes,
        {name: getattr(item, name) for name in changes},
    )


def _without_twins(rows: Sequence[Planned]) -> list[Planned]:
    """Mark rows that mean one thing twice: which of them is right, nobody can say."""
    names: Counter[Any] = Counter()
    for row in rows:
        names.update(_keys(row))
    return [
        replace(row, fate=EntryFate.WRONG, wrong=(*row.wrong, Wrong("", "twice")))
        if any(names[key] > 1 for key in _keys(row))
        else row
        for row in rows
    ]


def _keys(row: Planned) -> set[Any]:
    found: set[Any] = {row.item.id} if row.item else set()
    if "name" in row.said and "unit" in row.said:
        found.add((row.said["name"], row.said["unit"]))
    if row.said.get("barcode"):
        found.add(row.said["barcode"])
    return found


def _digest(rows: Sequence[Planned]) -> str:
    told = [
        [row.line, row.fate, row.said, str(row.item.id) if row.item else None, row.before] for row in rows
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
