"""Asking: a payment is begun, and what is wanted of it is written down before anybody outside is told.

What pays with vouchers or the fund is done at once, in the same transaction: the ledger is the provider. What has to
be done outside is an operation that a job takes there (``performing``), as often as it takes, under one key.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once, new_id, touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.jobs import enqueue
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.money.models import CURRENCY, Operation, Payee, Payment
from server.modules.money.rules.books import BY_PROVIDER, CAPTURED_AT_ONCE, Source
from server.modules.money.rules.payments import BUSY, OperationState, PaymentState, Step, asked_in
from server.modules.money.service import fund, providers
from server.modules.money.service.finishing import finish

PERFORM = "money.perform"


@dataclass(frozen=True)
class Charge:
    """What somebody is to pay. ``order_ref``: of whoever asks; money knows nothing more of it.

    ``method``: the payer's card as the provider names it, for what is paid outside. ``payee_id`` None: to the fund.
    """

    order_ref: UUID
    payer_id: UUID
    payee_id: UUID | None
    amount_fen: int
    source: Source
    key: str
    currency: str = CURRENCY
    method: str | None = None
    return_url: str | None = None


def charge(session: Session, actor: Actor, community: CommunityRef, wanted: Charge) -> Payment:
    """Begin a payment; asked again with the same key it is the same one.

    Raises Refused where there is not enough, the fund's rule says no or cards are off, NotFound for no such payee,
    Conflict("money.paid_already") if the order has a payment from that source.
    """
    known = _with_key(session, community.id, wanted)
    if known is not None:
        return known
    if wanted.payee_id is not None:
        payee(session, community.id, wanted.payee_id)
    if wanted.source in BY_PROVIDER:
        providers.refuse_if_off()
    home_id, month = None, None
    if wanted.source == Source.FUND:
        home_id, month = fund.allow(session, community, wanted.payer_id, wanted.amount_fen, wanted.currency)
    made = _insert(session, community.id, wanted, home_id, month)
    if made is None:
        known = _with_key(session, community.id, wanted)
        if known is None:
            raise Conflict("money.paid_already")
        # The other request was first: what this one took of the fund's month goes back with the refusal.
        raise Conflict("money.under_way")
    payment = find(session, community.id, made)
    record(session, actor, community.id, "money.asked", ("payment", made), facts=_facts(payment))
    _write_down(session, payment, Step.AUTHORISE, wanted.amount_fen, wanted.key, wanted)
    return payment


def ask(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    payment_id: UUID,
    step: Step,
    amount_fen: int,
    *,
    key: str,
) -> Payment:
    """Ask for the next step of a payment. Capturing less than was authorised releases the rest; nothing, all of it.

    Raises NotFound, Conflict where the payment is not so far or too far, Refused for more than there is.
    """
    payment = find(session, community.id, payment_id)
    step, amount_fen = _really(payment, step, amount_fen)
    if _is_known(session, payment, step, amount_fen, key):
        return payment
    if step == Step.REFUND and amount_fen == 0 and payment.source in CAPTURED_AT_ONCE:
        return payment
    after = asked_in(PaymentState(payment.state), step)
    _check_amount(payment, step, amount_fen)
    column = BUSY.get(step)
    changes = {"state": after.value}
    where = [Payment.id == payment.id, Payment.state == payment.state]
    if column == "busy_fen":
        where.append(Payment.held_fen - Payment.busy_fen - Payment.disputed_fen >= amount_fen)
    elif column == "reversing_fen":
        where.append(Payment.paid_out_fen - Payment.reversing_fen >= amount_fen)
    row = update(Payment).where(*where).values(**changes)
    if column is not None:
        row = row.values({column: getattr(Payment, column) + amount_fen})
    if not touched(session.execute(row)):
        raise Conflict("money.not_now", state=payment.state, step=step)
    facts = {"step": step, "amount_fen": amount_fen}
    record(session, actor, community.id, "money.step_asked", ("payment", payment.id), facts=facts)
    session.refresh(payment)
    _write_down(session, payment, step, amount_fen, key)
    return payment


def find(session: Session, community_id: UUID, payment_id: UUID) -> Payment:
    """Return a payment of this community, locked until the transaction ends. Raises NotFound."""
    row = session.scalars(
        select(Payment)
        .where(Payment.community_id == community_id, Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("money.payment_not_found")
    return row


def of_order(session: Session, community_id: UUID, order_ref: UUID) -> list[Payment]:
    """Return the payments of an order, oldest first."""
    wanted = select(Payment).where(Payment.community_id == community_id, Payment.order_ref == order_ref)
    return list(session.scalars(wanted.order_by(Payment.id)))


def orders_in(
    session: Session, community_id: UUID, order_refs: Collection[UUID], states: Collection[str]
) -> set[UUID]:
    """Return those of the orders that have a payment in one of the states."""
    wanted = select(Payment.order_ref).where(
        Payment.community_id == community_id, Payment.order_ref.in_(order_refs), Payment.state.in_(states)
    )
    return {order_ref for order_ref in session.scalars(wanted) if order_ref is not None}


def payee(session: Session, community_id: UUID, payee_id: UUID) -> Payee:
    """Return somebody who is paid in this community. Raises NotFound."""
    row = session.scalars(
        select(Payee).where(Payee.community_id == community_id, Payee.id == payee_id)
    ).first()
    if row is None:
        raise NotFound("money.payee_not_found")
    return row


_ZERO = (
    "authorised_fen",
    "captured_fen",
    "released_fen",
    "refunded_fen",
    "paid_out_fen",
    "held_fen",
    "disputed_fen",
    "busy_fen",
    "reversing_fen",
)


def _insert(
    session: Session, community_id: UUID, wanted: Charge, home_id: UUID | None, month: str | None
) -> UUID | None:
    values = {
        "community_id": community_id,
        "order_ref": wanted.order_ref,
        "payer_id": wanted.payer_id,
        "payee_id": wanted.payee_id,
        "home_id": home_id,
        "month": month,
        "source": wanted.source.value,
        "currency": wanted.currency,
        "state": PaymentState.ASKED.value,
        "key": wanted.key,
        "asked_fen": wanted.amount_fen,
        "asked_at": clock.now(),
        **dict.fromkeys(_ZERO, 0),
    }
    return insert_once(session, Payment, values)


def _with_key(session: Session, community_id: UUID, wanted: Charge) -> Payment | None:
    row = session.scalars(
        select(Payment).where(
            Payment.community_id == community_id,
            Payment.payer_id == wanted.payer_id,
            Payment.key == wanted.key,
        )
    ).first()
    if row is None:
        return None
    same = (row.order_ref, row.payee_id, row.asked_fen, row.source, row.currency)
    if same != (wanted.order_ref, wanted.payee_id, wanted.amount_fen, wanted.source, wanted.currency):
        raise Refused("money.key_reused")
    return row


def _is_known(session: Session, payment: Payment, step: Step, amount_fen: int, key: str) -> bool:
    found = session.scalars(
        select(Operation.amount_fen).where(
            Operation.payment_id == payment.id, Operation.step == step, Operation.key == key
        )
    ).first()
    if found is not None and found != amount_fen:
        raise Refused("money.key_reused")
    return found is not None


def _really(payment: Payment, step: Step, amount_fen: int) -> tuple[Step, int]:
    """What the step means for this payment: nothing dropped is a release, and Alipay has captured all already."""
    if step == Step.CAPTURE and amount_fen == 0:
        step = Step.RELEASE
    if step == Step.RELEASE:
        amount_fen = payment.authorised_fen
    if payment.source in CAPTURED_AT_ONCE and payment.state == PaymentState.CAPTURED:
        if step == Step.CAPTURE:
            if amount_fen > payment.captured_fen:
                raise Refused("money.too_much", most_fen=payment.captured_fen)
            return Step.REFUND, payment.captured_fen - amount_fen
        if step == Step.RELEASE:
            return Step.REFUND, payment.captured_fen
    return step, amount_fen


def _check_amount(payment: Payment, step: Step, amount_fen: int) -> None:
    most = {
        Step.CAPTURE: payment.authorised_fen,
        Step.RELEASE: payment.authorised_fen,
        Step.REFUND: payment.held_fen - payment.busy_fen - payment.disputed_fen,
        Step.PAY_OUT: payment.held_fen - payment.busy_fen - payment.disputed_fen,
        Step.REVERSE: payment.paid_out_fen - payment.reversing_fen,
    }[step]
    if not 0 < amount_fen <= most:
        raise Refused("money.too_much", most_fen=most)


def _write_down(
    session: Session, payment: Payment, step: Step, amount_fen: int, key: str, by: Charge | None = None
) -> None:
    operation = Operation(
        id=new_id(),
        community_id=payment.community_id,
        payment_id=payment.id,
        step=step,
        amount_fen=amount_fen,
        key=key,
        state=OperationState.WANTED,
        method=by.method if by else None,
        return_url=by.return_url if by else None,
        asked_at=clock.now(),
    )
    session.add(operation)
    session.flush()
    is_outside = payment.source in BY_PROVIDER and not (payment.payee_id is None and step == Step.PAY_OUT)
    if is_outside:
        enqueue(session, PERFORM, payment.community_id, {"operation_id": str(operation.id)})
    else:
        # Vouchers, the fund, and a gift that stays where it is: our own books are all there is to change.
        finish(session, payment, operation, f"own_{operation.id}")


def _facts(payment: Payment) -> dict[str, object]:
    return {"order_ref": payment.order_ref, "source": payment.source, "amount_fen": payment.asked_fen}
