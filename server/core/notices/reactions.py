"""Who is told of what. Each may come twice; ``service.tell`` tells once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.deliveries.events import HandoverChanged, RouteChanged
from server.core.flags.events import FlagEnded, FlagRaised
from server.core.helpers import service as helpers
from server.core.helpers.events import HelperApproved, HelperEnrolled, HelperSuspended
from server.core.needs.events import LinesUnavailable, NeedChanged, NeedEscalated, OfferEnded, OfferMade
from server.core.notices import rules, service
from server.core.notices.rules import NoticeKind
from server.core.people import service as people
from server.core.people.events import RoleGranted


def on_need_changed(session: Session, event: NeedChanged) -> None:
    """Tell the household how its need goes, and the workers when it goes wrong."""
    facts = {"state": event.state, "need_kind": event.need_kind}
    subject = ("need", event.need_id)
    kind = rules.of_need(event.state, event.closed_because)
    if kind is not None:
        service.tell(session, event.community_id, event.watchers, kind, subject, facts)
    kind = rules.of_need_for_workers(event.state)
    if kind is not None:
        service.tell_workers(session, event.community_id, kind, subject, facts)


def on_need_escalated(session: Session, event: NeedEscalated) -> None:
    """Tell the workers that a need waits too long."""
    facts = {"level": event.level, "state": event.state}
    service.tell_workers(
        session, event.community_id, NoticeKind.NEED_ESCALATED, ("need", event.need_id), facts
    )


def on_lines_unavailable(session: Session, event: LinesUnavailable) -> None:
    """Tell the household that part of its need goes on by itself."""
    facts = {"follow_up_id": str(event.follow_up_id), "lines": len(event.line_ids)}
    subject = ("need", event.need_id)
    service.tell(session, event.community_id, event.watchers, NoticeKind.NEED_SPLIT, subject, facts)


def on_offer_made(session: Session, event: OfferMade) -> None:
    """Tell the helper; shops hear of their orders from the supplier's module."""
    if event.person_id is not None:
        facts = {"need_id": str(event.need_id), "expires_at": event.expires_at.isoformat()}
        subject = ("offer", event.offer_id)
        service.tell(session, event.community_id, [event.person_id], NoticeKind.OFFER_MADE, subject, facts)


def on_offer_ended(session: Session, event: OfferEnded) -> None:
    """Tell the helper that somebody else was quicker or it was called off; who said no or let it pass knows."""
    if event.person_id is not None and event.state == "withdrawn":
        facts = {"need_id": str(event.need_id)}
        subject = ("offer", event.offer_id)
        service.tell(
            session, event.community_id, [event.person_id], NoticeKind.OFFER_WITHDRAWN, subject, facts
        )


def on_route_changed(session: Session, event: RouteChanged) -> None:
    """Tell the courier that a route is there, or another one than before."""
    kind = rules.of_route(event.why)
    if kind is None:
        return
    helper = helpers.helper(session, event.community_id, event.helper_id)
    facts = {"wave_id": str(event.wave_id), "why": event.why}
    service.tell(session, event.community_id, [helper.person_id], kind, ("route", event.route_id), facts)


def on_handover_changed(session: Session, event: HandoverChanged) -> None:
    """Tell the gate and the officers of a delivery that does not add up."""
    if event.has_mismatch:
        subject = ("handover", event.handover_id)
        roles = ("guard", "officer")
        service.tell_workers(session, event.community_id, NoticeKind.DELIVERY_MISMATCH, subject, roles=roles)


def on_helper_enrolled(session: Session, event: HelperEnrolled) -> None:
    """Tell the officers that somebody offers to help."""
    subject = ("helper", event.helper_id)
    service.tell_workers(session, event.community_id, NoticeKind.HELPER_APPLIED, subject, roles=("officer",))


def on_helper_approved(session: Session, event: HelperApproved) -> None:
    """Tell the helper."""
    subject = ("helper", event.helper_id)
    service.tell(session, event.community_id, [event.person_id], NoticeKind.HELPER_APPROVED, subject)


def on_helper_suspended(session: Session, event: HelperSuspended) -> None:
    """Tell the helper."""
    subject = ("helper", event.helper_id)
    service.tell(session, event.community_id, [event.person_id], NoticeKind.HELPER_SUSPENDED, subject)


def on_flag_raised(session: Session, event: FlagRaised) -> None:
    """Tell the household: nobody's status changes behind their back."""
    if event.home_id is not None:
        members = people.members_of_home(session, event.community_id, event.home_id)
        facts, subject = {"flag": event.flag}, ("flag", event.flag_id)
        service.tell(session, event.community_id, members, NoticeKind.FLAG_RAISED, subject, facts)


def on_flag_ended(session: Session, event: FlagEnded) -> None:
    """Tell the household."""
    if event.home_id is not None:
        members = people.members_of_home(session, event.community_id, event.home_id)
        facts, subject = {"flag": event.flag}, ("flag", event.flag_id)
        service.tell(session, event.community_id, members, NoticeKind.FLAG_ENDED, subject, facts)


def on_role_granted(session: Session, event: RoleGranted) -> None:
    """Tell whoever has a new role; everyone becomes a resident, which is no news."""
    if event.role != "resident":
        facts, subject = {"role": event.role}, ("role", None)
        service.tell(session, event.community_id, [event.person_id], NoticeKind.ROLE_GRANTED, subject, facts)
