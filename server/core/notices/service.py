"""Telling people, and what they have been told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.core.notices.events import NoticeAdded
from server.core.notices.models import Notice
from server.core.notices.rules import KEPT, NoticeKind
from server.core.people import service as people
from server.kit import clock
from server.kit.db import new_id
from server.kit.http import page
from server.kit.outbox import emit

__all__ = ["WORKERS", "NoticeKind", "forget_old", "mark_read", "mine", "tell", "tell_workers", "unread"]

WORKERS = ("grid_worker", "officer")


def tell(
    session: Session,
    community_id: UUID,
    person_ids: Iterable[UUID],
    kind: NoticeKind,
    subject: tuple[str, UUID | None],
    facts: dict[str, Any] | None = None,
) -> None:
    """Tell each person once: who has the same notice unread is not told again, so that events may come twice."""
    subject_kind, subject_id = subject
    wanted = sorted(set(person_ids))
    told = session.scalars(
        select(Notice.person_id).where(
            Notice.community_id == community_id,
            Notice.person_id.in_(wanted),
            Notice.kind == kind,
            Notice.subject_kind == subject_kind,
            Notice.subject_id == subject_id,
            Notice.read_at.is_(None),
        )
    ).all()
    for person_id in wanted:
        if person_id in told:
            continue
        notice = Notice(
            id=new_id(),
            community_id=community_id,
            person_id=person_id,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            facts=facts or {},
            at=clock.now(),
        )
        session.add(notice)
        emit(session, NoticeAdded(community_id, notice_id=notice.id, person_id=person_id))
    session.flush()


def tell_workers(
    session: Session,
    community_id: UUID,
    kind: NoticeKind,
    subject: tuple[str, UUID | None],
    facts: dict[str, Any] | None = None,
    *,
    roles: Iterable[str] = WORKERS,
) -> None:
    """Tell everyone who has one of the roles at the community itself; those of the levels above see counts only."""
    workers = {who for role in roles for who in people.people_with_role(session, community_id, role)}
    tell(session, community_id, workers, kind, subject, facts)


def mine(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    *,
    only_unread: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[Notice], str | None]:
    """Return a page of one's notices, newest first, and the cursor of the next."""
    query = select(Notice).where(Notice.community_id == community_id, Notice.person_id == person_id)
    if only_unread:
        query = query.where(Notice.read_at.is_(None))
    return page(session, query, Notice.id, after, limit)


def unread(session: Session, community_id: UUID, person_id: UUID) -> int:
    """Return how many notices the person has not read."""
    count = session.scalar(
        select(func.count())
        .select_from(Notice)
        .where(
            Notice.community_id == community_id,
            Notice.person_id == person_id,
            Notice.read_at.is_(None),
        )
    )
    return count or 0


def forget_old(session: Session) -> None:
    """Delete notices, read or not, after the time that they are kept."""
    session.execute(delete(Notice).where(Notice.at < clock.now() - KEPT))


def mark_read(
    session: Session, community_id: UUID, person_id: UUID, notice_ids: Iterable[UUID] | None = None
) -> None:
    """Mark one's notices as read; all of them for None. Other people's ids among them change nothing."""
    wanted = update(Notice).where(
        Notice.community_id == community_id, Notice.person_id == person_id, Notice.read_at.is_(None)
    )
    if notice_ids is not None:
        wanted = wanted.where(Notice.id.in_(list(notice_ids)))
    session.execute(wanted.values(read_at=clock.now()).execution_options(synchronize_session=False))
