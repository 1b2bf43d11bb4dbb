"""Places: compound, buildings, entrances, homes, gates and lanes, from real maps."""

from __future__ import annotations

from server.core.places import events, jobs, models, routes
from server.core.places.module.import_osm import import_osm
from server.core.places.module.texts import TEXTS
from server.kit.module import Job, LiveFact, LiveMessage, Module
from server.kit.permissions import Permission

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")
STAFF = ("volunteer", "courier", "guard", "grid_worker", "officer")


def lane_changed(event: events.LaneChanged) -> list[LiveMessage]:
    """Tell the map that a lane is another one now."""
    data = {
        "lane_id": str(event.lane_id),
        "state": event.state,
        "is_fire_lane": event.is_fire_lane,
        "width_cm": event.width_cm,
        "network_version": event.network_version,
    }
    return [LiveMessage("map", "lane.changed", data)]


def gate_changed(event: events.GateChanged) -> list[LiveMessage]:
    """Tell the map that a gate is open or closed now."""
    return [LiveMessage("map", "gate.changed", {"gate_id": str(event.gate_id), "is_open": event.is_open})]


MODULE = Module(
    name="places",
    is_core=True,
    requires=("communities",),
    blueprints=(routes.bp,),
    models=(
        models.Network,
        models.Node,
        models.Lane,
        models.StandingPoint,
        models.Building,
        models.Entrance,
        models.Gate,
        models.Home,
    ),
    permissions=(
        Permission("places.see_map", roles=EVERYONE),
        Permission("places.see_homes", roles=("grid_worker", "officer", "guard")),
        Permission("places.manage", roles=("officer",)),
        Permission("places.close_lane", roles=("officer", "grid_worker", "guard")),
    ),
    emits=(events.LaneChanged, events.GateChanged, events.PlacesImported),
    live=(LiveFact(events.LaneChanged, lane_changed), LiveFact(events.GateChanged, gate_changed)),
    jobs=(Job("places.reopen_lanes", run=jobs.reopen_lanes, every_s=60, per_community=True),),
    commands=(import_osm,),
    texts=TEXTS,
)
