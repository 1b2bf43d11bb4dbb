"""Tables of the gate."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText

Big = BigInteger().with_variant(Integer, "sqlite")


class RuleSet(Base):
    """One version of a community's rules; rows are added, never changed."""

    __tablename__ = "gate_rules"
    __table_args__ = (UniqueConstraint("community_id", "version"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    version: Mapped[int]
    rules: Mapped[dict[str, Any]]
    why: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID | None]
    from_at: Mapped[datetime]


class Pass(Base):
    """A pass. ``person_id``: whose way it is; ``carrier_id``: who shows it, a companion perhaps.

    ``number``: the six digits by which a guard finds it, while it is active. ``document_index``: blind index of an
    identity document. ``rule_version``: of the rules that approved it, if it was they.
    """

    __tablename__ = "gate_pass"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "number"),
        tenant_ref("home_id", "places_home"),
        CheckConstraint("until_at > from_at", name="ends_after_start"),
        CheckConstraint("number IS NULL OR state = 'active'", name="number_while_active"),
        Index("ix_gate_pass_state", "community_id", "state", "until_at"),
        Index("ix_gate_pass_home", "community_id", "home_id"),
        Index("ix_gate_pass_carrier", "community_id", "carrier_id"),
        Index("ix_gate_pass_document", "community_id", "document_index"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    kind: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(12))
    home_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    applicant_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    subject = SealedText(whose="subject_id")
    note = SealedText(whose="subject_id")
    number: Mapped[str | None] = mapped_column(String(6))
    document_index: Mapped[str | None] = mapped_column(String(64))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    rule_version: Mapped[int | None]
    ground = SealedOptional(whose="subject_id")
    appeal = SealedOptional(whose="subject_id")
    ended_at: Mapped[datetime | None]
    out_at: Mapped[datetime | None]
    in_at: Mapped[datetime | None]

    @property
    def subject_id(self) -> UUID:
        """Whose key seals its texts: the person's who goes, or the host's of a visitor, a vehicle or goods."""
        return self.person_id or self.applicant_id or self.home_id or self.community_id


class Credential(Base):
    """What a pass is shown with: a phone's key, or a sheet of paper. A new one ends the one before.

    ``serial``: 40 random bits, which the code bears. ``public_key``: Ed25519, in hexadecimal; none on paper.
    """

    __tablename__ = "gate_credential"
    __table_args__ = (
        UniqueConstraint("community_id", "serial"),
        tenant_ref("pass_id", "gate_pass"),
        Index("ix_gate_credential_pass", "community_id", "pass_id"),
        Index("ix_gate_credential_until", "community_id", "until_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    pass_id: Mapped[UUID]
    serial: Mapped[int] = mapped_column(Big)
    kind: Mapped[str] = mapped_column(String(10))
    public_key: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Device(Base):
    """A lock, lift reader, thermometer or scanner that talks through the port. Its token is kept as a hash."""

    __tablename__ = "gate_device"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("gate_id", "places_gate"),
        tenant_ref("entrance_id", "places_entrance"),
        CheckConstraint("(gate_id IS NULL) <> (entrance_id IS NULL)", name="one_place"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    kind: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(40))
    gate_id: Mapped[UUID | None]
    entrance_id: Mapped[UUID | None]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Reading(Base):
    """The last temperature that a thermometer took and no scan has used yet; nothing else is kept of it."""

    __tablename__ = "gate_reading"
    __table_args__ = (UniqueConstraint("community_id", "device_id"), tenant_ref("device_id", "gate_device"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    device_id: Mapped[UUID]
    gate_id: Mapped[UUID]
    tenths: Mapped[int]
    at: Mapped[datetime]


class Scan(Base):
    """Somebody at a gate; rows are added, never changed. ``ref``: given by the scanner, so that a log can come twice.

    ``used_step``: this scan has used the pass's code of that half minute up. ``exit_number``: numbers the exits of a
    home; two that happen at once cannot have one number, so the second one has to look again.
    """

    __tablename__ = "gate_scan"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "ref"),
        UniqueConstraint("community_id", "pass_id", "used_step"),
        UniqueConstraint("community_id", "home_id", "exit_number"),
        tenant_ref("gate_id", "places_gate"),
        tenant_ref("entrance_id", "places_entrance"),
        tenant_ref("device_id", "gate_device"),
        tenant_ref("pass_id", "gate_pass"),
        CheckConstraint("direction IN ('out', 'in')", name="direction"),
        CheckConstraint("(outcome = 'admit') = (direction = 'in')", name="coming_in_is_admitted"),
        CheckConstraint("outcome IN ('allow', 'deny', 'admit', 'override')", name="outcome"),
        CheckConstraint(
            "outcome <> 'override' OR (author_id IS NOT NULL AND why IS NOT NULL)", name="override_has_author"
        ),
        CheckConstraint("exit_number IS NULL OR outcome IN ('allow', 'override')", name="exit_went_out"),
        CheckConstraint(
            "used_step IS NULL OR (used_step = step AND outcome <> 'deny')", name="used_its_step"
        ),
        CheckConstraint("(gate_id IS NULL) <> (entrance_id IS NULL)", name="one_place"),
        Index("ix_gate_scan_at", "community_id", "at"),
        Index("ix_gate_scan_step", "community_id", "pass_id", "step"),
        Index("ix_gate_scan_home", "community_id", "home_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[UUID]
    gate_id: Mapped[UUID | None]
    entrance_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    author_id: Mapped[UUID | None]
    pass_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    home_id: Mapped[UUID | None]
    kind: Mapped[str | None] = mapped_column(String(12))
    purpose: Mapped[str | None] = mapped_column(String(30))
    direction: Mapped[str] = mapped_column(String(3))
    how: Mapped[str] = mapped_column(String(10))
    step: Mapped[int | None] = mapped_column(Big)
    used_step: Mapped[int | None] = mapped_column(Big)
    exit_number: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(8))
    reasons: Mapped[list[Any]]
    was_measured: Mapped[bool]
    is_offline: Mapped[bool]
    list_issued_at: Mapped[datetime | None]
    rule_version: Mapped[int]
    why: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    received_at: Mapped[datetime]


class Finding(Base):
    """What does not add up. ``key`` names what it is about, so that it is found once, in whatever order logs come."""

    __tablename__ = "gate_finding"
    __table_args__ = (
        UniqueConstraint("community_id", "kind", "key"),
        tenant_ref("scan_id", "gate_scan", ondelete="CASCADE"),
        tenant_ref("pass_id", "gate_pass"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(100))
    scan_id: Mapped[UUID] = mapped_column(index=True)
    pass_id: Mapped[UUID | None]
    found_at: Mapped[datetime]
