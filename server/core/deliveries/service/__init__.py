"""Deliveries: what other areas and modules may ask of this one."""

from __future__ import annotations

from server.core.deliveries.rules import Custodian, Failure
from server.core.deliveries.service.gate import (
    arrive,
    create_handover,
    expected,
    find_handover,
    on_shelf,
    parcels_of,
    receive,
)
from server.core.deliveries.service.gate_choice import (
    ask_gates,
    gate_choice,
    gather_gates,
    is_lost,
    outdate_gate_choice,
    write_gates,
)
from server.core.deliveries.service.gathering import gather
from server.core.deliveries.service.helps import gather_help, help_of_wave, write_help
from server.core.deliveries.service.mismatches import close_mismatch, open_mismatches
from server.core.deliveries.service.parcels import (
    codes_of_orders,
    confirm_parcels,
    create_parcel,
    custody_of,
    find_parcel,
    hand,
    parcels_of_need,
    parcels_of_orders,
)
from server.core.deliveries.service.photos import find_photo, forget_photos, keep_photo, may_see_photo
from server.core.deliveries.service.reading import Whereabouts, carts, routes_of_wave
from server.core.deliveries.service.releasing import needs_of_stop, release_wave
from server.core.deliveries.service.replanning import gather_rest, keep_rest, wish_replan, write_rest
from server.core.deliveries.service.routes import (
    fail_stop,
    find_route,
    finish_route,
    finish_stop,
    load,
    move_cart,
    my_route,
    parcels_of_stops,
    stops_of,
    undo_stop,
)
from server.core.deliveries.service.sightings import drop_sightings
from server.core.deliveries.service.waves import (
    cancel_wave,
    fail_lost_waves,
    fail_wave,
    find_wave,
    gather_for,
    latest_waves,
    open_wave,
    plan_anew,
    planning_key,
    start_wave,
    write_plan,
)

__all__ = [
    "Custodian",
    "Failure",
    "Whereabouts",
    "arrive",
    "ask_gates",
    "cancel_wave",
    "carts",
    "close_mismatch",
    "codes_of_orders",
    "confirm_parcels",
    "create_handover",
    "create_parcel",
    "custody_of",
    "drop_sightings",
    "expected",
    "fail_lost_waves",
    "fail_stop",
    "fail_wave",
    "find_handover",
    "find_parcel",
    "find_photo",
    "find_route",
    "find_wave",
    "finish_route",
    "finish_stop",
    "forget_photos",
    "gate_choice",
    "gather",
    "gather_for",
    "gather_gates",
    "gather_help",
    "gather_rest",
    "hand",
    "help_of_wave",
    "is_lost",
    "keep_photo",
    "keep_rest",
    "latest_waves",
    "load",
    "may_see_photo",
    "move_cart",
    "my_route",
    "needs_of_stop",
    "on_shelf",
    "open_mismatches",
    "open_wave",
    "outdate_gate_choice",
    "parcels_of",
    "parcels_of_need",
    "parcels_of_orders",
    "parcels_of_stops",
    "plan_anew",
    "planning_key",
    "receive",
    "release_wave",
    "routes_of_wave",
    "start_wave",
    "stops_of",
    "undo_stop",
    "wish_replan",
    "write_gates",
    "write_help",
    "write_plan",
    "write_rest",
]
