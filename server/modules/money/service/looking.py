"""Reading what the provider has done, and moving our books to it: the one way in which money outside enters the ledger.

Messages may come twice, late, in any order or never. So none is believed but for the payment it names: the provider's
present state is fetched, and whatever of it our books lack is written, once, under the provider's own id of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit.db import reading, transaction
from server.kit.ports.payments import Effect, Intent, Payments
from server.modules.money.models import Payment, Transfer
from server.modules.money.rules.books import AccountKind, TransferKind
from server.modules.money.rules.payments import PaymentState, Step
from server.modules.money.service import asking
from server.modules.money.service.finishing import (
    announce,
    finish,
    open_operation,
    operation_by_id,
    refuse,
    set_state,
    settle_gift,
)
from server.modules.money.service.ledger import balance, move
from server.modules.money.service.providers import outside


@dataclass
class Found:
    """What could not be brought into our books, for the report."""

    differences: list[dict[str, object]] = field(default_factory=list)


def look(
    community_id: UUID, payment_id: UUID, provider: Payments | None = None, *, ref: str | None = None
) -> Found:
    """Fetch a payment's present state from the provider and apply it. ``ref``: where we do not know it yet.

    Raises OutsideFailed where the provider does not answer.
    """
    provider = provider or outside()
    with reading() as session:
        payment = session.scalars(
            select(Payment).where(Payment.community_id == community_id, Payment.id == payment_id)
        ).first()
    ref = (payment.provider_ref if payment else None) or ref
    if payment is None or ref is None:
        return Found()
    seen = provider.look_up(ref)
    if seen is None or seen.payment_id != str(payment_id):
        return Found([_difference("unknown_to_provider", payment_id, payment.captured_fen, 0)])
    with transaction() as session:
        return apply(session, community_id, payment_id, seen)


def apply(session: Session, community_id: UUID, payment_id: UUID, seen: Intent) -> Found:
    """Write whatever of ``seen`` our books lack. Applying the same twice, or an older one later, changes nothing."""
    payment = asking.find(session, community_id, payment_id)
    found = Found()
    if payment.provider_ref is None:
        payment.provider_ref = seen.ref
        session.flush()
    _apply_life(session, payment, seen, found)
    for one in seen.transfers:
        _apply_ours(session, payment, one, TransferKind.PAY_OUT, found)
    for one in seen.reversals:
        _apply_ours(session, payment, one, TransferKind.REVERSE, found)
    for one in seen.refunds:
        _apply_refund(session, payment, one, found)
    for one in seen.disputes:
        _apply_dispute(session, payment, one, found)
    settle_gift(session, payment)
    return found


def _apply_life(session: Session, payment: Payment, seen: Intent, found: Found) -> None:
    """Authorised, captured, released, declined: in this order, whatever of it is new."""
    authorise = open_operation(session, payment, Step.AUTHORISE)
    if seen.state in ("authorised", "captured") and payment.state == PaymentState.ASKED:
        if authorise is None or seen.authorised_fen != payment.asked_fen:
            found.differences.append(
                _difference("authorised", payment.id, payment.asked_fen, seen.authorised_fen)
            )
            return
        finish(session, payment, authorise, seen.ref)
    if payment.state in (PaymentState.DECLINED, PaymentState.RELEASED):
        if seen.state in ("authorised", "captured"):
            found.differences.append(_difference("stray", payment.id, 0, seen.authorised_fen))
        return
    if seen.state == "captured" and payment.captured_fen == 0:
        _apply_capture(session, payment, seen)
    if seen.state in ("released", "declined") and payment.state != PaymentState.CAPTURED:
        _apply_release(session, payment, seen)


def _apply_capture(session: Session, payment: Payment, seen: Intent) -> None:
    closing = open_operation(session, payment, Step.CAPTURE, Step.RELEASE)
    if closing is not None and closing.step == Step.RELEASE:
        refuse(session, payment, closing, "captured")
        closing = None
    if closing is not None and closing.amount_fen == seen.captured_fen:
        finish(session, payment, closing, seen.ref)
        return
    # Captured by hand at the provider, or with another sum: theirs is what was taken from the payer.
    move(session, payment, TransferKind.CAPTURE, seen.captured_fen, key=seen.ref)
    rest = payment.authorised_fen - payment.captured_fen - payment.released_fen
    move(session, payment, TransferKind.RELEASE, rest, key=seen.ref)
    if closing is not None:
        refuse(session, payment, closing, "captured_otherwise")
    set_state(session, payment, PaymentState.CAPTURED)


def _apply_release(session: Session, payment: Payment, seen: Intent) -> None:
    authorise = open_operation(session, payment, Step.AUTHORISE)
    if authorise is not None:
        refuse(session, payment, authorise, "declined" if seen.state == "declined" else "lapsed")
        return
    if seen.state == "declined":
        return
    closing = open_operation(session, payment, Step.CAPTURE, Step.RELEASE)
    if closing is not None and closing.step == Step.CAPTURE:
        refuse(session, payment, closing, "lapsed")
        closing = None
    if closing is not None:
        finish(session, payment, closing, seen.ref)
        return
    # The bank lets an authorisation lapse after some days, and somebody at the provider may cancel it.
    rest = payment.authorised_fen - payment.captured_fen - payment.released_fen
    move(session, payment, TransferKind.RELEASE, rest, key=seen.ref)
    set_state(session, payment, PaymentState.RELEASED)


def _apply_ours(session: Session, payment: Payment, one: Effect, kind: TransferKind, found: Found) -> None:
    """A transfer or a reversal: only we ask for these."""
    operation = operation_by_id(session, payment, one.operation_id)
    if operation is not None:
        finish(session, payment, operation, one.ref)
    elif not _is_written(session, payment, kind, one.ref):
        if _room(payment, kind) < one.amount_fen:
            found.differences.append(
                _difference(kind.value, payment.id, _room(payment, kind), one.amount_fen)
            )
            return
        move(session, payment, kind, one.amount_fen, key=one.ref)
        announce(session, payment)


def _apply_refund(session: Session, payment: Payment, one: Effect, found: Found) -> None:
    operation = operation_by_id(session, payment, one.operation_id)
    is_written = _is_written(session, payment, TransferKind.REFUND, one.ref)
    if one.state == "failed":
        if is_written:
            if move(session, payment, TransferKind.REFUND_FAILED, one.amount_fen, key=one.ref):
                announce(session, payment)
        elif operation is not None:
            refuse(session, payment, operation, "refund_failed")
        return
    if operation is not None:
        # Pending too: the provider has taken it from us, and tells if it fails.
        finish(session, payment, operation, one.ref)
    elif not is_written:
        _make_room(session, payment, one.amount_fen, one.ref)
        if _room(payment, TransferKind.REFUND) < one.amount_fen:
            room = _room(payment, TransferKind.REFUND)
            found.differences.append(_difference("refund", payment.id, room, one.amount_fen))
            return
        move(session, payment, TransferKind.REFUND, one.amount_fen, key=one.ref)
        announce(session, payment)


def _apply_dispute(session: Session, payment: Payment, one: Effect, found: Found) -> None:
    if not _is_written(session, payment, TransferKind.DISPUTE_OPENED, one.ref):
        _make_room(session, payment, one.amount_fen, one.ref)
        room = _room(payment, TransferKind.REFUND)
        if room < one.amount_fen:
            # Money on its way to the shop or back to the payer: when that has ended, the next look finds it.
            found.differences.append(_difference("dispute", payment.id, room, one.amount_fen))
            return
        move(session, payment, TransferKind.DISPUTE_OPENED, one.amount_fen, key=one.ref)
        announce(session, payment)
    if one.state in ("won", "lost"):
        kinds = (TransferKind.DISPUTE_WON, TransferKind.DISPUTE_LOST)
        if any(_is_written(session, payment, kind, one.ref) for kind in kinds):
            return
        move(session, payment, kinds[one.state == "lost"], one.amount_fen, key=one.ref)
        announce(session, payment)


def _make_room(session: Session, payment: Payment, amount_fen: int, ref: str) -> None:
    """Take back from the shop what the payer's bank takes from us: the shop's account may owe, the payment never does.

    Whether Connect has really given it back is an operation of its own; until then reconciliation shows it.
    """
    missing = amount_fen - _room(payment, TransferKind.REFUND)
    free = payment.paid_out_fen - payment.reversing_fen
    if payment.payee_id is None:
        # The fund cannot owe: what it has spent already stays a difference for people to settle.
        own = payment.community_id
        free = min(free, balance(session, own, AccountKind.FUND, own, payment.currency))
    if missing > 0:
        move(session, payment, TransferKind.REVERSE, min(missing, free), key=f"owed_{ref}")


def _room(payment: Payment, kind: TransferKind) -> int:
    if kind == TransferKind.REVERSE:
        return payment.paid_out_fen - payment.reversing_fen
    return payment.held_fen - payment.busy_fen - payment.disputed_fen


def _is_written(session: Session, payment: Payment, kind: TransferKind, ref: str) -> bool:
    wanted = select(Transfer.id).where(
        Transfer.community_id == payment.community_id,
        Transfer.reference_id == payment.id,
        Transfer.kind == kind.value,
        Transfer.key == ref,
    )
    return session.scalar(wanted) is not None


def _difference(what: str, payment_id: UUID, ours: int, theirs: int) -> dict[str, object]:
    return {"kind": what, "payment_id": str(payment_id), "ours_fen": ours, "theirs_fen": theirs}
