"""The manifest of quarantine."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.kit.module import Job, LiveFact, Module, NavEntry
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef
from server.modules.quarantine import events, jobs, models, routes
from server.modules.quarantine.module import demo, live
from server.modules.quarantine.module.texts import TEXTS

WORKERS = ("grid_worker", "officer")


def may_watch_desk(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "quarantine-desk" is for officers."""
    return actor.has("officer", community)


def may_watch_doors(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "quarantine-doors" is for whoever goes from door to door."""
    return any(actor.has(role, community) for role in WORKERS)


def may_watch_clinic(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "quarantine-clinic" is for those who treat."""
    return actor.has("clinic", community)


MODULE = Module(
    name="quarantine",
    requires=("places", "people", "flags", "needs", "notices"),
    blueprints=(routes.bp,),
    models=(
        models.SettingsRow,
        models.Bulk,
        models.Order,
        models.Check,
        models.Task,
        models.Referral,
        models.Violation,
        models.Appeal,
    ),
    permissions=(
        Permission("quarantine.see_own", roles=("resident", *WORKERS)),
        Permission("quarantine.visit", roles=WORKERS),
        Permission("quarantine.decide", roles=("officer",)),
        Permission("quarantine.refer", roles=("clinic", "officer")),
        Permission("quarantine.treat", roles=("clinic",)),
    ),
    emits=(events.OrderChanged, events.CheckChanged, events.TaskOpened, events.Referred),
    live=(
        LiveFact(events.OrderChanged, live.order_changed),
        LiveFact(events.CheckChanged, live.check_changed),
        LiveFact(events.TaskOpened, live.task_opened),
        LiveFact(events.Referred, live.referred),
    ),
    rooms={live.DESK: may_watch_desk, live.DOORS: may_watch_doors, live.CLINIC: may_watch_clinic},
    jobs=(
        Job("quarantine.look_at_checks", run=jobs.look_at_checks, every_s=60, per_community=True),
        Job("quarantine.order_doors", run=jobs.order_doors, every_s=60, per_community=True, queue="solver"),
        Job("quarantine.forget_readings", run=jobs.forget_readings, every_s=86_400, per_community=True),
    ),
    navigation=(
        NavEntry("isolation", "/isolation", roles=("resident",)),
        NavEntry("doors", "/doors", roles=WORKERS),
        NavEntry("quarantine", "/quarantine", roles=("officer",)),
        NavEntry("referrals", "/referrals", roles=("clinic",)),
    ),
    texts=TEXTS,
    seeds=demo.seed,
)
