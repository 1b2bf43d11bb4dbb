"""What an answer means: an operation is done or refused, and the ledger moves with it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import new_id
from server.kit.outbox import emit
from server.modules.money.events import PaymentChanged
from server.modules.money.models import Operation, Payment
from server.modules.money.rules.books import TransferKind
from server.modules.money.rules.payments import BUSY, DONE, REFUSED, OperationState, PaymentState, Step
from server.modules.money.service.ledger import move

MOVED = {
    Step.AUTHORISE: TransferKind.AUTHORISE,
    Step.CAPTURE: TransferKind.CAPTURE,
    Step.RELEASE: TransferKind.RELEASE,
    Step.REFUND: TransferKind.REFUND,
    Step.PAY_OUT: TransferKind.PAY_OUT,
    Step.REVERSE: TransferKind.REVERSE,
}
OPEN = (OperationState.WANTED, OperationState.WAITING)


def finish(session: Session, payment: Payment, operation: Operation, ref: str) -> None:
    """Write what a done operation moves; twice is once. ``ref``: the provider's name of the effect.

    The payment must be locked.
    """
    if operation.state not in OPEN:
        return
    step = Step(operation.step)
    _give_back(session, payment, operation)
    move(session, payment, MOVED[step], operation.amount_fen, key=ref)
    if step == Step.CAPTURE:
        rest = payment.authorised_fen - payment.captured_fen - payment.released_fen
        move(session, payment, TransferKind.RELEASE, rest, key=ref)
    _end(session, payment, operation, OperationState.DONE, DONE.get(step), ref=ref)


def refuse(session: Session, payment: Payment, operation: Operation, why: str) -> None:
    """Take back what a refused operation had claimed. The payment must be locked."""
    if operation.state not in OPEN:
        return
    _give_back(session, payment, operation)
    step = Step(operation.step)
    if step == Step.AUTHORISE:
        payment.why = why
    _end(session, payment, operation, OperationState.REFUSED, REFUSED.get(step), why=why)


def settle_gift(session: Session, payment: Payment) -> None:
    """Put what was captured for the fund into it: nobody has to be waited for. The payment must be locked."""
    free = payment.held_fen - payment.busy_fen - payment.disputed_fen
    if payment.payee_id is None and payment.state == PaymentState.CAPTURED and free > 0:
        move(session, payment, TransferKind.PAY_OUT, free, key=f"gift_{new_id()}")
        announce(session, payment)


def open_operation(session: Session, payment: Payment, *steps: Step) -> Operation | None:
    """Return the payment's operation of one of these steps that has not ended; there is at most one of each closing."""
    return session.scalars(
        select(Operation)
        .where(
            Operation.payment_id == payment.id,
            Operation.step.in_([step.value for step in steps]),
            Operation.state.in_([state.value for state in OPEN]),
        )
        .execution_options(populate_existing=True)
    ).first()


def operation_by_id(session: Session, payment: Payment, operation_id: str | None) -> Operation | None:
    """Return the payment's operation that the provider names, if it is one of ours."""
    try:
        wanted = UUID(operation_id or "")
    except ValueError:
        return None
    return session.scalars(
        select(Operation)
        .where(Operation.payment_id == payment.id, Operation.id == wanted)
        .execution_options(populate_existing=True)
    ).first()


def announce(session: Session, payment: Payment) -> None:
    """Tell whoever listens that the payment has changed."""
    emit(
        session,
        PaymentChanged(
            payment.community_id,
            payment_id=payment.id,
            order_ref=payment.order_ref,
            payer_id=payment.payer_id,
            state=payment.state,
            held_fen=payment.held_fen,
        ),
    )


def set_state(session: Session, payment: Payment, state: PaymentState) -> None:
    """Write the payment's state and tell of it."""
    session.flush()
    session.execute(update(Payment).where(Payment.id == payment.id).values(state=state.value))
    session.refresh(payment)
    announce(session, payment)


def _give_back(session: Session, payment: Payment, operation: Operation) -> None:
    column = BUSY.get(Step(operation.step))
    if column is not None:
        less = getattr(Payment, column) - operation.amount_fen
        session.execute(update(Payment).where(Payment.id == payment.id).values({column: less}))
        session.refresh(payment)


def _end(
    session: Session,
    payment: Payment,
    operation: Operation,
    state: OperationState,
    payment_state: PaymentState | None,
    *,
    ref: str | None = None,
    why: str | None = None,
) -> None:
    operation.state, operation.provider_ref, operation.why = state, ref, why
    operation.method, operation.done_at = None, clock.now()
    set_state(session, payment, payment_state or PaymentState(payment.state))
