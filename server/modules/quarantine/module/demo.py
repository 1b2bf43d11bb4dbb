"""Quarantine's part of the demo: two homes in isolation, one of them with a missed check."""

from __future__ import annotations

from datetime import timedelta

from server.core.flags import service as flags
from server.core.people import service as people
from server.kit import clock
from server.kit.db import transaction
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine import service
from server.modules.quarantine.rules.orders import OrderKind

BASIS = "传染病防治法第三十九条（演示） / Law on infectious diseases, article 39 (demo)"
GROUND = "密切接触者（演示） / close contact (demo)"
DAYS, SINCE = 14, timedelta(days=3)


def seed(community: CommunityRef) -> None:
    """Put every home that the demo marks red under an order, begun some days ago."""
    with transaction() as session:
        officers = people.people_with_role(session, community.id, "officer")
        red = sorted(flags.red_homes(session, community.id))
        if not officers:
            return
        actor = Actor(officers[0], people.grants_of(session, officers[0]))
        for home_id in red:
            began = clock.now() - SINCE
            wanted = service.NewOrder(OrderKind.CONTACT, began, began + timedelta(days=DAYS), BASIS, GROUND)
            service.issue(session, actor, community, home_id, wanted)
        # So that there is something to see at once: whoever lives there is asked when the clock comes round.
        service.ask(session, community)
