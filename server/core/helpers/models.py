"""Tables of helpers and their shifts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref


class Helper(Base):
    """Somebody who helps in one community."""

    __tablename__ = "helpers_helper"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "person_id"),
        tenant_ref("entrance_id", "places_entrance"),
        CheckConstraint("capacity_g >= 0 AND capacity_ml >= 0 AND capacity_parcels >= 0", name="capacity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    vehicle: Mapped[str] = mapped_column(String(20))
    capacity_g: Mapped[int]
    capacity_ml: Mapped[int]
    capacity_parcels: Mapped[int]
    skills: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(20), index=True)
    # Where the helper lives: familiarity with the neighbours of that door counts in matching.
    entrance_id: Mapped[UUID | None]
    enrolled_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))


class Shift(Base):
    """A helper is on from one instant until another; a rest of ``rest_s`` begins between two instants, if any."""

    __tablename__ = "helpers_shift"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("helper_id", "helpers_helper"),
        CheckConstraint("until_at > from_at", name="order"),
        CheckConstraint(
            "(rest_s IS NULL) = (rest_from_at IS NULL) AND (rest_s IS NULL) = (rest_until_at IS NULL)",
            name="whole_rest",
        ),
        CheckConstraint("rest_s BETWEEN 300 AND 7200", name="rest_length"),
        CheckConstraint(
            "rest_from_at >= from_at AND rest_until_at >= rest_from_at AND rest_until_at < until_at",
            name="rest_within",
        ),
        Index("ix_helpers_shift_window", "community_id", "from_at", "until_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    helper_id: Mapped[UUID] = mapped_column(index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    rest_from_at: Mapped[datetime | None]
    rest_until_at: Mapped[datetime | None]
    rest_s: Mapped[int | None]
