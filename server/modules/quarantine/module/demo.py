"""Quarantine's part of the demo: homes isolated since yesterday; one reports a fever, the others are silent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.people import service as people
from server.kit import clock
from server.kit.clock import SettableClock
from server.kit.db import transaction
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine import service
from server.modules.quarantine.rules.checks import CheckState, How, Reading, Symptom
from server.modules.quarantine.rules.ladder import Settings
from server.modules.quarantine.rules.orders import OrderKind

BASIS = "传染病防治法第三十九条（演示） / Law on infectious diseases, article 39 (demo)"
GROUND = "密切接触者（演示） / close contact (demo)"
DAYS, SINCE, ISSUED = 14, timedelta(days=3), timedelta(hours=26)
# Whenever somebody starts the demo, a check was due five hours ago: there are doors to knock at.
DUE_AGO = timedelta(hours=5)


def seed(community: CommunityRef) -> None:
    """Put every home that the demo marks red under an order, and let the first of them report."""
    with transaction() as session:
        officers = people.people_with_role(session, community.id, "officer")
        red = sorted(flags.red_homes(session, community.id))
        if not officers:
            return
        actor = Actor(officers[0], people.grants_of(session, officers[0]))
        hour = (clock.now() - DUE_AGO).astimezone(community.zone).hour
        hours = tuple(sorted((hour, (hour + 12) % 24)))
        service.change_settings(session, actor, community.id, Settings(hours=hours))
        for home_id in red:
            _isolate(session, actor, community, home_id)
        service.ask(session, community)
        for home_id in red[:1]:
            _report(session, community, home_id)
        service.climb(session, community)


def _isolate(session: Session, actor: Actor, community: CommunityRef, home_id: UUID) -> None:
    # The order's own flag takes the place of the one that marked the home: its release is the end of red.
    marks = [flag.id for flag in flags.flags_here(session, community.id, home_id)]
    flags.end_flags(session, actor, community.id, marks, GROUND)
    began = clock.now() - SINCE
    wanted = service.NewOrder(OrderKind.CONTACT, began, began + timedelta(days=DAYS), BASIS, GROUND)
    with clock.using(SettableClock(clock.now() - ISSUED)):
        service.issue(session, actor, community, home_id, wanted)


def _report(session: Session, community: CommunityRef, home_id: UUID) -> None:
    """Whoever lives there has reported everything; the last reading is a fever."""
    order = service.order_of_home(session, community.id, home_id)
    living = people.members_of_home(session, community.id, home_id)
    if order is None or not living:
        return
    actor = Actor(living[0], people.grants_of(session, living[0]))
    due = [c for c in service.checks_of(session, community.id, order.id) if c.state == CheckState.DUE]
    for nth, check in enumerate(due):
        reading = Reading(378, frozenset({Symptom.COUGH})) if nth == 0 else Reading(365, frozenset())
        service.report(session, actor, community, check.id, service.Entered(reading, How.APP))
