"""Asking how isolation stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.errors import NotFound
from server.modules.quarantine.models import Appeal, Check, Order, Referral, Task, Violation
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState


@dataclass(frozen=True)
class Exceptions:
    """What an officer has to decide or to see to, counted."""

    overdue: int
    missed: int
    referrals: int
    appeals: int
    without_owner: int
    not_signed_off: int


def order_of_home(session: Session, community_id: UUID, home_id: UUID) -> Order | None:
    """Return the home's active order, or the last one that ended."""
    wanted = select(Order).where(Order.community_id == community_id, Order.home_id == home_id)
    is_active = Order.state == OrderState.ACTIVE
    return session.scalars(wanted.order_by(is_active.desc(), Order.id.desc()).limit(1)).first()


def orders_by_end(
    session: Session, community_id: UUID, state: OrderState, after: UUID | None, limit: int
) -> tuple[list[Order], UUID | None]:
    """Return one page of orders, those first that end (or should have ended) first, and where the next begins.

    Raises NotFound for an ``after`` that is no order here.
    """
    wanted = select(Order).where(Order.community_id == community_id, Order.state == state)
    if after is not None:
        last = session.scalars(
            select(Order).where(Order.community_id == community_id, Order.id == after)
        ).first()
        if last is None:
            raise NotFound("quarantine.order_not_found")
        wanted = wanted.where(tuple_(Order.until_at, Order.id) > (last.until_at, last.id))
    rows = list(session.scalars(wanted.order_by(Order.until_at, Order.id).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def checks_by_id(session: Session, community_id: UUID, check_ids: list[UUID]) -> dict[UUID, Check]:
    """Return checks by id."""
    rows = session.scalars(select(Check).where(Check.community_id == community_id, Check.id.in_(check_ids)))
    return {row.id: row for row in rows}


def checks_of(session: Session, community_id: UUID, order_id: UUID, *, limit: int = 200) -> list[Check]:
    """Return the checks of an order, newest first."""
    wanted = select(Check).where(Check.community_id == community_id, Check.order_id == order_id)
    return list(session.scalars(wanted.order_by(Check.due_at.desc(), Check.id.desc()).limit(limit)))


def appeals_here(session: Session, community_id: UUID, *, order_id: UUID | None = None) -> list[Appeal]:
    """Return the open appeals; of one order all of them."""
    wanted = select(Appeal).where(Appeal.community_id == community_id)
    wanted = wanted.where(Appeal.order_id == order_id) if order_id else wanted.where(Appeal.state == "open")
    return list(session.scalars(wanted.order_by(Appeal.id).limit(200)))


def violations_of(session: Session, community_id: UUID, order_id: UUID) -> list[Violation]:
    """Return what was noted against a home, oldest first."""
    wanted = select(Violation).where(Violation.community_id == community_id, Violation.order_id == order_id)
    return list(session.scalars(wanted.order_by(Violation.id)))


def open_referrals(session: Session, community_id: UUID) -> list[Referral]:
    """Return who waits to be seen by a clinician, longest first."""
    wanted = select(Referral).where(Referral.community_id == community_id, Referral.closed_at.is_(None))
    return list(session.scalars(wanted.order_by(Referral.id).limit(500)))


def orders_with_supply(session: Session, community_id: UUID, order_ids: set[UUID]) -> set[UUID]:
    """Return those of the orders whose homes have said how long their food and medicine last."""
    wanted = select(Order.id).where(
        Order.community_id == community_id, Order.id.in_(order_ids), Order.asked_at.is_not(None)
    )
    return set(session.scalars(wanted))


def exceptions(session: Session, community_id: UUID) -> Exceptions:
    """Count what has to be decided or seen to."""
    now = clock.now()
    active = (Order.community_id == community_id, Order.state == OrderState.ACTIVE)

    def count(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).where(*where)) or 0

    missed = session.scalar(
        select(func.count())
        .select_from(Task)
        .join(Order, Order.id == Task.order_id)
        .where(*active, Task.rung == Rung.COMMITTEE, Task.done_at.is_(None))
    )
    return Exceptions(
        overdue=count(*active, Order.until_at <= now),
        missed=missed or 0,
        referrals=count(Referral.community_id == community_id, Referral.closed_at.is_(None)),
        appeals=count(Appeal.community_id == community_id, Appeal.state == "open"),
        without_owner=count(*active, Order.supply_owner_id.is_(None)),
        not_signed_off=count(*active, Order.signed_off_at.is_(None)),
    )


def names_of(session: Session, person_ids: set[UUID]) -> dict[UUID, str]:
    """Return first names: enough to know whose check it is in a home."""
    return people.first_names(session, person_ids)


def last_check_at(session: Session, community_id: UUID, order_ids: list[UUID]) -> dict[UUID, datetime]:
    """Return for each order when its last check was done."""
    rows = session.execute(
        select(Check.order_id, func.max(Check.done_at))
        .where(Check.community_id == community_id, Check.order_id.in_(order_ids), Check.done_at.is_not(None))
        .group_by(Check.order_id)
    )
    return {order_id: at for order_id, at in rows if at is not None}
