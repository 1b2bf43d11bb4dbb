"""Deliveries: what other areas and modules may ask of this one."""

from __future__ import annotations

from server.core.deliveries.service.gate import (
    arrive,
    create_handover,
    expected,
    find_handover,
    mismatches,
    on_shelf,
    parcels_of,
    receive,
)
from server.core.deliveries.service.parcels import (
    codes_of_orders,
    confirm_parcels,
    create_parcel,
    hand,
    parcels_of_need,
)
from server.core.deliveries.service.reading import Whereabouts, carts, may_see_photo
from server.core.deliveries.service.replanning import gather_rest, live_routes, write_rest
from server.core.deliveries.service.routes import (
    fail_stop,
    finish_route,
    finish_stop,
    load,
    move_cart,
    my_route,
    parcels_of_stops,
    stops_of,
    undo_stop,
)
from server.core.deliveries.service.waves import (
    cancel_wave,
    fail_wave,
    find_wave,
    gather,
    latest_waves,
    release_wave,
    start_wave,
    write_plan,
)

__all__ = [
    "Whereabouts",
    "arrive",
    "cancel_wave",
    "carts",
    "codes_of_orders",
    "confirm_parcels",
    "create_handover",
    "create_parcel",
    "expected",
    "fail_stop",
    "fail_wave",
    "find_handover",
    "find_wave",
    "finish_route",
    "finish_stop",
    "gather",
    "gather_rest",
    "hand",
    "latest_waves",
    "live_routes",
    "load",
    "may_see_photo",
    "mismatches",
    "move_cart",
    "my_route",
    "on_shelf",
    "parcels_of",
    "parcels_of_need",
    "parcels_of_stops",
    "receive",
    "release_wave",
    "start_wave",
    "stops_of",
    "undo_stop",
    "write_plan",
    "write_rest",
]
