"""Tables of official zones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText


class ZoneList(Base):
    """An official list: imported, proposed by one officer, approved by another, ended.

    ``reason`` and ``legal_basis`` are about an area and are told to everybody there: they are nobody's record.
    ``other_names``: what the list calls this compound besides its own name. ``hands``: who had a part in it.
    """

    __tablename__ = "zones_list"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("state IN ('draft', 'waiting', 'in_force', 'ended', 'dropped')", name="state"),
        CheckConstraint(
            "state NOT IN ('waiting', 'in_force', 'ended') OR (confirmed_by IS NOT NULL AND until_on IS NOT NULL"
            " AND reason <> '' AND legal_basis <> '')",
            name="proposed",
        ),
        CheckConstraint(
            "state NOT IN ('in_force', 'ended') OR (approved_by IS NOT NULL AND approved_why <> '')",
            name="approved",
        ),
        CheckConstraint(
            "approved_by IS NULL OR (approved_by <> confirmed_by AND approved_by <> imported_by)",
            name="two_people",
        ),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("ended_by IS NULL OR ended_why <> ''", name="named_end"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    other_names: Mapped[list[Any]] = mapped_column(default=list)
    hands: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(500), default="")
    legal_basis: Mapped[str] = mapped_column(String(200), default="")
    until_on: Mapped[date | None] = mapped_column(Date)
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    imported_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    confirmed_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    approved_at: Mapped[datetime | None]
    approved_why: Mapped[str] = mapped_column(String(500), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    ended_why: Mapped[str] = mapped_column(String(500), default="")


class ZoneRow(Base):
    """One row of a list and how it was read.

    ``doubts``: [[why, words], …]; ``column_doubts``: those of its columns; ``parts``: its structure; ``doors``: the
    entrances that it means, a proposal only while it is in review.
    """

    __tablename__ = "zones_row"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("list_id", "line"),
        tenant_ref("list_id", "zones_list", ondelete="CASCADE"),
        CheckConstraint(
            "state IN ('understood', 'review', 'elsewhere', 'settled', 'dismissed', 'over')", name="state"
        ),
        CheckConstraint("level IN ('high', 'mid', 'low', 'managed')", name="level"),
        CheckConstraint(
            "state NOT IN ('settled', 'dismissed') OR (decided_by IS NOT NULL AND decided_why <> '')",
            name="decided",
        ),
        CheckConstraint("state NOT IN ('understood', 'settled') OR level IS NOT NULL", name="has_level"),
        Index("ix_zones_row_state", "list_id", "state", "line"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    list_id: Mapped[UUID]
    line: Mapped[int]
    text: Mapped[str] = mapped_column(String(600))
    district: Mapped[str] = mapped_column(String(40), default="")
    street: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str | None] = mapped_column(String(8))
    from_on: Mapped[date | None] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    parts: Mapped[list[Any]] = mapped_column(default=list)
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    column_doubts: Mapped[list[Any]] = mapped_column(default=list)
    doors: Mapped[list[Any]] = mapped_column(default=list)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    decided_why: Mapped[str] = mapped_column(String(500), default="")


class Zone(Base):
    """One entrance in one level, from an instant until another. One without ``ended_at`` is over at ``until_at``."""

    __tablename__ = "zones_zone"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("list_id", "entrance_id", "level", "from_at"),
        tenant_ref("list_id", "zones_list"),
        tenant_ref("entrance_id", "places_entrance"),
        CheckConstraint("level IN ('high', 'mid', 'low', 'managed')", name="level"),
        CheckConstraint("until_at > from_at", name="ends_after_start"),
        CheckConstraint("ended_by IS NULL OR (ended_at IS NOT NULL AND ended_why <> '')", name="named_end"),
        Index("ix_zones_zone_standing", "community_id", "ended_at", "until_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    list_id: Mapped[UUID]
    entrance_id: Mapped[UUID] = mapped_column(index=True)
    level: Mapped[str] = mapped_column(String(8))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    ended_why: Mapped[str] = mapped_column(String(500), default="")


class ZoneHome(Base):
    """A home in a zone. ``flag_id``: what the gate and couriers are told; none below a high-risk zone.

    ``ended_at``: taken out before the zone's end, by an appeal that was granted or with the zone itself.
    """

    __tablename__ = "zones_home"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("zone_id", "home_id"),
        tenant_ref("zone_id", "zones_zone"),
        tenant_ref("home_id", "places_home"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    zone_id: Mapped[UUID]
    home_id: Mapped[UUID] = mapped_column(index=True)
    flag_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


class ZoneAppeal(Base):
    """Why a home says it should not be in a zone; one is open at a time."""

    __tablename__ = "zones_appeal"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("zone_home_id", "zones_home"),
        CheckConstraint("state IN ('open', 'granted', 'refused')", name="state"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided"),
        Index(
            "uq_zones_appeal_one_open",
            "zone_home_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    zone_home_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(8), default="open")
    words = SealedText(whose="subject_id")
    answer = SealedOptional(whose="subject_id")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
