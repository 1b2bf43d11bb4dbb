"""Who is paid: shops, under the ids that they have elsewhere."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.kit.audit import record
from server.kit.errors import NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payee


def register_payee(
    session: Session, actor: Actor, community: CommunityRef, payee_id: UUID, *, label: str
) -> Payee:
    """Make somebody who can be paid, or give them another label. Raises NotFound for another community's."""
    known = session.scalars(
        select(Payee).where(Payee.community_id == community.id, Payee.id == payee_id)
    ).first()
    if known is not None:
        known.label = label
        return known
    try:
        with session.begin_nested():
            session.add(made := Payee(id=payee_id, community_id=community.id, label=label))
    except IntegrityError:
        # Another community has a payee of that id; a stranger need not learn more than that there is none here.
        raise NotFound("money.payee_not_found") from None
    record(session, actor, community.id, "money.payee_registered", ("payee", payee_id))
    return made


def set_account(session: Session, actor: Actor, community: CommunityRef, payee_id: UUID, account: str) -> str:
    """Remember a payee's account at the provider, the first one for good; return the one that holds."""
    row = session.scalars(
        select(Payee)
        .where(Payee.community_id == community.id, Payee.id == payee_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.provider_account is None:
        row.provider_account = account
        session.flush()
        record(session, actor, community.id, "money.account_made", ("payee", payee_id))
    return row.provider_account


def list_payees(session: Session, community_id: UUID) -> list[Payee]:
    """Return everybody who can be paid."""
    return list(session.scalars(select(Payee).where(Payee.community_id == community_id).order_by(Payee.id)))
