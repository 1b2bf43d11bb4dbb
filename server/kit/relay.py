"""Tells facts to open pages, in one order, and notes which handlers are to react.

It looks for rows that are not relayed yet, never for "greater than the last seen": a transaction held open commits an
early row late.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import database, reading, transaction
from server.kit.live import LiveCounter, LiveRow, Publish, to_wire
from server.kit.outbox import DeliveryRow, OutboxRow, has_news
from server.kit.registry import Registry

log = structlog.get_logger()
BATCH = 200
# After that the rest of a sitting is not told; pages see the gap, or ask by themselves.
TELL_WITHIN_S = 3.0
# PostgreSQL lets one relay at a time through; the number only has to be the same everywhere.
RELAY_LOCK = 0x11A11


class Relay:
    """Carries events from the outbox to the live channel and into the handlers' queue.

    ``publish(room, message)`` sends a live message to whoever watches; ``modules_of(community_id)`` says which
    modules are on.
    """

    def __init__(
        self, registry: Registry, publish: Publish, modules_of: Callable[[Session, UUID], frozenset[str]]
    ) -> None:
        self.registry = registry
        self.publish = publish
        self.modules_of = modules_of
        self._stopping = threading.Event()

    def run_forever(self, pause_s: float = 0.2) -> None:
        """Relay until ``stop``; wake at once for this process's own events, else look every ``pause_s``."""
        while not self._stopping.is_set():
            has_news.wait(pause_s)
            has_news.clear()
            try:
                while self.run_once() and not self._stopping.is_set():
                    pass
            except Exception:
                # The database may be away for a moment; the rows wait where they are.
                log.exception("relay.failed")
                self._stopping.wait(1.0)

    def stop(self) -> None:
        self._stopping.set()
        has_news.set()

    def run_once(self) -> int:
        """Relay what waits, at most BATCH events; return how many."""
        with reading() as session:
            if session.scalar(select(OutboxRow.id).where(OutboxRow.relayed_at.is_(None)).limit(1)) is None:
                return 0
        with _only_relay() as is_only:
            return self._relay_batch() if is_only else 0

    def _relay_batch(self) -> int:
        with transaction() as session:
            rows = session.scalars(
                select(OutboxRow).where(OutboxRow.relayed_at.is_(None)).order_by(OutboxRow.id).limit(BATCH)
            ).all()
            sitting = _Sitting(session, self.modules_of)
            with session.no_autoflush:
                wire = [message for row in rows for message in self._relay_row(session, row, sitting)]
        # Only what is committed is told, and before another process may relay what comes next: a page takes no
        # message behind a later one. Whoever misses the telling catches up by sequence number.
        self._tell(wire)
        return len(rows)

    def _tell(self, wire: list[tuple[str, dict[str, Any]]]) -> None:
        """Publish, but not for ever: who waits for a queue that hangs holds up all that follows."""
        gives_up_at = time.monotonic() + TELL_WITHIN_S
        for told, (room, message) in enumerate(wire):
            if time.monotonic() > gives_up_at:
                log.warning("relay.given_up_telling", left=len(wire) - told)
                return
            self.publish(room, message)

    def _relay_row(
        self, session: Session, row: OutboxRow, sitting: _Sitting
    ) -> list[tuple[str, dict[str, Any]]]:
        row.relayed_at = clock.now()
        kind = self.registry.events.get(row.kind)
        if kind is None:
            log.warning("relay.unknown_event", kind=row.kind)
            return []
        event = kind.from_payload(row.payload)
        switched_on = sitting.modules_of(row.community_id)
        for module, subscription in self.registry.subscriptions(kind):
            if subscription.even_when_disabled or self.registry.is_on(module.name, switched_on):
                session.add(
                    DeliveryRow(
                        event_id=row.id,
                        handler=subscription.name,
                        aggregate=row.aggregate,
                        next_try_at=row.relayed_at,
                    )
                )
        wire = []
        for module, fact in self.registry.live_facts(kind):
            if not self.registry.is_on(module.name, switched_on):
                continue
            for message in fact.messages(event):
                live = LiveRow(
                    community_id=row.community_id,
                    seq=sitting.next_seq(row.community_id),
                    room=message.room,
                    kind=message.kind,
                    data=message.data,
                    at=row.occurred_at,
                )
                # A page that has not seen the one before knows that it missed something.
                previous = sitting.previous_seq(live)
                session.add(live)
                wire.append((f"{row.community_id}/{message.room}", {**to_wire(live), "previous": previous}))
        return wire


@contextmanager
def _only_relay() -> Iterator[bool]:
    """Tell whether no other process relays now; none will before the block ends. SQLite has one web process."""
    if database().is_sqlite:
        yield True
        return
    with database().engine.begin() as connection:
        yield bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RELAY_LOCK}))


class _Sitting:
    """What one transaction of the relay reads once: the modules that are on, and the numbers given out."""

    def __init__(self, session: Session, modules_of: Callable[[Session, UUID], frozenset[str]]) -> None:
        self._session = session
        self._look_up = modules_of
        self._modules: dict[UUID, frozenset[str]] = {}
        self._counters: dict[UUID, LiveCounter] = {}
        self._last_in: dict[tuple[UUID, str], int] = {}

    def modules_of(self, community_id: UUID) -> frozenset[str]:
        """Return the modules that are on in a community."""
        if community_id not in self._modules:
            self._modules[community_id] = self._look_up(self._session, community_id)
        return self._modules[community_id]

    def next_seq(self, community_id: UUID) -> int:
        """Return the next number of a community's live messages."""
        counter = self._counters.get(community_id)
        if counter is None:
            counter = self._session.get(LiveCounter, community_id, with_for_update=True)
            if counter is None:
                counter = LiveCounter(community_id=community_id, seq=0)
                self._session.add(counter)
            self._counters[community_id] = counter
        counter.seq += 1
        return counter.seq

    def previous_seq(self, live: LiveRow) -> int:
        """Return the number of the room's message before ``live``, or 0; each message is asked about once."""
        room = (live.community_id, live.room)
        if room not in self._last_in:
            known = select(func.max(LiveRow.seq)).where(
                LiveRow.community_id == live.community_id, LiveRow.room == live.room
            )
            self._last_in[room] = self._session.scalar(known) or 0
        previous, self._last_in[room] = self._last_in[room], live.seq
        return previous
