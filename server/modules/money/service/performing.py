"""Taking operations to the provider, outside of any transaction, and reading afterwards what it has done.

Whatever dies in between loses nothing: the operation is still wanted, the next one asks under the same key again,
and what the provider has already done is found by looking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.errors import OutsideFailed
from server.kit.ports.payments import Authorisation, Declined, NotTaken, Payments
from server.modules.money.models import Operation, Payee, Payment, Transfer
from server.modules.money.rules.books import CAPTURED_AT_ONCE, TransferKind
from server.modules.money.rules.payments import OperationState, Step
from server.modules.money.service import asking
from server.modules.money.service.finishing import refuse
from server.modules.money.service.looking import look
from server.modules.money.service.providers import outside

log = structlog.get_logger()
# A job takes an operation at once; one that is older was lost with its worker, or the provider was away.
LOST_AFTER = timedelta(seconds=60)
# Stripe keeps an idempotency key for a day at least: what is older must be looked for, not asked for again.
KEY_LIVES = timedelta(hours=20)
# Whoever has not agreed by then (a second factor, Alipay) will not.
AGREE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class _Request:
    """An operation with all that the provider has to be told, read in one transaction."""

    operation: Operation
    payment: Payment
    account: str | None
    transfer_ref: str | None


def perform(community_id: UUID, operation_id: UUID, provider: Payments | None = None) -> None:
    """Ask the provider for what is wanted, then read what it has done. Twice is once.

    Raises OutsideFailed where it is not known what the provider did: the job engine tries again.
    """
    provider = provider or outside()
    with reading() as session:
        request = _request(session, community_id, operation_id)
    if request is None:
        return
    if clock.now() - request.operation.asked_at > KEY_LIVES:
        _look_instead(community_id, request, provider)
        return
    try:
        ref = _ask(provider, request)
    except (Declined, NotTaken) as no:
        _refused(community_id, request, no.code, provider)
        return
    if request.operation.step == Step.AUTHORISE:
        with transaction() as session:
            session.execute(
                update(Payment)
                .where(Payment.id == request.payment.id, Payment.provider_ref.is_(None))
                .values(provider_ref=ref)
            )
            session.execute(
                update(Operation)
                .where(Operation.id == operation_id, Operation.state == OperationState.WANTED.value)
                .values(state=OperationState.WAITING.value, method=None)
            )
    look(community_id, request.payment.id, provider)


def sweep(community_id: UUID, provider: Payments | None = None) -> int:
    """Take up what was lost on its way, and give up what nobody has agreed to; return how many were looked at."""
    provider = provider or outside()
    if provider.why_off() is not None:
        return 0
    now = clock.now()
    with reading() as session:
        lost = session.scalars(
            select(Operation.id).where(
                Operation.community_id == community_id,
                Operation.state == OperationState.WANTED.value,
                Operation.asked_at < now - LOST_AFTER,
            )
        ).all()
        stale = session.scalars(
            select(Operation).where(
                Operation.community_id == community_id,
                Operation.state == OperationState.WAITING.value,
                Operation.asked_at < now - AGREE_WITHIN,
            )
        ).all()
    for operation_id in lost:
        try:
            perform(community_id, operation_id, provider)
        except OutsideFailed as error:
            log.warning("money.provider_away", error=str(error))
    for operation in stale:
        _give_up(community_id, operation, provider)
    return len(lost) + len(stale)


def _request(session: Session, community_id: UUID, operation_id: UUID) -> _Request | None:
    operation = session.scalars(
        select(Operation).where(Operation.community_id == community_id, Operation.id == operation_id)
    ).first()
    if operation is None or operation.state != OperationState.WANTED:
        return None
    payment = session.get_one(Payment, operation.payment_id)
    account = session.get(Payee, payment.payee_id) if payment.payee_id else None
    paid_out = session.scalars(
        select(Transfer.key)
        .where(Transfer.reference_id == payment.id, Transfer.kind == TransferKind.PAY_OUT.value)
        .order_by(Transfer.amount_fen.desc())
    ).first()
    return _Request(operation, payment, account.provider_account if account else None, paid_out)


def _ask(provider: Payments, request: _Request) -> str:
    operation, payment = request.operation, request.payment
    key, amount, ref = str(operation.id), operation.amount_fen, payment.provider_ref or ""
    match Step(operation.step):
        case Step.AUTHORISE:
            wanted = Authorisation(
                payment_id=str(payment.id),
                community_id=str(payment.community_id),
                amount_fen=amount,
                currency=payment.currency,
                means=payment.source,
                method=operation.method,
                is_captured_at_once=payment.source in CAPTURED_AT_ONCE or payment.payee_id is None,
                return_url=operation.return_url,
            )
            return provider.authorise(wanted, key=key)
        case Step.CAPTURE:
            return provider.capture(ref, amount, key=key)
        case Step.RELEASE:
            return provider.release(ref, key=key)
        case Step.REFUND:
            return provider.refund(ref, amount, key=key)
        case Step.PAY_OUT:
            return provider.pay_out(ref, request.account, amount, key=key)
        case Step.REVERSE:
            return provider.reverse(request.transfer_ref or "", amount, key=key)


def _refused(community_id: UUID, request: _Request, code: str, provider: Payments) -> None:
    """Believe a refusal only after a look: what we ask again may have been done the first time."""
    if request.payment.provider_ref is not None:
        look(community_id, request.payment.id, provider)
    with transaction() as session:
        payment = asking.find(session, community_id, request.payment.id)
        operation = session.get_one(Operation, request.operation.id, populate_existing=True)
        refuse(session, payment, operation, code[:60])


def _look_instead(community_id: UUID, request: _Request, provider: Payments) -> None:
    """An operation that is too old to be asked for again: find what the provider made of it, else call it refused."""
    if request.payment.provider_ref is None:
        since = request.operation.asked_at - timedelta(minutes=10)
        for intent in provider.listed(since):
            if intent.payment_id == str(request.payment.id):
                look(community_id, request.payment.id, provider, ref=intent.ref)
                return
    _refused(community_id, request, "too_old", provider)


def _give_up(community_id: UUID, operation: Operation, provider: Payments) -> None:
    with reading() as session:
        ref = session.get_one(Payment, operation.payment_id).provider_ref
    try:
        provider.release(ref or "", key=f"{operation.id}-lapsed")
    except (Declined, NotTaken):
        pass
    except OutsideFailed as error:
        log.warning("money.provider_away", error=str(error))
        return
    look(community_id, operation.payment_id, provider)
