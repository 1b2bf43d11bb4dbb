"""Runs the handlers of facts: at least once, in order per aggregate, each handler apart.

In the worker: a page's request does not compete with them for the interpreter.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.outbox import DeliveryRow, OutboxRow
from server.kit.registry import Registry

log = structlog.get_logger()
BATCH = 200
# How long handlers hold SQLite's one writer at a time.
TURN_S = 0.05
PAUSE_S = 0.1


class Reactions:
    """The handlers that the registry's modules subscribed."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._stopping = threading.Event()

    def run_forever(self) -> None:
        """React until ``stop``."""
        while not self._stopping.wait(PAUSE_S):
            try:
                while self.run_once() and not self._stopping.is_set():
                    pass
            except Exception:
                # The database may be away for a moment; the rows wait where they are.
                log.exception("reactions.failed")
                self._stopping.wait(1.0)

    def stop(self) -> None:
        self._stopping.set()

    def run_once(self) -> int:
        """Run handlers for a short turn, all in one transaction; if one of them fails, each in its own.

        Returns how many were done.

        A commit for each would be as many turns at the one writer that SQLite has.
        """
        due = self._due()
        if not due:
            return 0
        try:
            with transaction() as session:
                return self._run(due, lambda delivery_id: self._handle(session, delivery_id))
        except Exception as error:
            log.info("reactions.turn_failed", error=type(error).__name__)
        return self._run(due, self._handle_alone)

    def _due(self) -> list[tuple[int, tuple[str, str]]]:
        """Return what waits, oldest first: delivery → (handler, aggregate), whose deliveries keep their order."""
        with reading() as session:
            waiting = session.execute(
                select(DeliveryRow.id, DeliveryRow.handler, DeliveryRow.aggregate, DeliveryRow.next_try_at)
                .where(DeliveryRow.done_at.is_(None))
                .order_by(DeliveryRow.event_id, DeliveryRow.id)
                .limit(BATCH)
            ).all()
        now, due, put_off = clock.now(), [], set[tuple[str, str]]()
        for delivery_id, handler, aggregate, next_try_at in waiting:
            lane = (handler, aggregate)
            if next_try_at > now:
                put_off.add(lane)
            if lane not in put_off:
                due.append((delivery_id, lane))
        return due

    def _run(self, due: list[tuple[int, tuple[str, str]]], handle: Callable[[int], bool]) -> int:
        """Handle what is due until the turn is over, at least one; return how many were done."""
        done, blocked = 0, set[tuple[str, str]]()
        turn_ends = time.monotonic() + TURN_S
        for delivery_id, lane in due:
            if done and time.monotonic() > turn_ends:
                break
            if lane not in blocked and handle(delivery_id):
                done += 1
            else:
                # Later events of this aggregate wait behind this one, for this handler only.
                blocked.add(lane)
        return done

    def _handle(self, session: Session, delivery_id: int) -> bool:
        """Run the handler of a delivery, unless it is done; return False if another process is at it."""
        found = session.execute(
            select(DeliveryRow, OutboxRow)
            .join(OutboxRow, OutboxRow.id == DeliveryRow.event_id)
            .where(DeliveryRow.id == delivery_id)
            .with_for_update(of=DeliveryRow, skip_locked=True)
        ).one_or_none()
        if found is None:
            return False
        delivery, row = found
        if delivery.done_at is not None:
            return True
        kind = self.registry.events[row.kind]
        for _, subscription in self.registry.subscriptions(kind):
            if subscription.name == delivery.handler:
                subscription.handler(session, kind.from_payload(row.payload))
        delivery.done_at = clock.now()
        # The next handler reads for itself: what this one has read may be locked and changed by then.
        session.flush()
        session.expunge_all()
        return True

    def _handle_alone(self, delivery_id: int) -> bool:
        try:
            with transaction() as session:
                return self._handle(session, delivery_id)
        except Exception as error:
            log.exception("reactions.handler_failed", delivery=delivery_id)
            self._put_off(delivery_id, error)
            return False

    def _put_off(self, delivery_id: int, error: Exception) -> None:
        with transaction() as session:
            delivery = session.get_one(DeliveryRow, delivery_id)
            delivery.attempts += 1
            delivery.next_try_at = clock.now() + timedelta(seconds=min(300, 2**delivery.attempts))
            delivery.error = type(error).__name__
