"""The community's rules: which version holds, and adding one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate.events import RulesChanged
from server.modules.gate.models import RuleSet
from server.modules.gate.rules.leaving import Quota, Rules, check_hours

NONE_YET = 0


def rules_at(session: Session, community_id: UUID, at: datetime | None = None) -> tuple[int, Rules]:
    """Return (version, rules) that hold at an instant (default: now); version 0 where nobody has set any."""
    row = session.execute(
        select(RuleSet.version, RuleSet.rules)
        .where(RuleSet.community_id == community_id, RuleSet.from_at <= (at or clock.now()))
        .order_by(RuleSet.version.desc())
        .limit(1)
    ).first()
    return (row.version, from_json(row.rules)) if row else (NONE_YET, Rules())


def versions(session: Session, community_id: UUID, limit: int = 50) -> list[RuleSet]:
    """Return the versions there have been, newest first."""
    return list(
        session.scalars(
            select(RuleSet)
            .where(RuleSet.community_id == community_id)
            .order_by(RuleSet.version.desc())
            .limit(limit)
        )
    )


def set_rules(
    session: Session, actor: Actor, community: CommunityRef, rules: Rules, *, why: str, on: int
) -> int:
    """Add a version that holds from now on and return its number.

    ``on``: the version it was written against. Raises Conflict if there is a newer one, Refused without a reason.
    """
    if not why.strip():
        raise Refused("gate.ground_missing")
    check_hours(rules.hours)
    last = session.scalar(select(func.max(RuleSet.version)).where(RuleSet.community_id == community.id)) or 0
    if last != on:
        raise Conflict("gate.rules_moved_on", version=last)
    row = RuleSet(
        community_id=community.id,
        version=last + 1,
        rules=to_json(rules),
        why=why.strip(),
        author_id=actor.person_id,
        from_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("gate.rules_moved_on", version=last + 1) from None
    record(
        session,
        actor,
        community.id,
        "gate.rules_set",
        ("rules", row.id),
        facts={"version": last + 1},
        why=why,
    )
    emit(session, RulesChanged(community.id, version=last + 1))
    return last + 1


def to_json(rules: Rules) -> dict[str, Any]:
    """Return the rules as they are stored."""
    plain = asdict(rules)
    plain["gates"] = [str(gate_id) for gate_id in rules.gates]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def from_json(plain: Mapping[str, Any]) -> Rules:
    """Return the rules that ``to_json`` wrote; what an older version did not know has its default."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    quota = plain.get("quota")
    values["quota"] = Quota(**quota) if quota else None
    values["hours"] = tuple((start, end) for start, end in plain.get("hours", ()))
    values["gates"] = tuple(UUID(gate_id) for gate_id in plain.get("gates", ()))
    return Rules(**values)
