"""The kit's own manifest: the live channel's routes, and the jobs that keep the house clean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from server.kit import (
    audit,
    clock,
    erasures,
    idempotency,
    jobs,
    live,
    looking_inside,
    outbox,
    pages,
    reads,
    subject_keys,
)
from server.kit.db import transaction
from server.kit.module import Job, JobContext, Module
from server.kit.texts import TEXTS

KEEP_DONE = timedelta(days=2)
KEEP_LIVE = timedelta(days=1)


def sweep(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete what has done its duty: old jobs, relayed events, live messages, idempotency keys."""
    now = clock.now()
    with transaction() as session:
        idempotency.forget_old_keys(session)
        erasures.complete_list(session)
        session.execute(delete(jobs.JobRow).where(jobs.JobRow.done_at < now - KEEP_DONE))
        session.execute(delete(live.LiveRow).where(live.LiveRow.at < now - KEEP_LIVE))
        session.execute(delete(outbox.DeliveryRow).where(outbox.DeliveryRow.done_at < now - KEEP_DONE))
        waiting = select(outbox.DeliveryRow.event_id)
        session.execute(
            delete(outbox.OutboxRow).where(
                outbox.OutboxRow.relayed_at < now - KEEP_DONE, outbox.OutboxRow.id.not_in(waiting)
            )
        )


def seal(context: JobContext, payload: dict[str, Any]) -> None:
    """Chain the community's audit rows that are not chained yet."""
    if context.community_id is None:
        return
    with transaction() as session:
        while audit.seal_community(session, context.community_id) > 0:
            session.flush()


MODULE = Module(
    name="kit",
    is_core=True,
    blueprints=(live.bp, looking_inside.bp, pages.bp),
    models=(
        audit.AuditRow,
        idempotency.IdempotencyRow,
        jobs.JobRow,
        live.LiveCounter,
        live.LiveRow,
        outbox.DeliveryRow,
        outbox.OutboxRow,
        reads.ReadRow,
        subject_keys.SubjectKey,
    ),
    jobs=(
        Job("kit.sweep", run=sweep, every_s=3600),
        Job("kit.seal", run=seal, every_s=300, per_community=True),
    ),
    texts=TEXTS,
)
