"""Starts the jobs that come round by themselves, and wakes the reconciler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.jobs import JobEngine
from server.kit.module import Job

log = structlog.get_logger()
# A clock that runs sixty times as fast must not make sixty times the jobs a second.
SHORTEST_PAUSE_S = 0.5


class Ticker:
    """One thread of the web process. ``communities(session)`` lists (id, modules that are on)."""

    def __init__(
        self, engine: JobEngine, communities: Callable[[Session], list[tuple[UUID, frozenset[str]]]]
    ) -> None:
        self.engine = engine
        self.communities = communities
        self._last_slot: dict[tuple[str, UUID | None], int] = {}
        self._stopping = threading.Event()

    def run_forever(self) -> None:
        while not self._stopping.wait(SHORTEST_PAUSE_S):
            try:
                self.tick()
                self.engine.reconcile()
            except Exception:
                log.exception("ticker.failed")
                self._stopping.wait(2.0)

    def stop(self) -> None:
        self._stopping.set()

    def tick(self) -> None:
        """Enqueue what is due: once per job, community and slot of time, whatever the number of processes.

        What still waits from a slot before is not put behind itself: a worker that fell behind would never catch up.
        """
        now = clock.now()
        with reading() as session:
            communities = self.communities(session)
        due = []
        for job in self.engine.registry.jobs.values():
            for community_id in self._places(job, communities):
                slot = _slot(job, now)
                if slot is not None and self._last_slot.get((job.name, community_id)) != slot:
                    self._last_slot[job.name, community_id] = slot
                    due.append((job.name, community_id, f"{job.name}/{community_id}/{slot}"))
        if not due:
            return
        with transaction() as session:
            waiting = self.engine.waiting(session, {name for name, _, _ in due})
            for name, community_id, key in due:
                if (name, community_id) not in waiting:
                    self.engine.enqueue(session, name, community_id, key=key)

    def _places(self, job: Job, communities: list[tuple[UUID, frozenset[str]]]) -> list[UUID | None]:
        if not job.per_community:
            return [None]
        registry = self.engine.registry
        return [
            cid
            for cid, switched_on in communities
            if registry.is_on(registry.owner_of_job(job.name).name, switched_on)
        ]


def _slot(job: Job, now: datetime) -> int | None:
    return None if job.every_s is None else int(now.timestamp()) // job.every_s
