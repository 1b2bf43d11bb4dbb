"""A compound whose people are all in isolation, made through the services, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate import service as gate
from server.modules.gate.rules.passes import PassKind, PassStep
from server.modules.quarantine import service as quarantine
from server.modules.quarantine.models import Check
from server.modules.quarantine.rules.checks import CheckState, How, Reading
from server.modules.quarantine.rules.orders import OrderKind
from server.simulator.officer import homes_csv

SLUG = "town"
IN_A_HOME = 3
# Six in the evening of the day before, in Shanghai, when the order was made; checks follow at 19:00 and 9:00.
ISSUED_BEFORE = timedelta(hours=26)
REPORTED_OF_TEN = 8
AT_ONCE = 40


@dataclass(frozen=True)
class LockedDown:
    """How many people and homes are isolated. ``free``: homes that are not → the number of a pass of somebody there."""

    people: int
    homes: int
    free: dict[UUID, str]


def lock_down(app: Flask, at: datetime, residents: int, free: int, phones: dict[str, str]) -> LockedDown:
    """Make the compound: every home isolated but ``free`` ones, checks asked for and mostly done by ``at``.

    ``phones``: role → the phone of whoever has it; the resident is one of those who are isolated.
    """
    with app.app_context(), clock.using(SettableClock(at)) as hands:
        assert isinstance(hands, SettableClock)
        community, officer = _found(residents, free)
        hands.at = at - ISSUED_BEFORE
        homes = _people(community, residents, free)
        isolated, others = homes[: len(homes) - free], homes[len(homes) - free :]
        numbers = {home_id: _pass_of(community, person_ids[0]) for home_id, person_ids in others}
        _isolate(community, officer, [home_id for home_id, _ in isolated])
        while hands.now() < at:
            hands.at = min(at, hands.now() + timedelta(hours=1))
            _let_an_hour_pass(community)
        drain(app)
        for role, phone in phones.items():
            _give_phone(community, role, phone, isolated[0][0])
    return LockedDown(
        people=sum(len(person_ids) for _, person_ids in isolated), homes=len(isolated), free=numbers
    )


def drain(app: Flask) -> None:
    """Relay every event and do every job, so that the server begins with nothing left over."""
    linli = app.extensions["linli"]
    while linli.relay.run_once() + linli.reactions.run_once() + linli.jobs.run_pending():
        pass


def _found(residents: int, free: int) -> tuple[CommunityRef, Actor]:
    with transaction() as session:
        found = communities.find(session, SLUG)
        assert found is not None
        officer_id = people.people_with_role(session, found.id, "admin")[0]
        drawn = places.map_data(session, found)
        places.import_homes(session, SYSTEM, found, homes_csv(drawn, residents // IN_A_HOME + free))
        return found, Actor(officer_id, people.grants_of(session, officer_id))


def _people(community: CommunityRef, residents: int, free: int) -> list[tuple[UUID, list[UUID]]]:
    with reading() as session:
        homes = places.homes_page(session, community.id, limit=5000)
        home_ids = [home.id for home in homes][: residents // IN_A_HOME + free]
    made: list[tuple[UUID, list[UUID]]] = []
    for first in range(0, len(home_ids), AT_ONCE):
        with transaction() as session:
            for home_id in home_ids[first : first + AT_ONCE]:
                made.append((home_id, [_person(session, community, home_id) for _ in range(IN_A_HOME)]))
    return made


def _person(session: Session, community: CommunityRef, home_id: UUID) -> UUID:
    person = people.create_person(session, name="住户", phone=None)
    people.add_member(session, community.id, home_id, person.id)
    people.grant_role(session, person.id, "resident", community_id=community.id)
    return person.id


def _give_phone(community: CommunityRef, role: str, phone: str, home_id: UUID) -> None:
    with transaction() as session:
        person = people.create_person(session, name=role, phone=phone)
        people.grant_role(session, person.id, role, community_id=community.id)
        if role == "resident":
            people.add_member(session, community.id, home_id, person.id)


def _pass_of(community: CommunityRef, person_id: UUID) -> str:
    now = clock.now()
    with transaction() as session:
        actor = Actor(person_id, people.grants_of(session, person_id))
        asked = gate.Application(PassKind.RESIDENT, "shopping", now, now + timedelta(days=7))
        row = gate.apply(session, actor, community, asked)
        if row.state == "applied":
            gate.step(session, SYSTEM, community, row.id, PassStep.APPROVE)
        return str(row.number)


def _isolate(community: CommunityRef, officer: Actor, home_ids: list[UUID]) -> None:
    now = clock.now()
    wanted = quarantine.NewOrder(OrderKind.AREA, now, now + timedelta(days=14), "basis", "ground")
    for first in range(0, len(home_ids), AT_ONCE):
        with transaction() as session:
            quarantine.issue_all(session, officer, community, home_ids[first : first + AT_ONCE], wanted)


def _let_an_hour_pass(community: CommunityRef) -> None:
    """Ask, let most people report at once, and climb the ladder for the others."""
    with transaction() as session:
        quarantine.ask(session, community)
    now = clock.now()
    with reading() as session:
        due = session.execute(
            select(Check.id, Check.person_id).where(
                Check.community_id == community.id,
                Check.state == CheckState.DUE,
                Check.due_at > now - timedelta(hours=1),
            )
        ).all()
    reported = [row for nth, row in enumerate(due) if nth % 10 < REPORTED_OF_TEN]
    for first in range(0, len(reported), AT_ONCE):
        with transaction() as session:
            for check_id, person_id in reported[first : first + AT_ONCE]:
                actor = Actor(person_id, ())
                quarantine.report(
                    session,
                    actor,
                    community,
                    check_id,
                    quarantine.Entered(Reading(366, frozenset()), How.APP),
                )
    with transaction() as session:
        quarantine.climb(session, community)
