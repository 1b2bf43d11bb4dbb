"""Importing a list, reading its rows anew, and deciding on a row by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.zones.events import ListChanged
from server.modules.zones.models import ZoneList, ZoneRow
from server.modules.zones.rules import lifecycle
from server.modules.zones.rules.dates import Run
from server.modules.zones.rules.lifecycle import BY_HAND, ListState, RowState
from server.modules.zones.rules.sheet import Row, read_rows
from server.modules.zones.rules.sorting import Entry, Sorted, sort_rows
from server.modules.zones.rules.standing import today_in
from server.modules.zones.rules.structure import Compound, Door, Doubt, Level, Part, Unclear, Within


@dataclass(frozen=True)
class NewList:
    """What an officer imports. ``level``, ``year``: where the list says none."""

    name: str
    text: str
    level: Level | None = None
    year: int | None = None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a person says a row means: these doors, or, without any, that it is not about us.

    ``level`` and days replace what the row says; they are needed where that was not understood.
    """

    door_ids: frozenset[UUID]
    why: str
    level: Level | None = None
    from_on: date | None = None
    until_on: date | None = None


def import_list(session: Session, actor: Actor, community: CommunityRef, wanted: NewList) -> ZoneList:
    """Store a list with each row's reading. Nothing happens to anybody yet. Raises Refused for what is no list."""
    now = clock.now()
    today = today_in(community.zone, now)
    rows = read_rows(wanted.text, usual=wanted.level, year=wanted.year or today.year)
    made = ZoneList(
        id=new_id(),
        community_id=community.id,
        name=wanted.name.strip(),
        state=ListState.DRAFT,
        other_names=[name.strip() for name in wanted.other_names if name.strip()],
        hands=[str(actor.id)],
        imported_by=actor.id,
        imported_at=now,
    )
    session.add(made)
    session.flush()
    session.add_all(_row(made, row) for row in rows)
    session.flush()
    sort_again(session, community, made)
    record(session, actor, community.id, "zones.imported", ("zones", made.id), facts={"rows": len(rows)})
    tell(session, made)
    return made


def sort_again(
    session: Session, community: CommunityRef, found: ZoneList, *, only_near: bool = False
) -> list[ZoneRow]:
    """Read and resolve every row anew on the map as it is now; what a person decided stays decided.

    ``only_near``: leave those alone that are about other places, which no decision on another row can change.
    """
    rows = rows_of(session, found)
    if only_near:
        rows = [row for row in rows if row.state != RowState.ELSEWHERE]
    sorted_rows = sort_rows(
        [_entry(row) for row in rows],
        compound_of(session, community, found.other_names),
        today=today_in(community.zone, clock.now()),
    )
    for row, result in zip(rows, sorted_rows, strict=True):
        _write(row, result)
    session.flush()
    return rows


def decide_row(
    session: Session, actor: Actor, community: CommunityRef, row_id: UUID, decision: Decision
) -> ZoneRow:
    """Let a person say what a row means, whatever the reader made of it.

    Raises Refused without a reason, for a door that is none of ours, or without a level; Conflict when the list is
    no draft any more.
    """
    why = lifecycle.check_reason(decision.why)
    row = session.scalars(
        select(ZoneRow).where(ZoneRow.community_id == community.id, ZoneRow.id == row_id)
    ).first()
    if row is None:
        raise NotFound("zones.row_not_found")
    found = find(session, community.id, row.list_id, for_update=True)
    if found.state != ListState.DRAFT:
        raise Conflict("zones.moved_on", state=found.state)
    if decision.door_ids:
        _settle(session, community, row, decision)
    row.state = RowState.SETTLED if decision.door_ids else RowState.DISMISSED
    row.doors = sorted(str(door_id) for door_id in decision.door_ids)
    row.decided_by, row.decided_at, row.decided_why = actor.id, clock.now(), why
    found.hands = sorted({*found.hands, str(actor.id)})
    session.flush()
    facts = {"line": row.line, "state": row.state, "doors": len(row.doors)}
    record(session, actor, community.id, "zones.row_decided", ("zones", found.id), facts=facts, why=why)
    # Another row may say "without the high-risk zone", and mean this one with it.
    sort_again(session, community, found, only_near=True)
    tell(session, found)
    return row


def compound_of(session: Session, community: CommunityRef, other_names: Sequence[str]) -> Compound:
    """Return the compound as listings are looked up in it."""
    above = communities.areas_above(session, community)
    return Compound(
        names=frozenset([community.name, *other_names]),
        areas=frozenset(area.name for area in above if area.level != "district"),
        doors=tuple(Door(**asdict(one)) for one in places.doorways(session, community.id)),
        districts=frozenset(area.name for area in above if area.level == "district"),
    )


def find(session: Session, community_id: UUID, list_id: UUID, *, for_update: bool = False) -> ZoneList:
    """Return the list. Raises NotFound, also for another community's."""
    wanted = select(ZoneList).where(ZoneList.community_id == community_id, ZoneList.id == list_id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFound("zones.list_not_found")
    return found


def rows_of(session: Session, found: ZoneList) -> list[ZoneRow]:
    """Return a list's rows in their order."""
    wanted = select(ZoneRow).where(ZoneRow.list_id == found.id, ZoneRow.community_id == found.community_id)
    return list(session.scalars(wanted.order_by(ZoneRow.line)))


def run_of(row: ZoneRow) -> Run | None:
    """Return the row's days, None where none are said."""
    return Run(row.from_on, row.until_on) if row.from_on or row.until_on else None


def tell(session: Session, found: ZoneList) -> None:
    """Announce that a list has changed."""
    emit(session, ListChanged(found.community_id, list_id=found.id, state=found.state))


def _settle(session: Session, community: CommunityRef, row: ZoneRow, decision: Decision) -> None:
    ours = {door.id for door in places.doorways(session, community.id)}
    if not decision.door_ids <= ours:
        raise Refused("zones.door_not_here")
    level = decision.level or (Level(row.level) if row.level else None)
    if level is None:
        raise Refused("zones.level_missing")
    from_on, until_on = decision.from_on or row.from_on, decision.until_on or row.until_on
    if from_on and until_on and until_on < from_on:
        raise Refused("zones.bad_days")
    # Unread dates may not pass as "no dates": whoever settles the row has to say until when.
    if any(why == Unclear.DATES for why, _ in row.column_doubts) and not until_on:
        raise Refused("zones.days_missing")
    row.level, row.from_on, row.until_on = level, from_on, until_on


def _row(made: ZoneList, row: Row) -> ZoneRow:
    return ZoneRow(
        id=new_id(),
        community_id=made.community_id,
        list_id=made.id,
        line=row.line,
        text=row.text,
        district=row.within.district,
        street=row.within.street,
        level=row.level,
        from_on=row.run.from_on if row.run else None,
        until_on=row.run.until_on if row.run else None,
        state=RowState.REVIEW,
        parts=[],
        doubts=[],
        column_doubts=[[doubt.why, doubt.words] for doubt in row.doubts],
        doors=[],
    )


def _entry(row: ZoneRow) -> Entry:
    is_settled = row.state == RowState.SETTLED
    return Entry(
        text=row.text,
        level=Level(row.level) if row.level else None,
        run=run_of(row),
        doubts=tuple(Doubt(Unclear(why), words) for why, words in row.column_doubts),
        within=Within(row.district, row.street, is_sure=bool(row.district)),
        by_hand=frozenset(UUID(door) for door in row.doors) if is_settled else None,
        is_dismissed=row.state == RowState.DISMISSED,
    )


def _write(row: ZoneRow, result: Sorted) -> None:
    doubts = [[doubt.why, doubt.words] for doubt in result.doubts]
    parts = [_part(part) for part in result.listing.parts]
    doors = sorted(str(door_id) for door_id in result.doors)
    wanted = {"state": result.state, "doubts": doubts, "parts": parts, "doors": doors}
    if row.state in BY_HAND:
        wanted.pop("doubts")
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _part(part: Part) -> dict[str, object]:
    """Return a part as JSON: what was read, for whoever looks at the row."""
    return {
        "name": part.name,
        "spots": sorted(map(str, part.spots)),
        "except": sorted(map(str, part.except_spots)),
        "except_levels": sorted(part.except_levels),
        "except_names": sorted(part.except_names),
    }
