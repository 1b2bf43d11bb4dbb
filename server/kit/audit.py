"""Who did what, when and why: written in the change's own transaction, chained by hash afterwards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, new_id, tenant_key
from server.kit.permissions import Actor
from server.kit.sealed import SealedOptional
from server.kit.subject_keys import INSTALLATION


class AuditRow(Base):
    """One act. ``hash`` covers the row and the hash before it; empty until the sealer has come by.

    The chain runs over ``why`` as it is sealed: it verifies also when the one it was about has been erased.
    """

    __tablename__ = "kit_audit"
    __table_args__ = (
        Index("ix_kit_audit_subject", "community_id", "subject_kind", "subject_id"),
        Index("uq_kit_audit_sealed_order", "community_id", "sealed_order", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    why = SealedOptional(whose="about")
    at: Mapped[datetime]
    device_at: Mapped[datetime | None]
    sealed_order: Mapped[int | None] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    hash: Mapped[str | None] = mapped_column(String(64))

    # Whose key seals ``why``; the cell itself names the key, so that it needs no column.
    about = INSTALLATION


def record(
    session: Session,
    actor: Actor,
    community_id: UUID,
    action: str,
    subject: tuple[str, UUID | None],
    *,
    facts: dict[str, Any] | None = None,
    why: str | None = None,
    device_at: datetime | None = None,
    about: UUID | None = None,
) -> None:
    """Write an audit row in the session's own transaction: the change and its record stand or fall together.

    ``facts`` are ids, states and numbers; never names, phones or notes. ``why`` is sealed with the key of ``about``:
    by default the person or home that is the subject, else the installation.
    """
    kind, subject_id = subject
    if about is None and kind in ("person", "home"):
        about = subject_id
    session.add(
        AuditRow(
            about=about or INSTALLATION,
            community_id=community_id,
            actor_id=actor.person_id,
            action=action,
            subject_kind=kind,
            subject_id=subject_id,
            facts=json.loads(json.dumps(facts or {}, default=str)),
            why=why,
            at=clock.now(),
            device_at=device_at,
        )
    )


def seal_community(session: Session, community_id: UUID, *, limit: int = 1000) -> int:
    """Chain up to ``limit`` unsealed rows of the community; return how many. One sealer a community at a time."""
    last = session.scalars(
        select(AuditRow)
        .where(AuditRow.community_id == community_id, AuditRow.sealed_order.is_not(None))
        .order_by(AuditRow.sealed_order.desc())
        .limit(1)
    ).first()
    order, previous = (last.sealed_order or 0, last.hash or "") if last else (0, "")
    rows = session.scalars(
        select(AuditRow)
        .where(AuditRow.community_id == community_id, AuditRow.sealed_order.is_(None))
        .order_by(AuditRow.id)
        .limit(limit)
    ).all()
    for row in rows:
        order += 1
        previous = _hash(row, order, previous)
        row.sealed_order, row.hash = order, previous
    return len(rows)


@dataclass(frozen=True)
class ChainReport:
    """Result of a verification: sealed rows that fit, rows not sealed yet, and the first row that does not fit."""

    sealed: int
    unsealed: int
    broken_at: UUID | None


def verify_community(session: Session, community_id: UUID) -> ChainReport:
    """Recompute the community's chain."""
    previous, count = "", 0
    sealed = session.scalars(
        select(AuditRow)
        .where(AuditRow.community_id == community_id, AuditRow.sealed_order.is_not(None))
        .order_by(AuditRow.sealed_order)
    )
    for expected, row in enumerate(sealed, start=1):
        if row.sealed_order != expected or row.hash != _hash(row, expected, previous):
            return ChainReport(count, 0, row.id)
        previous, count = row.hash or "", expected
    unsealed = select(AuditRow.id).where(
        AuditRow.community_id == community_id, AuditRow.sealed_order.is_(None)
    )
    return ChainReport(count, len(session.scalars(unsealed).all()), None)


def _hash(row: AuditRow, order: int, previous: str) -> str:
    content = [
        previous,
        order,
        str(row.id),
        str(row.community_id),
        str(row.actor_id),
        row.action,
        row.subject_kind,
        str(row.subject_id),
        row.facts,
        AuditRow.why.cell_of(row),
        row.at.isoformat(),
        row.device_at.isoformat() if row.device_at else None,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
