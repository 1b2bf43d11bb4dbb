"""What does not add up at the gates. Each is found once, in whatever order the logs come in."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import insert_once
from server.kit.outbox import emit
from server.modules.gate.events import Found
from server.modules.gate.models import Finding, Scan

# One sheet of paper seen on its way out twice within so short a time was copied, or lent.
PAPER_TWICE_WITHIN = timedelta(minutes=30)


class FindingKind(StrEnum):
    """``held_out``, ``ended_out``, ``forged_out``, ``stale_out``: let out by a scanner that did not know or care.

    ``let_out_anyway``: the refusal came too late for a scanner; ``over_quota``: a home's exits of one day and those
    before; ``clock_off``: a scanner's clock runs ahead, or its codes do not fit it.
    """

    OVERRIDE = "override"
    DOUBLE_USE = "double_use"
    PAPER_TWICE = "paper_twice"
    HELD_OUT = "held_out"
    ENDED_OUT = "ended_out"
    FORGED_OUT = "forged_out"
    STALE_OUT = "stale_out"
    LET_OUT_ANYWAY = "let_out_anyway"
    OVER_QUOTA = "over_quota"
    CLOCK_OFF = "clock_off"


def add(session: Session, scan: Scan, kind: FindingKind, key: str) -> None:
    """Write a finding, unless it is known."""
    values = {
        "community_id": scan.community_id,
        "kind": kind,
        "key": key,
        "scan_id": scan.id,
        "pass_id": scan.pass_id,
        "found_at": clock.now(),
    }
    if insert_once(session, Finding, values, unless=["community_id", "kind", "key"]) is not None:
        emit(session, Found(scan.community_id, finding=kind, scan_id=scan.id, pass_id=scan.pass_id))


def find_double_use(session: Session, scan: Scan) -> None:
    """Find that one code was shown twice, whichever of the two scans comes to be known first."""
    if scan.pass_id is None:
        return
    if scan.how == "code" and scan.step is not None:
        same = session.execute(
            select(Scan.outcome, Scan.reasons).where(
                Scan.community_id == scan.community_id,
                Scan.pass_id == scan.pass_id,
                Scan.step == scan.step,
                Scan.how == "code",
            )
        )
        # Who was refused for another reason, and tries again within the half minute, does no wrong.
        if sum(o != "deny" or any(r["code"] == "double_use" for r in reasons) for o, reasons in same) > 1:
            add(session, scan, FindingKind.DOUBLE_USE, f"{scan.pass_id}:{scan.step}")
    elif scan.how == "paper" and scan.direction == "out" and scan.outcome != "deny":
        for other in _papers_near(session, scan):
            pair = sorted((str(scan.ref), str(other)))
            add(session, scan, FindingKind.PAPER_TWICE, ":".join(pair))


def findings_page(
    session: Session, community_id: UUID, kinds: list[FindingKind], limit: int = 100
) -> list[Finding]:
    """Return the findings of these kinds, newest first."""
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.community_id == community_id, Finding.kind.in_(kinds))
            .order_by(Finding.id.desc())
            .limit(limit)
        )
    )


def _papers_near(session: Session, scan: Scan) -> list[UUID]:
    return list(
        session.scalars(
            select(Scan.ref).where(
                Scan.community_id == scan.community_id,
                Scan.pass_id == scan.pass_id,
                Scan.how == "paper",
                Scan.direction == "out",
                Scan.outcome != "deny",
                Scan.ref != scan.ref,
                Scan.at.between(scan.at - PAPER_TWICE_WITHIN, scan.at + PAPER_TWICE_WITHIN),
            )
        )
    )
