"""The manifest of deliveries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.deliveries import events, jobs, models, reactions, routes, service
from server.core.deliveries.module import live
from server.core.deliveries.module.plan_command import plan
from server.core.deliveries.module.texts import TEXTS
from server.core.flags.events import FlagEnded, FlagRaised
from server.core.helpers import service as helpers
from server.core.helpers.events import RestChanged
from server.core.needs.events import NeedChanged
from server.core.places.events import LaneChanged, PlacesImported
from server.kit.module import Job, LiveFact, Module, NavEntry, Subscription
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")
DESK = ("grid_worker", "officer")
STAFF = ("volunteer", "courier", "guard", *DESK)


def may_watch_courier(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "courier:<helper>" is for that helper and for the wave desk."""
    if any(actor.has(role, community) for role in DESK):
        return True
    return str(helpers.helper_id_of(session, community.id, actor.id)) == key


def may_watch_gate(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "gate" is for guards and for the wave desk."""
    return any(actor.has(role, community) for role in ("guard", *DESK))


def may_watch_map(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "map" is for those who work here: it tells where couriers are."""
    return any(actor.has(role, community) for role in STAFF)


def may_watch_wave(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The rooms "wave:<id>" are for the wave desk."""
    return any(actor.has(role, community) for role in DESK)


MODULE = Module(
    name="deliveries",
    is_core=True,
    requires=("places", "people", "flags", "helpers", "needs"),
    blueprints=(routes.bp, routes.root),
    models=(
        models.Parcel,
        models.Custody,
        models.Handover,
        models.Mismatch,
        models.Wave,
        models.Route,
        models.Stop,
        models.StopParcel,
        models.Drop,
        models.Photo,
        models.Position,
        models.GateChoice,
    ),
    permissions=(
        Permission("deliveries.gate", roles=("guard", *DESK)),
        Permission("deliveries.plan", roles=("officer",)),
        Permission("deliveries.see_waves", roles=DESK),
        Permission("deliveries.carry", roles=("volunteer", "courier")),
        Permission("deliveries.photo", roles=EVERYONE),
    ),
    emits=(
        events.ParcelMoved,
        events.WaveChanged,
        events.HelpFound,
        events.GatesWeighed,
        events.RouteChanged,
        events.StopChanged,
        events.CartMoved,
        events.HandoverChanged,
        events.MismatchFound,
    ),
    hears=(
        Subscription(NeedChanged, reactions.on_need_changed),
        Subscription(LaneChanged, reactions.on_lane_changed),
        Subscription(PlacesImported, reactions.on_places_imported),
        Subscription(RestChanged, reactions.on_rest_changed),
        Subscription(FlagRaised, reactions.on_flag_raised),
        Subscription(FlagEnded, reactions.on_flag_ended),
    ),
    live=(
        LiveFact(events.ParcelMoved, live.parcel_moved),
        LiveFact(events.WaveChanged, live.wave_changed),
        LiveFact(events.HelpFound, live.help_found),
        LiveFact(events.GatesWeighed, live.gates_weighed),
        LiveFact(events.RouteChanged, live.route_changed),
        LiveFact(events.StopChanged, live.stop_changed),
        LiveFact(events.CartMoved, live.cart_moved),
        LiveFact(events.HandoverChanged, live.handover_changed),
        LiveFact(events.MismatchFound, live.mismatch_found),
    ),
    rooms={
        "courier": may_watch_courier,
        "gate": may_watch_gate,
        "map": may_watch_map,
        "wave": may_watch_wave,
    },
    jobs=(
        Job("deliveries.plan_wave", run=jobs.plan_wave, queue="solver"),
        Job("deliveries.help_wave", run=jobs.help_wave, queue="solver"),
        Job("deliveries.weigh_gates", run=jobs.weigh_gates, queue="solver"),
        Job("deliveries.replan_route", run=jobs.replan_route, queue="solver"),
        Job("deliveries.tidy", run=jobs.tidy, every_s=60, per_community=True),
        Job("deliveries.forget_photos", run=jobs.forget_photos, every_s=86_400),
    ),
    navigation=(
        NavEntry("route", "/route", roles=("volunteer", "courier")),
        NavEntry("gate", "/gate", roles=("guard", "officer")),
        NavEntry("waves", "/waves", roles=DESK),
    ),
    commands=(plan,),
    provides={"needs.whereabouts": service.Whereabouts(), "tracing.sightings": service.drop_sightings},
    texts=TEXTS,
)
