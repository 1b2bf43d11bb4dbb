"""Flags: what a module tells others about a home or a person, no more than they need."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText


class Flag(Base):
    """One flag, e.g. "red": who raised it, on what ground, from when until when, who ended it."""

    __tablename__ = "flags_flag"
    __table_args__ = (
        CheckConstraint("(home_id IS NULL) <> (person_id IS NULL)", name="one_subject"),
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="ends_after_start"),
        Index("ix_flags_flag_home", "community_id", "kind", "home_id"),
        tenant_ref("home_id", "places_home"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[UUID | None]
    ground = SealedText(whose="about", when_erased="已删除 / Erased")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    ended_why = SealedOptional(whose="about")

    @property
    def about(self) -> UUID:
        """By whose key its reasons are sealed: the person's, else the home's."""
        subject_id = self.person_id or self.home_id
        assert subject_id is not None  # the table's own constraint
        return subject_id
