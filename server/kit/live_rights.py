"""Closes the sockets of whoever loses a role: a page that is open must not hear what its owner may no longer see.

A socket's rights are looked at when it asks for a room. A grant that ends later, by somebody's hand or by its own date,
is noticed here within seconds in every web process; the page connects again and asks anew, with the rights of then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading

log = structlog.get_logger()
LOOK_EVERY_S = 1.0
# A transaction that ends a grant may be committed this long after the time it wrote.
COMMITTED_WITHIN = timedelta(seconds=10)

# (session, after, until) → (grant id, person id) of the grants that ended in between.
EndedGrants = Callable[[Session, datetime, datetime], Iterable[tuple[UUID, UUID]]]


class OpenSockets:
    """Whose sockets are open in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._person_of: dict[str, UUID] = {}

    def opened(self, sid: str, person_id: UUID) -> None:
        with self._lock:
            self._person_of[sid] = person_id

    def closed(self, sid: str) -> None:
        with self._lock:
            self._person_of.pop(sid, None)

    def of(self, people: set[UUID]) -> list[str]:
        """Return the sockets of these people."""
        with self._lock:
            return [sid for sid, person_id in self._person_of.items() if person_id in people]


class LiveRights:
    """One thread of each web process. ``close(sid)`` closes a socket."""

    def __init__(self, sockets: OpenSockets, ended: EndedGrants, close: Callable[[str], None]) -> None:
        self._sockets, self._ended, self._close = sockets, ended, close
        self._looked_at: datetime | None = None
        self._known: frozenset[UUID] = frozenset()
        self._stopping = threading.Event()

    def run_forever(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self.look()
            except Exception:
                # The database may be away for a moment; the next look begins where the last good one ended.
                log.exception("live_rights.failed")

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> int:
        """Close the sockets of whoever lost a role since the last look; return how many."""
        now = clock.now()
        with reading() as session:
            ended = dict(self._ended(session, (self._looked_at or now) - COMMITTED_WITHIN, now))
        losers = {person_id for grant_id, person_id in ended.items() if grant_id not in self._known}
        sids = self._sockets.of(losers)
        for sid in sids:
            self._close(sid)
        self._looked_at, self._known = now, frozenset(ended)
        return len(sids)
