"""What people who want through a gate at the same moment do. Each opens its own transaction."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import select

from server.core.communities import service as communities
from server.kit import clock
from server.kit.db import new_id, transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor
from server.modules.gate import service
from server.modules.gate.models import Scan
from server.modules.gate.rules.leaving import Direction

THINKS_S = 1.0


def show(community_id: UUID, gate_id: UUID, how: str, text: str) -> str:
    """Show something on the way out; return the outcome and the first reason."""
    presented = service.Presented(new_id(), Direction.OUT, service.How(how), text, gate_id=gate_id)
    try:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            row = service.scan(session, service.By(Actor(None)), community, presented)
            return " ".join([row.outcome, *(reason["code"] for reason in row.reasons[:1])])
    except Problem as problem:
        return problem.code


def show_naively(community_id: UUID, gate_id: UUID, pass_id: UUID, step: int) -> str:
    """Let out as a program would that looks first and writes later, with nothing to stop it: no ``used_step``."""
    with transaction() as session:
        used = select(Scan.id).where(Scan.pass_id == pass_id, Scan.step == step)
        is_used = session.scalar(used) is not None
    if is_used:
        return "deny double_use"
    # Whoever is slow to write is not alone in having looked, however busy the machine is.
    time.sleep(THINKS_S)
    with transaction() as session:
        session.add(
            Scan(
                community_id=community_id,
                ref=new_id(),
                gate_id=gate_id,
                pass_id=pass_id,
                direction="out",
                how="code",
                step=step,
                outcome="allow",
                reasons=[],
                was_measured=False,
                is_offline=False,
                rule_version=0,
                at=clock.now(),
                received_at=clock.now(),
            )
        )
    return "allow"
