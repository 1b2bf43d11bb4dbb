"""The manifest of zones [1.3]."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.kit.module import Job, LiveFact, LiveMessage, Module, NavEntry
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef
from server.modules.zones import events, jobs, models, routes
from server.modules.zones.module import demo
from server.modules.zones.module.figures_command import zones
from server.modules.zones.module.texts import TEXTS

DESK = "zones-desk"


def may_watch_desk(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "zones-desk" is for officers."""
    return actor.has("officer", community)


def list_changed(event: events.ListChanged) -> list[LiveMessage]:
    """Tell the desk."""
    data = {"list_id": str(event.list_id), "state": event.state}
    return [LiveMessage(DESK, "zones.list_changed", data)]


MODULE = Module(
    name="zones",
    requires=("communities", "places", "people", "flags", "notices"),
    blueprints=(routes.bp,),
    models=(models.ZoneList, models.ZoneRow, models.Zone, models.ZoneHome, models.ZoneAppeal),
    permissions=(
        Permission("zones.see_own", roles=("resident", "grid_worker", "officer")),
        Permission("zones.see", roles=("grid_worker", "guard", "officer")),
        Permission("zones.decide", roles=("officer",)),
    ),
    emits=(events.ListChanged,),
    live=(LiveFact(events.ListChanged, list_changed),),
    rooms={DESK: may_watch_desk},
    jobs=(Job("zones.end_due", run=jobs.end_due, every_s=60, per_community=True),),
    navigation=(
        NavEntry("zone", "/zone", roles=("resident",)),
        NavEntry("zones", "/zones", roles=("officer",)),
    ),
    programs=(zones,),
    texts=TEXTS,
    seeds=demo.seed,
)
