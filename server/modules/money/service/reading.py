"""What people may see of their money."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.kit.errors import NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payment, Transfer
from server.modules.money.rules.books import AccountKind
from server.modules.money.service.ledger import balance


def my_payments(actor: Actor, community_id: UUID) -> Select[Payment]:
    """Return the query of the actor's own payments."""
    return select(Payment).where(Payment.community_id == community_id, Payment.payer_id == actor.id)


def payment_of(session: Session, actor: Actor, community: CommunityRef, payment_id: UUID) -> Payment:
    """Return a payment to its payer or to an officer. Raises NotFound for everybody else."""
    row = session.scalars(
        select(Payment).where(Payment.community_id == community.id, Payment.id == payment_id)
    ).first()
    if row is None or not (row.payer_id == actor.person_id or actor.has("officer", community)):
        raise NotFound("money.payment_not_found")
    return row


def transfers_of(
    session: Session, community_id: UUID, payment_ids: Iterable[UUID]
) -> dict[UUID, list[Transfer]]:
    """Return the transfers of payments, oldest first: what a receipt is made of."""
    wanted = select(Transfer).where(
        Transfer.community_id == community_id, Transfer.reference_id.in_(list(payment_ids))
    )
    found: dict[UUID, list[Transfer]] = {}
    for row in session.scalars(wanted.order_by(Transfer.id)):
        found.setdefault(row.reference_id, []).append(row)
    return found


def wallet_fen(session: Session, community_id: UUID, person_id: UUID) -> int:
    """Return what somebody's vouchers are worth."""
    return balance(session, community_id, AccountKind.WALLET, person_id)
