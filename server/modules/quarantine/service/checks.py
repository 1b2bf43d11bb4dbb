"""Asking for checks, and taking them in: by app, by a call that a worker enters, or at the door."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once, new_id, touched
from server.kit.errors import Conflict, NotFound
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.events import CheckChanged, Referred
from server.modules.quarantine.models import Check, Order, Referral, Task
from server.modules.quarantine.rules import checks
from server.modules.quarantine.rules.checks import CheckState, How, Reading
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState
from server.modules.quarantine.service.orders import is_worker
from server.modules.quarantine.service.settings import settings_of

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Entered:
    """What comes in. ``device_at``: when it was measured, by the clock of the phone."""

    reading: Reading
    how: How
    device_at: datetime | None = None


def orders_to_ask(session: Session, community: CommunityRef) -> list[UUID]:
    """Return the active orders that were not asked at the latest hour of checks yet; between two hours, none."""
    now, hours = clock.now(), settings_of(session, community.id).hours
    latest = list(checks.due_times(now - DAY, now + MOMENT, hours, community.zone))[-1]
    asked = _asked_until(community.id).subquery()
    wanted = (
        select(Order.id)
        .outerjoin(asked, asked.c.order_id == Order.id)
        .where(Order.community_id == community.id, Order.state == OrderState.ACTIVE)
        .where(asked.c.due_at.is_(None) | (asked.c.due_at < latest))
    )
    return list(session.scalars(wanted.order_by(Order.id)))


def ask(session: Session, community: CommunityRef, only: Collection[UUID] | None = None) -> int:
    """Write down the checks that are due by now, for everyone who lives in an isolated home; return how many.

    ``only``: some orders, so that others may write in between; left out, all of them.
    """
    now = clock.now()
    settings = settings_of(session, community.id)
    chosen = select(Order).where(Order.community_id == community.id, Order.state == OrderState.ACTIVE)
    if only is not None:
        chosen = chosen.where(Order.id.in_(only))
    active = list(session.scalars(chosen))
    homes = people.people_of_homes(session, community.id, [order.home_id for order in active])
    asked_until = dict(session.execute(_asked_until(community.id, only)).tuples().all())
    return sum(
        _add(session, order, person_id, due_at)
        for order in active
        for due_at in _due(order, asked_until.get(order.id), now, settings.hours, community)
        for person_id in homes.get(order.home_id, ())
    )


def report(
    session: Session, actor: Actor, community: CommunityRef, check_id: UUID, entered: Entered
) -> Check:
    """Take a check in. The app is for one's own home; calls and doors are entered by workers.

    An alarming one opens a referral at once and asks for a second reading.
    One that counts as missed may still be done: the trail keeps that it was late.
    Raises NotFound for somebody else's check, Conflict for one that is done
    or a second one before its time, Refused for a bad reading.
    """
    checks.check_reading(entered.reading)
    row = _find(session, community.id, check_id)
    _check_may_report(session, actor, community, row, entered.how)
    settings, now = settings_of(session, community.id), clock.now()
    if now < row.due_at:
        # Taken at once, a second reading would say what the first one said.
        raise Conflict("quarantine.too_early", due_at=row.due_at.isoformat())
    is_alarming = checks.is_alarming(entered.reading, settings.fever_tenths)
    taken = session.execute(
        update(Check)
        .where(Check.id == row.id, Check.state != CheckState.DONE)
        .values(state=CheckState.DONE, done_at=now)
        .execution_options(synchronize_session=False)
    )
    if touched(taken) != 1:
        raise Conflict("quarantine.check_over")
    session.refresh(row)
    row.how, row.entered_by, row.device_at = entered.how, actor.id, entered.device_at
    row.temperature = f"{entered.reading.tenths / 10:.1f}"
    row.symptoms = " ".join(sorted(entered.reading.symptoms)) or None
    row.is_alarming = is_alarming
    session.flush()
    _close_tasks(session, actor, row)
    facts = {"how": entered.how, "is_alarming": is_alarming}
    record(session, actor, community.id, "quarantine.check_done", ("check", row.id), facts=facts)
    _tell(session, row)
    if is_alarming:
        _refer(session, row)
        if row.second_of is None:
            _add_second(session, row, now + timedelta(minutes=settings.second_reading_min))
    return row


def close_referral(session: Session, actor: Actor, community: CommunityRef, referral_id: UUID) -> Referral:
    """Note that a clinician has taken the person over. Raises NotFound; twice is once."""
    found = session.scalars(
        select(Referral).where(Referral.community_id == community.id, Referral.id == referral_id)
    ).first()
    if found is None:
        raise NotFound("quarantine.referral_not_found")
    if found.closed_at is None:
        found.closed_at, found.closed_by = clock.now(), actor.id
        session.flush()
        record(session, actor, community.id, "quarantine.referral_closed", ("referral", found.id))
    return found


def _due(
    order: Order, asked_until: datetime | None, now: datetime, hours: tuple[int, ...], community: CommunityRef
) -> list[datetime]:
    # From the last that was asked for, however long ago, to the order's end: a missed last one extends nothing.
    from_at = order.issued_at if asked_until is None else asked_until + MOMENT
    until_at = min(order.until_at, now + MOMENT)
    return list(checks.due_times(from_at, until_at, hours, community.zone))


def _asked_until(community_id: UUID, only: Collection[UUID] | None = None) -> Select[UUID, datetime]:
    """Return the query of when each order's last check that was asked for is due; second readings aside."""
    wanted = (
        select(Check.order_id, func.max(Check.due_at).label("due_at"))
        .join(Order, Order.id == Check.order_id)
        .where(
            Check.community_id == community_id,
            Check.second_of.is_(None),
            Order.state == OrderState.ACTIVE,
        )
        .group_by(Check.order_id)
    )
    return wanted if only is None else wanted.where(Check.order_id.in_(only))


def _add(session: Session, order: Order, person_id: UUID, due_at: datetime) -> bool:
    """Insert the check unless another process has; return whether it was this one."""
    values = {
        "community_id": order.community_id,
        "order_id": order.id,
        "person_id": person_id,
        "due_at": due_at,
        "state": CheckState.DUE,
    }
    check_id = insert_once(session, Check, values, unless=["order_id", "person_id", "due_at"])
    if check_id is None:
        return False
    asked = CheckChanged(
        order.community_id, check_id=check_id, order_id=order.id, person_id=person_id, state=CheckState.DUE
    )
    emit(session, asked)
    return True


def _add_second(session: Session, row: Check, due_at: datetime) -> None:
    second = Check(
        id=new_id(),
        community_id=row.community_id,
        order_id=row.order_id,
        person_id=row.person_id,
        second_of=row.id,
        due_at=due_at,
    )
    session.add(second)
    session.flush()
    _tell(session, second)


def _refer(session: Session, row: Check) -> None:
    referral = Referral(
        id=new_id(),
        community_id=row.community_id,
        check_id=row.id,
        order_id=row.order_id,
        person_id=row.person_id,
        opened_at=clock.now(),
    )
    session.add(referral)
    session.flush()
    emit(
        session,
        Referred(row.community_id, referral_id=referral.id, order_id=row.order_id, person_id=row.person_id),
    )


def _close_tasks(session: Session, actor: Actor, row: Check) -> None:
    """Close what the check asked for, and the calls and doors of the person's earlier ones: somebody is there."""
    earlier = select(Check.id).where(
        Check.order_id == row.order_id, Check.person_id == row.person_id, Check.due_at < row.due_at
    )
    is_answered = and_(Task.check_id.in_(earlier), Task.rung.in_((Rung.CALL, Rung.DOOR)))
    session.execute(
        update(Task)
        .where(or_(Task.check_id == row.id, is_answered), Task.done_at.is_(None))
        .values(done_at=clock.now(), done_by=actor.id)
        .execution_options(synchronize_session=False)
    )


def _find(session: Session, community_id: UUID, check_id: UUID) -> Check:
    row = session.scalars(
        select(Check).where(Check.community_id == community_id, Check.id == check_id)
    ).first()
    if row is None:
        raise NotFound("quarantine.check_not_found")
    return row


def _check_may_report(session: Session, actor: Actor, community: CommunityRef, row: Check, how: How) -> None:
    order = session.get_one(Order, row.order_id)
    lives_there = people.is_member(session, community.id, order.home_id, actor.id)
    if not (lives_there if how is How.APP else is_worker(actor, community)):
        raise NotFound("quarantine.check_not_found")
    if order.state != OrderState.ACTIVE:
        raise Conflict("quarantine.not_now", state=order.state)


def _tell(session: Session, row: Check) -> None:
    changed = CheckChanged(
        row.community_id, check_id=row.id, order_id=row.order_id, person_id=row.person_id, state=row.state
    )
    emit(session, changed)
