"""Places: what other areas may ask of this one."""

from __future__ import annotations

from server.core.places.service.gates import GateNow, change_gate, gate_is_open, gates
from server.core.places.service.grids import assign_grid
from server.core.places.service.importing import import_map
from server.core.places.service.looking import (
    Doorway,
    NetworkData,
    Site,
    count_homes,
    doorways,
    entrance,
    entrances_in_use,
    gate_site,
    goods_gate,
    home,
    home_labels,
    homes_behind,
    homes_of_entrance,
    homes_of_grid,
    homes_page,
    lane_names,
    map_data,
    network_data,
    network_version,
    own_places,
    sites_of_entrances,
    sites_of_homes,
)
from server.core.places.service.marking import (
    close_lane,
    has_due_lanes,
    mark_lane,
    reopen_due_lanes,
    reopen_lane,
)
from server.core.places.service.naming import change_entrance, name_building
from server.core.places.service.standing import add_standing_point, remove_standing_point
from server.core.places.service.tables import export_homes, export_lanes, import_homes, import_lanes

__all__ = [
    "Doorway",
    "GateNow",
    "NetworkData",
    "Site",
    "add_standing_point",
    "assign_grid",
    "change_entrance",
    "change_gate",
    "close_lane",
    "count_homes",
    "doorways",
    "entrance",
    "entrances_in_use",
    "export_homes",
    "export_lanes",
    "gate_is_open",
    "gate_site",
    "gates",
    "goods_gate",
    "has_due_lanes",
    "home",
    "home_labels",
    "homes_behind",
    "homes_of_entrance",
    "homes_of_grid",
    "homes_page",
    "import_homes",
    "import_lanes",
    "import_map",
    "lane_names",
    "map_data",
    "mark_lane",
    "name_building",
    "network_data",
    "network_version",
    "own_places",
    "remove_standing_point",
    "reopen_due_lanes",
    "reopen_lane",
    "sites_of_entrances",
    "sites_of_homes",
]
