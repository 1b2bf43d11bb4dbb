"""Orders for many homes at once: one officer proposes, another decides, and everybody concerned is told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.models import Bulk, Order
from server.modules.quarantine.rules import orders
from server.modules.quarantine.rules.orders import OrderKind, OrderState
from server.modules.quarantine.service.orders import NewOrder, issue_all


def propose(
    session: Session, actor: Actor, community: CommunityRef, home_ids: Sequence[UUID], wanted: NewOrder
) -> Bulk:
    """Propose the same order for several homes. Nothing happens to them yet.

    Raises Refused for no homes, too many, or one of another community.
    """
    homes = sorted(set(home_ids))
    if not 1 <= len(homes) <= orders.MOST_BULK:
        raise Refused("quarantine.bad_bulk", most=orders.MOST_BULK)
    if len(places.sites_of_homes(session, community.id, homes)) != len(homes):
        raise Refused("quarantine.home_not_here")
    orders.check_period(wanted.started_at, wanted.until_at, now=clock.now())
    row = Bulk(
        id=new_id(),
        community_id=community.id,
        state="proposed",
        kind=wanted.kind,
        homes=[str(home_id) for home_id in homes],
        why=orders.check_ground(wanted.ground),
        legal_basis=orders.check_ground(wanted.legal_basis),
        from_at=wanted.started_at,
        until_at=wanted.until_at,
        proposed_by=actor.id,
        proposed_at=clock.now(),
    )
    session.add(row)
    session.flush()
    facts = {"homes": len(homes)}
    record(
        session,
        actor,
        community.id,
        "quarantine.bulk_proposed",
        ("bulk", row.id),
        facts=facts,
        why=row.why,
    )
    return row


def decide(session: Session, actor: Actor, community: CommunityRef, bulk_id: UUID, *, approves: bool) -> Bulk:
    """Approve or refuse what another officer proposed. Approved, all its orders are issued in one transaction.

    Homes that are isolated by then stay under the order they have. Raises Refused for one's own proposal, Conflict
    if it is decided already.
    """
    row = session.scalars(
        select(Bulk)
        .where(Bulk.community_id == community.id, Bulk.id == bulk_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("quarantine.bulk_not_found")
    if row.state != "proposed":
        raise Conflict("quarantine.bulk_decided", state=row.state)
    if row.proposed_by == actor.id:
        raise Refused("quarantine.needs_second_person")
    row.state = "approved" if approves else "refused"
    row.decided_by, row.decided_at = actor.id, clock.now()
    session.flush()
    issued = _issue_all(session, actor, community, row) if approves else 0
    record(
        session,
        actor,
        community.id,
        f"quarantine.bulk_{row.state}",
        ("bulk", row.id),
        facts={"issued": issued},
    )
    return row


def bulks(session: Session, community_id: UUID) -> list[Bulk]:
    """Return the latest proposals, newest first."""
    wanted = select(Bulk).where(Bulk.community_id == community_id).order_by(Bulk.id.desc()).limit(50)
    return list(session.scalars(wanted))


def _issue_all(session: Session, actor: Actor, community: CommunityRef, row: Bulk) -> int:
    isolated = set(
        session.scalars(
            select(Order.home_id).where(Order.community_id == community.id, Order.state == OrderState.ACTIVE)
        )
    )
    wanted = NewOrder(OrderKind(row.kind), row.from_at, row.until_at, row.legal_basis, row.why)
    homes = [UUID(home_id) for home_id in row.homes if UUID(home_id) not in isolated]
    return len(issue_all(session, actor, community, homes, wanted, bulk_id=row.id))
