"""Endpoints of payments: a neighbour's own, and the steps that an officer takes for an order.

Nobody begins a payment here: what is to be paid, and to whom, is known by whoever has the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from server.kit.db import reading, transaction
from server.kit.errors import NotFound, OutsideFailed, Unavailable
from server.kit.http import PageQuery, page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.ports.payments import NotTaken
from server.kit.tenancy import current_community
from server.modules.money import service
from server.modules.money.models import Payment
from server.modules.money.routes.blueprint import bp
from server.modules.money.schemas import (
    AmountIn,
    CaptureIn,
    NextOut,
    PayeeIn,
    PayeeOut,
    PaymentOut,
    PaymentsOut,
    TransferOut,
    VouchersIn,
    WalletOut,
)
from server.modules.money.service import providers


@bp.get("/payments")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(PaymentsOut)
@allow("money.pay")
def list_my_payments(query: PageQuery) -> PaymentsOut:
    """List my payments with their receipts, newest first."""
    with reading() as session:
        wanted = service.my_payments(current_actor(), current_community().id)
        rows, after = page(session, wanted, Payment.id, query.after, query.limit)
        return PaymentsOut(items=payments_out(session, rows), next=after)


@bp.get("/payments/<uuid:payment_id>")
@bp.output(PaymentOut)
@allow("money.pay")
def read_payment(payment_id: UUID) -> PaymentOut:
    """Read a payment of mine, or as an officer anybody's."""
    with reading() as session:
        row = service.payment_of(session, current_actor(), current_community(), payment_id)
        return payments_out(session, [row])[0]


@bp.get("/payments/<uuid:payment_id>/next")
@bp.output(NextOut)
@allow("money.pay")
def next_of_payment(payment_id: UUID) -> NextOut:
    """Tell the payer alone where to agree to a payment; read from the provider, and kept nowhere."""
    with reading() as session:
        row = service.payment_of(session, current_actor(), current_community(), payment_id)
        if row.payer_id != current_actor().id:
            raise NotFound("money.payment_not_found")
    try:
        seen = providers.outside().look_up(row.provider_ref) if row.provider_ref else None
    except (OutsideFailed, NotTaken):
        raise Unavailable("money.provider_away", retry_after_s=10) from None
    is_open = seen is not None and seen.state == "asked"
    return NextOut(next_url=seen.next_url if seen and is_open else None)


@bp.post("/payments/<uuid:payment_id>/capture")
@bp.input(CaptureIn, arg_name="body")
@bp.output(PaymentOut)
@allow("money.settle")
@idempotent
def capture(payment_id: UUID, body: CaptureIn) -> PaymentOut:
    """Capture what was dropped; the rest goes back."""
    return _asked(payment_id, service.Step.CAPTURE, body.amount_fen)


@bp.post("/payments/<uuid:payment_id>/release")
@bp.output(PaymentOut)
@allow("money.settle")
@idempotent
def release(payment_id: UUID) -> PaymentOut:
    """Release all of it: nothing will be dropped."""
    return _asked(payment_id, service.Step.RELEASE, 0)


@bp.post("/payments/<uuid:payment_id>/refund")
@bp.input(AmountIn, arg_name="body")
@bp.output(PaymentOut)
@allow("money.settle")
@idempotent
def refund(payment_id: UUID, body: AmountIn) -> PaymentOut:
    """Give back some of what is held."""
    return _asked(payment_id, service.Step.REFUND, body.amount_fen)


@bp.post("/payments/<uuid:payment_id>/pay-out")
@bp.input(AmountIn, arg_name="body")
@bp.output(PaymentOut)
@allow("money.settle")
@idempotent
def pay_out(payment_id: UUID, body: AmountIn) -> PaymentOut:
    """Pay some of what is held to the shop."""
    return _asked(payment_id, service.Step.PAY_OUT, body.amount_fen)


@bp.post("/payments/<uuid:payment_id>/reverse")
@bp.input(AmountIn, arg_name="body")
@bp.output(PaymentOut)
@allow("money.settle")
@idempotent
def reverse(payment_id: UUID, body: AmountIn) -> PaymentOut:
    """Take back from the shop what has to be refunded."""
    return _asked(payment_id, service.Step.REVERSE, body.amount_fen)


@bp.get("/wallet")
@bp.output(WalletOut)
@allow("money.pay")
def my_wallet() -> WalletOut:
    """Tell what my vouchers are worth, and whether cards are taken."""
    with reading() as session:
        worth = service.wallet_fen(session, current_community().id, current_actor().id)
        return WalletOut(balance_fen=worth, cards_off=providers.cards_off())


@bp.post("/vouchers")
@bp.input(VouchersIn, arg_name="body")
@bp.output({}, status_code=204)
@allow("money.settle")
@idempotent
def issue_vouchers(body: VouchersIn) -> str:
    """Give vouchers of the community to somebody who lives here."""
    with transaction() as session:
        service.issue_vouchers(
            session, current_actor(), current_community(), body.person_id, body.amount_fen, _key()
        )
        return ""


@bp.put("/payees/<uuid:payee_id>")
@bp.input(PayeeIn, arg_name="body")
@bp.output(PayeeOut)
@allow("money.settle")
def put_payee(payee_id: UUID, body: PayeeIn) -> PayeeOut:
    """Make a shop somebody who can be paid."""
    with transaction() as session:
        row = service.register_payee(
            session, current_actor(), current_community(), payee_id, label=body.label
        )
        return PayeeOut.model_validate(row)


def payments_out(session: Session, rows: Sequence[Payment]) -> list[PaymentOut]:
    """Turn payments of the current community into answers, with their transfers."""
    community_id = current_community().id
    transfers = service.transfers_of(session, community_id, [row.id for row in rows])
    labels = {payee.id: payee.label for payee in service.list_payees(session, community_id)}
    return [
        PaymentOut.model_validate(
            {
                **{name: getattr(row, name) for name in PaymentOut.model_fields if hasattr(row, name)},
                "payee_label": labels.get(row.payee_id) if row.payee_id else None,
                "transfers": [TransferOut.model_validate(one) for one in transfers.get(row.id, [])],
            }
        )
        for row in rows
    ]


def _asked(payment_id: UUID, step: service.Step, amount_fen: int) -> PaymentOut:
    with transaction() as session:
        row = service.ask(
            session, current_actor(), current_community(), payment_id, step, amount_fen, key=_key()
        )
        return payments_out(session, [row])[0]


def _key() -> str:
    return request.headers["Idempotency-Key"]
