"""What a payee was paid in a month."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit.errors import NotFound
from server.kit.jobs import engine
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payee, Payment, Transfer
from server.modules.money.rules.books import TransferKind
from server.modules.money.rules.statements import Line, month_bounds
from server.modules.money.service.asking import payee

# Whoever knows which shop somebody keeps tells it here; money knows no shops.
EXTENSION_POINT = "people.merchant_of"
OfPerson = Callable[[Session, UUID, UUID], UUID | None]


def statement(
    session: Session, actor: Actor, community: CommunityRef, payee_id: UUID, month: str
) -> tuple[Payee, list[Line]]:
    """Return a payee and its lines of a local month, oldest first.

    For officers and whoever keeps it; raises NotFound for everybody else, Refused for no month.
    """
    start, end = month_bounds(month, community.zone)
    row = kept_payee(session, actor, community, payee_id)
    wanted = (
        select(Transfer, Payment.order_ref)
        .join(Payment, Payment.id == Transfer.reference_id)
        .where(
            Transfer.community_id == community.id,
            Payment.community_id == community.id,
            Payment.payee_id == payee_id,
            Transfer.kind.in_([TransferKind.PAY_OUT.value, TransferKind.REVERSE.value]),
            Transfer.at >= start,
            Transfer.at < end,
        )
        .order_by(Transfer.id)
    )
    lines = [
        Line(
            transfer.at,
            order_ref,
            transfer.kind,
            transfer.amount_fen if transfer.kind == TransferKind.PAY_OUT else -transfer.amount_fen,
            transfer.currency,
        )
        for transfer, order_ref in session.execute(wanted)
    ]
    return row, lines


def kept_payee(session: Session, actor: Actor, community: CommunityRef, payee_id: UUID) -> Payee:
    """Return a payee to officers and to whoever keeps it. Raises NotFound for everybody else."""
    if not actor.has("officer", community) and payee_id not in _kept_by(session, actor, community):
        raise NotFound("money.no_shop")
    return payee(session, community.id, payee_id)


def _kept_by(session: Session, actor: Actor, community: CommunityRef) -> set[UUID]:
    asked = cast("list[OfPerson]", engine().registry.providers(EXTENSION_POINT, community.modules))
    found = (of_person(session, community.id, actor.id) for of_person in asked)
    return {one for one in found if one is not None}
