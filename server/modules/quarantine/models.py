"""Tables of quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText


class SettingsRow(Base):
    """What a community has set; without a row the usual holds."""

    __tablename__ = "quarantine_settings"
    __table_args__ = (UniqueConstraint("community_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    settings: Mapped[dict[str, Any]]
    author_id: Mapped[UUID | None]
    at: Mapped[datetime]


class Bulk(Base):
    """Orders for many homes at once: proposed by one officer, approved by another.

    ``why`` is about an area and is told to everybody there: it is nobody's record.
    """

    __tablename__ = "quarantine_bulk"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("state IN ('proposed', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    kind: Mapped[str] = mapped_column(String(12))
    homes: Mapped[list[Any]]
    why: Mapped[str] = mapped_column(String(500))
    legal_basis: Mapped[str] = mapped_column(String(200))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]


class Order(Base):
    """An order of isolation for one home. At most one is active there; an end has a time, a name and a ground.

    ``started_at``: when the isolation began, from which days are counted. ``food_days``, ``medicine_days``: how long
    the home said it can last; None while nobody has asked. ``supply_owner_id``: who sees to its supply.
    ``legal_basis`` cites a law, the same for many: it says nothing of who lives there, and is not sealed.
    """

    __tablename__ = "quarantine_order"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("home_id", "places_home"),
        tenant_ref("bulk_id", "quarantine_bulk"),
        CheckConstraint("state IN ('active', 'released', 'withdrawn')", name="state"),
        CheckConstraint("until_at > started_at", name="ends_after_start"),
        CheckConstraint(
            "state = 'active' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL AND end_ground IS NOT NULL)",
            name="named_end",
        ),
        CheckConstraint("signed_off_at IS NULL OR supply_owner_id IS NOT NULL", name="supply_has_owner"),
        Index(
            "uq_quarantine_order_one_active",
            "community_id",
            "home_id",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    bulk_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="active")
    legal_basis: Mapped[str] = mapped_column(String(200))
    ground = SealedText(whose="subject_id")
    started_at: Mapped[datetime]
    until_at: Mapped[datetime]
    flag_id: Mapped[UUID]
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    issued_at: Mapped[datetime]
    food_days: Mapped[int | None]
    medicine_days: Mapped[int | None]
    asked_at: Mapped[datetime | None]
    supply_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    signed_off_at: Mapped[datetime | None]
    signed_off_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    end_ground = SealedOptional(whose="subject_id")


class Check(Base):
    """One check of one person. (order, person, due_at) is unique: however often the clock looks, it is asked once.

    ``second_of``: the alarming check that this one looks at again. ``is_alarming`` is None until it is done.
    """

    __tablename__ = "quarantine_check"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("order_id", "person_id", "due_at"),
        UniqueConstraint("second_of"),
        tenant_ref("order_id", "quarantine_order"),
        tenant_ref("second_of", "quarantine_check"),
        CheckConstraint("state IN ('due', 'done', 'missed')", name="state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        Index("ix_quarantine_check_state", "community_id", "state", "due_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    second_of: Mapped[UUID | None]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="due")
    how: Mapped[str | None] = mapped_column(String(8))
    temperature = SealedOptional(whose="person_id")
    symptoms = SealedOptional(whose="person_id")
    is_alarming: Mapped[bool | None]
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    done_at: Mapped[datetime | None]
    device_at: Mapped[datetime | None]


class Task(Base):
    """What a missed check asks of somebody. (check, rung) is unique: exactly one task per rung.

    ``walk_place``: of a door, its place in the walks of all grids, one after the other; None until they are planned.
    """

    __tablename__ = "quarantine_task"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("check_id", "rung"),
        tenant_ref("check_id", "quarantine_check"),
        CheckConstraint("rung IN ('reminder', 'call', 'door', 'committee')", name="rung"),
        Index("ix_quarantine_task_open", "community_id", "rung", "done_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    check_id: Mapped[UUID]
    order_id: Mapped[UUID]
    home_id: Mapped[UUID]
    rung: Mapped[str] = mapped_column(String(12))
    walk_place: Mapped[int | None]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))


class Referral(Base):
    """A fever or a symptom that a clinician has to see; one for each alarming check."""

    __tablename__ = "quarantine_referral"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("check_id"),
        tenant_ref("check_id", "quarantine_check"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    check_id: Mapped[UUID]
    order_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))


class Violation(Base):
    """Somebody left the home or did not answer: first a warning, then a report."""

    __tablename__ = "quarantine_violation"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("order_id", "step"),
        tenant_ref("order_id", "quarantine_order"),
        CheckConstraint("step IN ('warn', 'report')", name="step"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    step: Mapped[str] = mapped_column(String(8))
    what = SealedText(whose="subject_id")
    author_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]


class Appeal(Base):
    """Why the order is wrong, in the words of whoever lives there; one is open at a time."""

    __tablename__ = "quarantine_appeal"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("order_id", "quarantine_order"),
        CheckConstraint("state IN ('open', 'granted', 'refused')", name="state"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided"),
        Index(
            "uq_quarantine_appeal_one_open",
            "order_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(8), default="open")
    words = SealedText(whose="subject_id")
    answer = SealedOptional(whose="subject_id")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
