"""Tables of tracing. Both are gone after fourteen days; the audit rows stay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedText


class Case(Base):
    """One question: who was where this home was, between two instants. It always has a number and a purpose."""

    __tablename__ = "tracing_case"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("home_id", "places_home"),
        CheckConstraint("number <> ''", name="has_number"),
        CheckConstraint("until_at > from_at", name="window"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    number: Mapped[str] = mapped_column(String(40))
    home_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    asked_for = SealedText(whose="subject_id")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    opened_at: Mapped[datetime]


class Candidate(Base):
    """A home that was where the case was. ``overlaps``: JSON, where and how often; it is decided by a named person."""

    __tablename__ = "tracing_candidate"
    __table_args__ = (
        UniqueConstraint("case_id", "home_id"),
        tenant_ref("case_id", "tracing_case", ondelete="CASCADE"),
        tenant_ref("home_id", "places_home"),
        CheckConstraint("state IN ('found', 'confirmed', 'dismissed')", name="state"),
        CheckConstraint("(state = 'found') = (decided_by IS NULL)", name="decided"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    case_id: Mapped[UUID] = mapped_column(index=True)
    home_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    rank: Mapped[int]
    score: Mapped[int]
    overlaps = SealedText(whose="subject_id", when_erased="[]")
    state: Mapped[str] = mapped_column(String(10), default="found")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
