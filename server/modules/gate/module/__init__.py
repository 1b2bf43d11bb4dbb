"""The manifest of the gate."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.flags.events import FlagEnded, FlagRaised
from server.core.places.events import GateChanged
from server.kit.module import Job, LiveFact, Module, NavEntry
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef
from server.modules.gate import events, jobs, models, routes, service
from server.modules.gate.module import demo, live
from server.modules.gate.module.device_command import gate_device
from server.modules.gate.module.texts import TEXTS

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")
DESK = ("grid_worker", "officer")
AT_GATE = ("guard", *DESK)


def may_watch_passes(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "passes" is for whoever scans."""
    return any(actor.has(role, community) for role in AT_GATE)


def may_watch_desk(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "gate-desk" is for officers."""
    return actor.has("officer", community)


MODULE = Module(
    name="gate",
    requires=("places", "people", "flags"),
    blueprints=(routes.bp,),
    models=(
        models.RuleSet,
        models.Pass,
        models.Credential,
        models.Device,
        models.Reading,
        models.Scan,
        models.Finding,
    ),
    permissions=(
        Permission("gate.apply", roles=("resident", *DESK)),
        Permission("gate.decide", roles=DESK),
        Permission("gate.scan", roles=AT_GATE),
        Permission("gate.look_back", roles=("officer",)),
        Permission("gate.see_rules", roles=EVERYONE),
        Permission("gate.set_rules", roles=("officer",)),
        Permission("gate.manage_devices", roles=("officer",)),
    ),
    emits=(events.PassChanged, events.RulesChanged, events.Found, events.ReadingHigh),
    live=(
        LiveFact(events.PassChanged, live.pass_changed),
        LiveFact(events.RulesChanged, live.rules_changed),
        LiveFact(events.Found, live.found),
        LiveFact(GateChanged, live.gate_changed),
        LiveFact(FlagRaised, live.flag_changed),
        LiveFact(FlagEnded, live.flag_changed),
    ),
    rooms={"passes": may_watch_passes, "gate-desk": may_watch_desk},
    jobs=(
        Job("gate.expire_passes", run=jobs.expire_passes, every_s=60, per_community=True),
        Job("gate.forget_scans", run=jobs.forget_scans, every_s=86_400, per_community=True),
    ),
    navigation=(
        NavEntry("pass", "/pass", roles=("resident",)),
        NavEntry("scan", "/scan", roles=("guard",)),
        NavEntry("passes", "/passes", roles=DESK),
    ),
    programs=(gate_device,),
    provides={"tracing.sightings": service.sightings, "deliveries.exits": service.exits_by_entrance},
    texts=TEXTS,
    seeds=demo.seed,
)
