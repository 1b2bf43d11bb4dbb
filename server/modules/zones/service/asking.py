"""Asking how lists and zones stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.modules.zones.models import Zone, ZoneAppeal, ZoneHome, ZoneList, ZoneRow

GROUPS: dict[str, tuple[str, ...]] = {
    "understood": ("understood", "settled"),
    "review": ("review",),
    "not_ours": ("elsewhere", "dismissed"),
    "over": ("over",),
}


@dataclass(frozen=True)
class MyZone:
    """A zone around a home."""

    zone: Zone
    home: ZoneHome
    of_list: ZoneList


def lists_here(session: Session, community_id: UUID, *, limit: int = 100) -> list[ZoneList]:
    """Return the latest lists, newest first."""
    wanted = select(ZoneList).where(ZoneList.community_id == community_id)
    return list(session.scalars(wanted.order_by(ZoneList.id.desc()).limit(limit)))


def counts_of(session: Session, community_id: UUID, list_ids: list[UUID]) -> dict[UUID, Counter[str]]:
    """Return for each list how many rows are in each state."""
    found: dict[UUID, Counter[str]] = {list_id: Counter() for list_id in list_ids}
    rows = session.execute(
        select(ZoneRow.list_id, ZoneRow.state, func.count())
        .where(ZoneRow.community_id == community_id, ZoneRow.list_id.in_(list_ids))
        .group_by(ZoneRow.list_id, ZoneRow.state)
    )
    for list_id, state, count in rows:
        found[list_id][state] = count
    return found


def rows_page(
    session: Session, found: ZoneList, group: str, *, after: int | None = None, limit: int = 50
) -> tuple[list[ZoneRow], int | None]:
    """Return rows of a group in their order, and the line behind which the next page begins."""
    wanted = select(ZoneRow).where(ZoneRow.list_id == found.id, ZoneRow.state.in_(GROUPS[group]))
    if after is not None:
        wanted = wanted.where(ZoneRow.line > after)
    limit = max(1, min(limit, 200))
    rows = list(session.scalars(wanted.order_by(ZoneRow.line).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].line if len(rows) > limit else None


def zones_of(session: Session, found: ZoneList) -> list[Zone]:
    """Return the zones that a list has made."""
    return list(session.scalars(select(Zone).where(Zone.list_id == found.id).order_by(Zone.id)))


def standing_now(session: Session, community_id: UUID) -> list[Zone]:
    """Return the zones that hold at this instant."""
    now = clock.now()
    wanted = select(Zone).where(
        Zone.community_id == community_id,
        Zone.ended_at.is_(None),
        Zone.from_at <= now,
        Zone.until_at > now,
    )
    return list(session.scalars(wanted.order_by(Zone.id)))


def zones_of_home(session: Session, community_id: UUID, home_id: UUID) -> list[MyZone]:
    """Return the zones that hold or will hold around a home, the soonest end first."""
    rows = session.execute(
        select(Zone, ZoneHome, ZoneList)
        .join(ZoneHome, ZoneHome.zone_id == Zone.id)
        .join(ZoneList, ZoneList.id == Zone.list_id)
        .where(
            ZoneHome.community_id == community_id,
            ZoneHome.home_id == home_id,
            ZoneHome.ended_at.is_(None),
            Zone.ended_at.is_(None),
            Zone.until_at > clock.now(),
        )
        .order_by(Zone.until_at, Zone.id)
    )
    return [MyZone(*row) for row in rows]


def appeals_of(session: Session, community_id: UUID, zone_home_ids: list[UUID]) -> list[ZoneAppeal]:
    """Return the appeals of homes in zones, oldest first."""
    wanted = select(ZoneAppeal).where(
        ZoneAppeal.community_id == community_id, ZoneAppeal.zone_home_id.in_(zone_home_ids)
    )
    return list(session.scalars(wanted.order_by(ZoneAppeal.id)))


def open_appeals(session: Session, community_id: UUID) -> list[tuple[ZoneAppeal, UUID]]:
    """Return the appeals that wait, each with its home, oldest first."""
    rows = session.execute(
        select(ZoneAppeal, ZoneHome.home_id)
        .join(ZoneHome, ZoneHome.id == ZoneAppeal.zone_home_id)
        .where(ZoneAppeal.community_id == community_id, ZoneAppeal.state == "open")
        .order_by(ZoneAppeal.id)
        .limit(200)
    )
    return [(found, home_id) for found, home_id in rows]
