"""Tables of needs, their lines, offers and visits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText

# What stands where an erased person wanted something.
ERASED = "已删除 / Erased"


class Need(Base):
    """What a home asks for. ``state`` is always `state_of_need` of its lines; it is kept for queries."""

    __tablename__ = "needs_need"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("home_id", "places_home"),
        tenant_ref("follow_up_of", "needs_need"),
        CheckConstraint("wanted_until > wanted_from", name="window"),
        Index("ix_needs_need_queue", "community_id", "state", "priority"),
        Index("ix_needs_need_overdue", "community_id", "deadline"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID] = mapped_column(index=True)
    posted_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    is_on_behalf: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(20))
    flow: Mapped[str] = mapped_column(String(10))
    # Whose words these are: the poster, else the first who lives there, else the home.
    subject_id: Mapped[UUID] = mapped_column(index=True)
    note = SealedOptional(whose="subject_id")
    priority: Mapped[int]
    wanted_from: Mapped[datetime]
    wanted_until: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    deadline: Mapped[datetime | None]
    level: Mapped[str] = mapped_column(String(20))
    closed_because: Mapped[str | None] = mapped_column(String(20))
    follow_up_of: Mapped[UUID | None] = mapped_column(index=True)
    posted_at: Mapped[datetime]


class Line(Base):
    """One thing of a need; the life cycle lives here."""

    __tablename__ = "needs_line"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("need_id", "needs_need"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    need_id: Mapped[UUID] = mapped_column(index=True)
    position: Mapped[int]
    subject_id: Mapped[UUID]
    text = SealedText(whose="subject_id", when_erased=ERASED)
    quantity: Mapped[int]
    # The supplier's item that was picked; core tables refer to no module's table, hence no foreign key.
    item_ref: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(20))


class Moment(Base):
    """One entry of a need's timeline. ``why``: what somebody said, or a code."""

    __tablename__ = "needs_moment"
    __table_args__ = (tenant_ref("need_id", "needs_need"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    need_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20))
    who_role: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]]
    subject_id: Mapped[UUID]
    why = SealedOptional(whose="subject_id")
    at: Mapped[datetime]
    device_at: Mapped[datetime | None]


class Offer(Base):
    """A need offered to a helper or to a supplier's shop; at most one accepted one a need."""

    __tablename__ = "needs_offer"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("need_id", "needs_need"),
        tenant_ref("helper_id", "helpers_helper"),
        CheckConstraint("(helper_id IS NULL) <> (supplier_ref IS NULL)", name="one_server"),
        # Two neighbours may tap "I will" at once; the index picks one.
        Index(
            "uq_needs_offer_one_accepted",
            "need_id",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
        Index("ix_needs_offer_helper", "community_id", "helper_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    need_id: Mapped[UUID] = mapped_column(index=True)
    helper_id: Mapped[UUID | None]
    supplier: Mapped[str | None] = mapped_column(String(40))
    supplier_ref: Mapped[UUID | None] = mapped_column(index=True)
    supplier_label: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    score: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Unmatched(Base):
    """Why a need had nobody at the last matching, and the smallest change that would serve it."""

    __tablename__ = "needs_unmatched"
    __table_args__ = (UniqueConstraint("community_id", "need_id"), tenant_ref("need_id", "needs_need"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    need_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]]
    smallest_change: Mapped[dict[str, Any] | None]
    computed_at: Mapped[datetime]


class Visit(Base):
    """A helper comes for a service need."""

    __tablename__ = "needs_visit"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("need_id", "needs_need"),
        tenant_ref("helper_id", "helpers_helper"),
        Index(
            "uq_needs_visit_one_live",
            "need_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    need_id: Mapped[UUID]
    helper_id: Mapped[UUID] = mapped_column(index=True)
    scheduled_at: Mapped[datetime]
    visited_at: Mapped[datetime | None]
    # Given back or cancelled.
    ended_at: Mapped[datetime | None]
