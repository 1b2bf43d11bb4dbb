"""Looking back: how many went through which gate when, and what other rules would have done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.kit.db import touched
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Reading, Scan
from server.modules.gate.rules.leaving import Exit, Rules
from server.modules.gate.rules.replay import RULED, Effect, RecordedExit, replay

# How long it is known who went where when; no quota looks further back.
KEPT = timedelta(days=14)
READINGS_KEPT = timedelta(minutes=5)


@dataclass(frozen=True)
class Flow:
    """One gate in one local hour."""

    gate_id: UUID
    hour: int
    out: int
    come_in: int
    denied: int


def flow(session: Session, community: CommunityRef, day: date) -> list[Flow]:
    """Return the traffic of a local day: one row for each gate and hour with any."""
    hours = [datetime.combine(day, time(hour), community.zone) for hour in range(24)]
    # By the database: a large compound has twenty thousand scans a day.
    hour = case(*((Scan.at < end, number) for number, end in enumerate(hours[1:])), else_=23).label("hour")
    rows = session.execute(
        select(Scan.gate_id, hour, Scan.direction, Scan.outcome, func.count())
        .where(
            Scan.community_id == community.id,
            Scan.gate_id.is_not(None),
            Scan.at >= hours[0],
            Scan.at < datetime.combine(day + timedelta(days=1), time(), community.zone),
        )
        .group_by(Scan.gate_id, "hour", Scan.direction, Scan.outcome)
    )
    counts: Counter[tuple[UUID, int, str]] = Counter()
    for gate_id, at_hour, direction, outcome, count in rows:
        assert gate_id is not None
        counts[gate_id, at_hour, "denied" if outcome == "deny" else direction] += count
    keys = sorted({(gate_id, hour) for gate_id, hour, _ in counts}, key=lambda key: (key[1], str(key[0])))
    return [
        Flow(gate, hour, counts[gate, hour, "out"], counts[gate, hour, "in"], counts[gate, hour, "denied"])
        for gate, hour in keys
    ]


def exits_by_entrance(session: Session, community_id: UUID, since: datetime) -> dict[UUID, int]:
    """Return entrance → how many went out from the homes behind it; visitors and vehicles have no home."""
    rows = session.execute(
        select(Scan.home_id, func.count())
        .where(
            Scan.community_id == community_id,
            Scan.gate_id.is_not(None),
            Scan.home_id.is_not(None),
            Scan.direction == "out",
            Scan.outcome != "deny",
            Scan.at > since,
        )
        .group_by(Scan.home_id)
    ).all()
    sites = places.sites_of_homes(session, community_id, [home_id for home_id, _ in rows if home_id])
    counts: Counter[UUID] = Counter()
    for home_id, count in rows:
        if home_id in sites:
            counts[sites[home_id].entrance_id] += count
    return dict(counts)


def effect_of(session: Session, community: CommunityRef, rules: Rules, *, days: int) -> Effect:
    """Return what ``rules`` would have done to the exits of the last ``days`` days."""
    rows = session.execute(
        select(
            Scan.at,
            Scan.gate_id,
            Scan.home_id,
            Scan.kind,
            Scan.purpose,
            Scan.outcome,
            Scan.reasons,
            Scan.was_measured,
        ).where(
            Scan.community_id == community.id,
            Scan.direction == "out",
            Scan.at > clock.now() - timedelta(days=days),
        )
    )
    recorded = []
    for row in rows:
        codes = {reason["code"] for reason in row.reasons}
        leaving = Exit(
            at=row.at.astimezone(community.zone),
            gate_id=row.gate_id,
            kind=row.kind or "",
            purpose=row.purpose or "",
            was_measured=row.was_measured,
        )
        recorded.append(
            RecordedExit(
                home_id=row.home_id,
                leaving=leaving,
                was_let_out=row.outcome != "deny",
                was_override=row.outcome == "override",
                # Nobody knows the pass of somebody who showed none: no rule weighs that exit.
                other_reasons=frozenset(codes - RULED if row.outcome == "deny" else ()),
            )
        )
    return replay(rules, [one for one in recorded if one.leaving.kind])


def forget(session: Session, community_id: UUID) -> int:
    """Delete scans older than they are kept, and readings that nobody used; return how many scans."""
    now = clock.now()
    session.execute(
        delete(Reading).where(Reading.community_id == community_id, Reading.at < now - READINGS_KEPT)
    )
    gone = session.execute(
        delete(Scan).where(
            Scan.community_id == community_id, Scan.at < now - KEPT, Scan.received_at < now - KEPT
        )
    )
    return touched(gone)


def scans_page(session: Session, community_id: UUID, *, pass_id: UUID | None, limit: int) -> list[Scan]:
    """Return the newest scans, of one pass if it is named."""
    wanted = select(Scan).where(Scan.community_id == community_id)
    if pass_id is not None:
        wanted = wanted.where(Scan.pass_id == pass_id)
    return list(session.scalars(wanted.order_by(Scan.at.desc(), Scan.ref).limit(limit)))
