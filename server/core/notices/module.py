"""Notices: what happened, told to those whom it concerns."""

from __future__ import annotations

from server.core.deliveries.events import HandoverChanged, RouteChanged
from server.core.flags.events import FlagEnded, FlagRaised
from server.core.helpers.events import HelperApproved, HelperEnrolled, HelperSuspended
from server.core.needs.events import LinesUnavailable, NeedChanged, NeedEscalated, OfferEnded, OfferMade
from server.core.notices import events, jobs, models, reactions, routes
from server.core.people.events import RoleGranted
from server.kit.module import Job, LiveFact, LiveMessage, Module, Subscription
from server.kit.permissions import Permission

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")


def notice_added(event: events.NoticeAdded) -> list[LiveMessage]:
    """Tell the person's own room; what it says is fetched."""
    return [LiveMessage(f"person:{event.person_id}", "notice.new", {"notice_id": str(event.notice_id)})]


MODULE = Module(
    name="notices",
    is_core=True,
    requires=("people", "flags", "helpers", "needs", "deliveries"),
    blueprints=(routes.bp,),
    models=(models.Notice,),
    permissions=(Permission("notices.own", roles=EVERYONE),),
    emits=(events.NoticeAdded,),
    hears=(
        Subscription(NeedChanged, reactions.on_need_changed),
        Subscription(NeedEscalated, reactions.on_need_escalated),
        Subscription(LinesUnavailable, reactions.on_lines_unavailable),
        Subscription(OfferMade, reactions.on_offer_made),
        Subscription(OfferEnded, reactions.on_offer_ended),
        Subscription(RouteChanged, reactions.on_route_changed),
        Subscription(HandoverChanged, reactions.on_handover_changed),
        Subscription(HelperEnrolled, reactions.on_helper_enrolled),
        Subscription(HelperApproved, reactions.on_helper_approved),
        Subscription(HelperSuspended, reactions.on_helper_suspended),
        Subscription(FlagRaised, reactions.on_flag_raised),
        Subscription(FlagEnded, reactions.on_flag_ended),
        Subscription(RoleGranted, reactions.on_role_granted),
    ),
    jobs=(Job("notices.forget", run=jobs.forget_old, every_s=86_400),),
    live=(LiveFact(events.NoticeAdded, notice_added),),
)
