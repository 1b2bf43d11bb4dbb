"""Isolation in numbers: what became of the checks, day by day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.models import Check, Task
from server.modules.quarantine.rules.checks import CheckState
from server.modules.quarantine.rules.days import Day, by_day


def days(session: Session, community: CommunityRef, number: int) -> list[Day]:
    """Count the checks of the last ``number`` days, today included, by the calendar of the community."""
    today = clock.now().astimezone(community.zone).date()
    first = today - timedelta(days=number - 1)
    since = datetime.combine(first, time(), community.zone)
    # Named states: then the index (community, state, due) has all that is asked for, and no row is read.
    recent = (Check.community_id == community.id, Check.state.in_(list(CheckState)), Check.due_at >= since)
    # Everybody is asked at the same hours: few rows come back, however many people there are.
    checks = session.execute(
        select(Check.due_at, Check.state, func.count()).where(*recent).group_by(Check.due_at, Check.state)
    )
    tasks = session.execute(
        select(Check.due_at, Task.rung, func.count())
        .join(Check, Check.id == Task.check_id)
        # A task opens after its check was due.
        .where(Task.community_id == community.id, Task.opened_at >= since, Check.due_at >= since)
        .group_by(Check.due_at, Task.rung)
    )
    return by_day(
        [(at, state, n) for at, state, n in checks],
        [(at, rung, n) for at, rung, n in tasks],
        first=first,
        last=today,
        zone=community.zone,
    )
