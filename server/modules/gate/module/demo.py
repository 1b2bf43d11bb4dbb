"""The gate's part of the demo: rules, passes, and a week of people going in and out."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.db import new_id, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Pass
from server.modules.gate.rules.leaving import Direction, Outcome, Quota, Rules
from server.modules.gate.rules.passes import PassKind, PassStep

PEOPLE, WAITING, DAYS = 18, 3, 6
PURPOSES = ("shopping", "work", "shopping", "medical")
# No hours: the demo must let people out whenever somebody looks at it.
RULES = Rules(quota=Quota(2, 2), approved_by_rule=("medical",), list_limit_min=30)
WHY = "居委会第 3 号通告（演示） / Committee notice 3 (demo)"


def seed(community: CommunityRef) -> None:
    """Give some people passes, let them go in and out for some days, and leave a few applications waiting."""
    rng = random.Random(20200210)
    with transaction() as session:
        gates = places.gates(session, community)
        residents = _residents(session, community)
        if not gates:
            return
        carried = {person_id: _pass(session, community, person_id, rng) for person_id in residents[WAITING:]}
        # Whoever tries the demo has not been out yet.
        others = [row for who, row in carried.items() if not people.person(session, who).is_demo]
        service.take_in(session, service.By(SYSTEM), community, _week(others, community, gates, rng))
        service.set_rules(session, SYSTEM, community, RULES, why=WHY, on=0)
        for person_id in residents[:WAITING]:
            _apply(session, community, person_id, "work", clock.now())


def _residents(session: Session, community: CommunityRef) -> list[UUID]:
    """Return one person of each of some homes; the demo's own accounts last, so that they have passes."""
    homes = [home.id for home in places.homes_page(session, community.id, limit=5000)]
    families = people.people_of_homes(session, community.id, homes).values()
    everybody = [person_id for family in families for person_id in family]
    own = [person_id for person_id in everybody if people.person(session, person_id).is_demo]
    others = [family[0] for family in families if not set(family) & set(own)]
    return others[: PEOPLE - len(own)] + own


def _apply(
    session: Session, community: CommunityRef, person_id: UUID, purpose: str, from_at: datetime
) -> Pass:
    actor = Actor(person_id, people.grants_of(session, person_id))
    asked = service.Application(PassKind.RESIDENT, purpose, from_at, from_at + timedelta(days=14))
    return service.apply(session, actor, community, asked)


def _pass(session: Session, community: CommunityRef, person_id: UUID, rng: random.Random) -> Pass:
    row = _apply(session, community, person_id, rng.choice(PURPOSES), clock.now() - timedelta(days=DAYS))
    return service.step(session, SYSTEM, community, row.id, PassStep.APPROVE)


def _week(
    carried: list[Pass], community: CommunityRef, gates: list[places.GateNow], rng: random.Random
) -> list[service.Logged]:
    """Return a log: each goes out for some hours on some of the days."""
    now, log = clock.now(), []
    for row in carried:
        for day in range(DAYS):
            left = _at(now - timedelta(days=day), rng.randrange(7 * 60, 17 * 60), community)
            back = left + timedelta(minutes=rng.randrange(20, 240))
            if left < row.from_at or back > now or rng.random() < 0.5:
                continue
            gate = rng.choice(gates)
            log.append(_logged(row, gate.id, Direction.OUT, left))
            log.append(_logged(row, gate.id, Direction.IN, back))
    return log


def _at(day: datetime, minute: int, community: CommunityRef) -> datetime:
    local = day.astimezone(community.zone).date()
    return datetime.combine(local, time(minute // 60, minute % 60), community.zone)


def _logged(row: Pass, gate_id: UUID, direction: Direction, at: datetime) -> service.Logged:
    outcome = Outcome.ALLOW if direction is Direction.OUT else Outcome.ADMIT
    return service.Logged(
        new_id(), direction, service.How.NUMBER, row.number or "", at, outcome, gate_id, list_issued_at=at
    )
