"""Facts leave the database exactly where they came in: a row in the change's own transaction.

The relay (``relay.py``, in the web process) tells them to open pages and notes who is to react; ``reactions.py``, in
the worker, runs the handlers.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, after_commit, new_id, tenant_key
from server.kit.events import Event

log = structlog.get_logger()
BATCH = 200
# How long handlers run before the relay looks again for what is to be told.
TURN_S = 0.05
# After that the rest of a sitting is not told; pages see the gap, or ask by themselves.
TELL_WITHIN_S = 3.0
# PostgreSQL lets one relay at a time through; the number only has to be the same everywhere.
RELAY_LOCK = 0x11A11


class OutboxRow(Base):
    """An event that has happened."""

    __tablename__ = "kit_outbox"
    __table_args__ = (Index("ix_kit_outbox_waiting", "relayed_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    kind: Mapped[str] = mapped_column(String(80))
    aggregate: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One handler's share of one event."""

    __tablename__ = "kit_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "handler"),
        Index("ix_kit_delivery_waiting", "done_at", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    event_id: Mapped[UUID] = mapped_column(ForeignKey("kit_outbox.id"))
    handler: Mapped[str] = mapped_column(String(160))
    aggregate: Mapped[str] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


# Set when this process has committed a fact.
has_news = threading.Event()


def emit(session: Session, event: Event) -> None:
    """Announce a fact within the session's transaction."""
    session.add(
        OutboxRow(
            community_id=event.community_id,
            kind=event.kind,
            aggregate=event.aggregate,
            payload=event.to_payload(),
            occurred_at=clock.now(),
        )
    )
    if "outbox_wakes" not in session.info:
        session.info["outbox_wakes"] = True
        after_commit(session, has_news.set)
