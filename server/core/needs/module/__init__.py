"""The manifest of needs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.helpers.events import HelperSuspended
from server.core.needs import events, jobs, reactions, routes, service
from server.core.needs.models import Line, Moment, Need, Offer, Unmatched, Visit
from server.core.needs.module.texts import TEXTS
from server.kit.module import Job, LiveFact, LiveMessage, Module, NavEntry, Subscription
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")


def may_watch_needs(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "needs" is the workers' board."""
    return service.is_worker(actor, community)


def need_changed(event: events.NeedChanged) -> list[LiveMessage]:
    """Tell the home, the helper and the board."""
    data = {"need_id": str(event.need_id), "state": event.state}
    rooms = [f"person:{person_id}" for person_id in event.watchers]
    if event.helper_id is not None:
        rooms.append(f"courier:{event.helper_id}")
    return [LiveMessage(room=room, kind="need.changed", data=data) for room in (*rooms, "needs")]


def offer_made(event: events.OfferMade) -> list[LiveMessage]:
    """Tell the helper; shops hear of their order from the supplier's module."""
    if event.person_id is None:
        return []
    data = {"offer_id": str(event.offer_id), "need_id": str(event.need_id)}
    return [
        LiveMessage(room=room, kind="offer.new", data=data)
        for room in (f"person:{event.person_id}", f"courier:{event.helper_id}")
    ]


def offer_ended(event: events.OfferEnded) -> list[LiveMessage]:
    """Tell the helper that an offer is answered or gone."""
    if event.person_id is None:
        return []
    data = {"offer_id": str(event.offer_id), "state": event.state}
    return [LiveMessage(room=f"person:{event.person_id}", kind="offer.ended", data=data)]


def need_escalated(event: events.NeedEscalated) -> list[LiveMessage]:
    """Tell the board."""
    data = {"need_id": str(event.need_id), "state": event.state, "level": event.level}
    return [LiveMessage(room="needs", kind="need.escalated", data=data)]


MODULE = Module(
    name="needs",
    is_core=True,
    requires=("places", "people", "flags", "helpers"),
    blueprints=(routes.bp,),
    models=(Need, Line, Moment, Offer, Unmatched, Visit),
    permissions=(
        Permission("needs.post", roles=EVERYONE),
        Permission("needs.see", roles=EVERYONE),
        Permission("needs.serve", roles=("volunteer", "courier")),
        Permission("needs.triage", roles=("grid_worker", "officer")),
    ),
    emits=(
        events.NeedPosted,
        events.NeedChanged,
        events.NeedCancelled,
        events.NeedEscalated,
        events.LinesUnavailable,
        events.OfferMade,
        events.OfferEnded,
        events.VisitScheduled,
    ),
    hears=(Subscription(HelperSuspended, reactions.on_helper_suspended),),
    live=(
        LiveFact(events.NeedChanged, need_changed),
        LiveFact(events.OfferMade, offer_made),
        LiveFact(events.OfferEnded, offer_ended),
        LiveFact(events.NeedEscalated, need_escalated),
    ),
    rooms={"needs": may_watch_needs},
    jobs=(
        Job("needs.match", run=jobs.match_needs, every_s=20, per_community=True),
        Job("needs.deadlines", run=jobs.pass_deadlines, every_s=60, per_community=True),
    ),
    navigation=(
        NavEntry("needs", "/needs", roles=EVERYONE),
        NavEntry("offers", "/offers", roles=("volunteer", "courier")),
        NavEntry("phone_desk", "/desk", roles=("grid_worker", "officer")),
    ),
    texts=TEXTS,
)
