"""Isolated homes, and what officers and workers do about them over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.kit import clock
from server.kit.db import new_id, reading
from server.kit.module import JobContext
from server.kit.tenancy import CommunityRef
from server.modules.quarantine import jobs
from server.modules.quarantine.models import Check, Task

BASE = "/api/c/wutong/quarantine"


def order_body(home_id: UUID, *, days: int = 14, **changed: Any) -> dict[str, Any]:
    """Return what an officer sends."""
    now = clock.now()
    return {
        "home_id": str(home_id),
        "kind": "contact",
        "started_at": now.isoformat(),
        "until_at": (now + timedelta(days=days)).isoformat(),
        "legal_basis": "test basis",
        "ground": "test ground",
        **changed,
    }


def isolate(officer: Any, home_id: UUID, *, days: int = 14) -> dict[str, Any]:
    """Issue an order and return it."""
    answer = officer.post(f"{BASE}/orders", order_body(home_id, days=days))
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def look_at_checks(community: CommunityRef) -> None:
    """Do what the clockwork does each minute."""
    jobs.look_at_checks(JobContext(job_id=new_id(), community_id=community.id, attempt=1), {})


def checks() -> list[tuple[UUID, str, datetime]]:
    """Return (id, state, due) of all checks, the oldest first."""
    with reading() as session:
        rows = session.scalars(select(Check).order_by(Check.due_at, Check.id))
        return [(row.id, row.state, row.due_at) for row in rows]


def rungs() -> list[str]:
    """Return the rungs of all tasks, sorted."""
    with reading() as session:
        return sorted(session.scalars(select(Task.rung)))
