"""Enrolling helpers, their shifts, and what matching and planning ask about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.helpers.events import (
    HelperApproved,
    HelperEnrolled,
    HelperSuspended,
    RestChanged,
    ShiftAdded,
)
from server.core.helpers.models import Helper, Shift
from server.core.helpers.rules import (
    LONGEST_SHIFT,
    Capacity,
    HelperKind,
    HelperState,
    Rest,
    Skill,
    Vehicle,
    capacity_of,
    check_rest,
    check_shift,
    hours_between,
)
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, Forbidden, NotFound, Refused
from server.kit.events import Event
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

__all__ = [
    "LONGEST_SHIFT",
    "Capacity",
    "Helper",
    "HelperKind",
    "HelperOnShift",
    "HelperState",
    "Rest",
    "Skill",
    "Vehicle",
    "active_helper",
    "add_shift",
    "all_active",
    "approve",
    "by_ids",
    "enrol",
    "helper",
    "helper_id_of",
    "helper_of_person",
    "hours_of",
    "labels",
    "on_shift",
    "rest_of",
    "set_rest",
    "shifts_of",
    "suspend",
]

HOURS_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class HelperOnShift:
    """A helper who is on at some time between two instants, and exactly when.

    ``rests``: the rest of each window's shift, None for one without. ``hours_lately``: hours on shift in the last seven
    days; who has few is asked first.
    """

    id: UUID
    person_id: UUID
    kind: HelperKind
    vehicle: Vehicle
    capacity: Capacity
    skills: frozenset[Skill]
    languages: frozenset[str]
    entrance_id: UUID | None
    windows: tuple[tuple[datetime, datetime], ...]
    rests: tuple[Rest | None, ...]
    hours_lately: float


def enrol(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    kind: HelperKind,
    vehicle: Vehicle = Vehicle.WALK,
    skills: Iterable[Skill] = (),
    languages: Iterable[str] = ("zh",),
    capacity_g: int | None = None,
    capacity_ml: int | None = None,
    capacity_parcels: int | None = None,
    entrance_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Helper:
    """Ask to help; ``person_id`` only when somebody else (seeds, a worker) does it for that person.

    Raises Conflict("helpers.already_enrolled") for a second application of one person in one community.
    """
    who = person_id or actor.id
    if helper_of_person(session, community.id, who) is not None:
        raise Conflict("helpers.already_enrolled")
    if entrance_id is not None:
        places.entrance(session, community.id, entrance_id)
    fits = capacity_of(vehicle, load_g=capacity_g, volume_ml=capacity_ml, parcels=capacity_parcels)
    row = Helper(
        community_id=community.id,
        person_id=who,
        kind=kind,
        vehicle=vehicle,
        capacity_g=fits.load_g,
        capacity_ml=fits.volume_ml,
        capacity_parcels=fits.parcels,
        skills=sorted(set(skills)),
        languages=sorted(set(languages)),
        state=HelperState.APPLIED,
        entrance_id=entrance_id,
        enrolled_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, community.id, "helpers.enrolled", ("helper", row.id), facts={"kind": kind})
    emit(session, HelperEnrolled(community.id, row.id, who))
    return row


def approve(session: Session, actor: Actor, community: CommunityRef, helper_id: UUID) -> Helper:
    """Let an applicant (or a suspended helper) help: grants the role as well. Twice is once."""
    row = helper(session, community.id, helper_id)
    if row.state == HelperState.ACTIVE:
        return row
    row.state = HelperState.ACTIVE
    row.approved_at = clock.now()
    row.approved_by = actor.person_id
    people.grant_role(session, row.person_id, row.kind, community_id=community.id, actor=actor)
    _announce(session, actor, "helpers.approved", row, HelperApproved(community.id, row.id, row.person_id))
    return row


def suspend(session: Session, actor: Actor, community: CommunityRef, helper_id: UUID, *, why: str) -> Helper:
    """Stop somebody from helping; who hears the event takes back what the helper holds."""
    row = helper(session, community.id, helper_id)
    if row.state == HelperState.SUSPENDED:
        return row
    row.state = HelperState.SUSPENDED
    event = HelperSuspended(community.id, row.id, row.person_id)
    _announce(session, actor, "helpers.suspended", row, event, why=why)
    return row


def add_shift(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    helper_id: UUID,
    from_at: datetime,
    until_at: datetime,
    *,
    rest: Rest | None = None,
) -> Shift:
    """Put a helper on between two instants, with a rest in between if one is wanted.

    Raises Refused for a shift that is over, too long or overlaps another, or a rest that is none of it; Forbidden for
    another person's helper unless the actor is an officer; Conflict for a helper who is not active.
    """
    row = helper(session, community.id, helper_id)
    _check_may_roster(actor, community, row)
    if row.state != HelperState.ACTIVE:
        raise Conflict("helpers.not_active", state=row.state)
    taken = [(s.from_at, s.until_at) for s in shifts_of(session, community.id, [helper_id])[helper_id]]
    check_shift(from_at, until_at, taken, now=clock.now())
    shift = Shift(community_id=community.id, helper_id=helper_id, from_at=from_at, until_at=until_at)
    _put_rest(shift, rest)
    session.add(shift)
    session.flush()
    facts = {"from_at": from_at.isoformat(), "until_at": until_at.isoformat()}
    record(session, actor, community.id, "helpers.shift_added", ("helper", helper_id), facts=facts)
    emit(session, ShiftAdded(community.id, helper_id, from_at, until_at))
    return shift


def set_rest(
    session: Session, actor: Actor, community: CommunityRef, shift_id: UUID, rest: Rest | None
) -> Shift:
    """Put a rest into a shift, move it or take it out. As it is already is nothing new.

    Raises Refused for a rest that is none of the shift, or a shift that is over; Forbidden for another person's shift
    unless the actor is an officer.
    """
    shift = session.get(Shift, shift_id, with_for_update=True, populate_existing=True)
    if shift is None or shift.community_id != community.id:
        raise NotFound("helpers.shift_not_found")
    row = helper(session, community.id, shift.helper_id)
    _check_may_roster(actor, community, row)
    now = clock.now()
    if shift.until_at <= now:
        raise Refused("helpers.shift_is_over", until_at=shift.until_at.isoformat())
    if rest == rest_of(shift):
        return shift
    _put_rest(shift, rest)
    session.flush()
    facts = {"rest_s": shift.rest_s, "shift": str(shift.id)}
    record(session, actor, community.id, "helpers.rest_changed", ("helper", row.id), facts=facts)
    emit(session, RestChanged(community.id, row.id, shift.id, now))
    return shift


def rest_of(shift: Shift) -> Rest | None:
    """Return the shift's rest, if it has one."""
    if shift.rest_s is None or shift.rest_from_at is None or shift.rest_until_at is None:
        return None
    return Rest(shift.rest_from_at, shift.rest_until_at, timedelta(seconds=shift.rest_s))


def _put_rest(shift: Shift, rest: Rest | None) -> None:
    if rest is not None:
        check_rest(rest, shift.from_at, shift.until_at)
    shift.rest_from_at = rest.from_at if rest else None
    shift.rest_until_at = rest.until_at if rest else None
    shift.rest_s = int(rest.lasts.total_seconds()) if rest else None


def _check_may_roster(actor: Actor, community: CommunityRef, row: Helper) -> None:
    if row.person_id != actor.person_id and not actor.has("officer", community):
        raise Forbidden("helpers.not_yours")


def helper(session: Session, community_id: UUID, helper_id: UUID) -> Helper:
    """Return the helper. Raises NotFound, also for another community's."""
    row = session.get(Helper, helper_id)
    if row is None or row.community_id != community_id:
        raise NotFound("helpers.not_found")
    return row


def helper_of_person(session: Session, community_id: UUID, person_id: UUID) -> Helper | None:
    """Return the helper that a person is in a community, if any, whatever the state."""
    return session.scalars(
        select(Helper).where(Helper.community_id == community_id, Helper.person_id == person_id)
    ).one_or_none()


def helper_id_of(session: Session, community_id: UUID, person_id: UUID) -> UUID | None:
    """Return the id of the helper that a person is, for whoever knows people but not helpers."""
    row = helper_of_person(session, community_id, person_id)
    return row.id if row else None


def by_ids(session: Session, community_id: UUID, helper_ids: Iterable[UUID]) -> dict[UUID, Helper]:
    """Return the helpers of that community among the ids."""
    rows = session.scalars(
        select(Helper).where(Helper.community_id == community_id, Helper.id.in_(set(helper_ids)))
    )
    return {row.id: row for row in rows}


def all_active(session: Session, community_id: UUID) -> list[Helper]:
    """Return everyone who may help now, on shift or not, by id."""
    rows = session.scalars(
        select(Helper)
        .where(Helper.community_id == community_id, Helper.state == HelperState.ACTIVE)
        .order_by(Helper.id)
    )
    return list(rows)


def labels(session: Session, rows: Iterable[Helper]) -> dict[UUID, str]:
    """Return what a helper is called on lists: the given name that others may see."""
    helpers = list(rows)
    names = people.first_names(session, [row.person_id for row in helpers])
    return {row.id: names.get(row.person_id, "") for row in helpers}


def shifts_of(
    session: Session, community_id: UUID, helper_ids: Sequence[UUID], *, since: datetime | None = None
) -> dict[UUID, list[Shift]]:
    """Return each helper's shifts that end after ``since`` (default.

    All of the last seven days and ahead).
    """
    since = since or clock.now() - HOURS_WINDOW
    rows = session.scalars(
        select(Shift)
        .where(Shift.community_id == community_id, Shift.helper_id.in_(helper_ids), Shift.until_at > since)
        .order_by(Shift.from_at)
    )
    found: dict[UUID, list[Shift]] = {helper_id: [] for helper_id in helper_ids}
    for row in rows:
        found[row.helper_id].append(row)
    return found


def hours_of(shifts: Iterable[Shift], *, now: datetime) -> float:
    """Return the hours of the shifts that have passed."""
    return hours_between(((shift.from_at, shift.until_at) for shift in shifts), now=now)


def on_shift(
    session: Session,
    community_id: UUID,
    from_at: datetime,
    until_at: datetime,
    *,
    kind: HelperKind | None = None,
) -> list[HelperOnShift]:
    """Return active helpers on at some time between the instants, shifts cut to them, ordered by id."""
    query = select(Helper).where(Helper.community_id == community_id, Helper.state == HelperState.ACTIVE)
    if kind is not None:
        query = query.where(Helper.kind == kind)
    rows = session.scalars(query.order_by(Helper.id)).all()
    shifts = shifts_of(session, community_id, [row.id for row in rows], since=from_at - HOURS_WINDOW)
    found = []
    for row in rows:
        on = [shift for shift in shifts[row.id] if shift.from_at < until_at and shift.until_at > from_at]
        if on:
            windows = tuple((max(shift.from_at, from_at), min(shift.until_at, until_at)) for shift in on)
            hours = hours_of(shifts[row.id], now=from_at)
            found.append(_on_shift(row, windows, tuple(rest_of(shift) for shift in on), hours))
    return found


def _on_shift(
    row: Helper,
    windows: tuple[tuple[datetime, datetime], ...],
    rests: tuple[Rest | None, ...],
    hours: float,
) -> HelperOnShift:
    return HelperOnShift(
        id=row.id,
        person_id=row.person_id,
        kind=HelperKind(row.kind),
        vehicle=Vehicle(row.vehicle),
        capacity=Capacity(row.capacity_g, row.capacity_ml, row.capacity_parcels),
        skills=frozenset(Skill(skill) for skill in row.skills),
        languages=frozenset(row.languages),
        entrance_id=row.entrance_id,
        windows=windows,
        rests=rests,
        hours_lately=hours,
    )


def _announce(
    session: Session, actor: Actor, action: str, row: Helper, event: Event, *, why: str | None = None
) -> None:
    session.flush()
    record(session, actor, row.community_id, action, ("helper", row.id), why=why, about=row.person_id)
    emit(session, event)


def active_helper(session: Session, actor: Actor, community: CommunityRef) -> Helper:
    """Return the actor's own helper. Raises Forbidden unless it is active."""
    row = helper_of_person(session, community.id, actor.id)
    if row is None or row.state != HelperState.ACTIVE:
        raise Forbidden("helpers.not_active", state=row.state if row else None)
    return row
