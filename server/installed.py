"""What this installation consists of. To add a module: its folder, and one line here."""

from __future__ import annotations

from server.core.communities.module import MODULE as communities
from server.core.deliveries.module import MODULE as deliveries
from server.core.flags.module import MODULE as flags
from server.core.helpers.module import MODULE as helpers
from server.core.needs.module import MODULE as needs
from server.core.notices.module import MODULE as notices
from server.core.people.module import MODULE as people
from server.core.places.module import MODULE as places
from server.kit.housekeeping import MODULE as kit
from server.kit.module import Module
from server.modules.gate.module import MODULE as gate
from server.modules.market.module import MODULE as market
from server.modules.money.module import MODULE as money
from server.modules.quarantine.module import MODULE as quarantine
from server.modules.tracing.module import MODULE as tracing
from server.modules.zones.module import MODULE as zones

INSTALLED: tuple[Module, ...] = (
    kit,
    communities,
    places,
    people,
    flags,
    helpers,
    needs,
    deliveries,
    notices,
    market,
    gate,
    quarantine,
    tracing,
    zones,
    money,
)
