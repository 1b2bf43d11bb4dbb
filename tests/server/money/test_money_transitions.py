"""Every state × step × role, over HTTP: who may not is told 403, what leads nowhere 409, and nothing has moved."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import update

from server.kit.db import transaction
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payment
from server.modules.money.rules.payments import STEPS, PaymentState, Step
from tests.factories.money import ask, charge, columns, make_payee, make_payer, transfers
from tests.server.conftest import Api

PATHS = {
    "capture": {"amount_fen": 1_000},
    "release": {},
    "refund": {"amount_fen": 1_000},
    "pay-out": {"amount_fen": 1_000},
    "reverse": {"amount_fen": 1_000},
}
ROLES = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "clinic")


def payment_in(community: CommunityRef, state: PaymentState) -> UUID:
    """Make a payment in that state; those that only a slow provider leaves are written by hand."""
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    if state == PaymentState.CAPTURED:
        ask(community, payment, "capture", 3_000)
        ask(community, payment, "pay_out", 1_500)
    elif state == PaymentState.RELEASED:
        ask(community, payment, "release")
    elif state != PaymentState.AUTHORISED:
        with transaction() as session:
            session.execute(update(Payment).where(Payment.id == payment).values(state=state.value))
    return payment


@pytest.mark.parametrize("state", list(PaymentState))
def test_a_step_is_taken_where_the_table_has_it_and_by_officers_alone(
    state: PaymentState, community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    officer = sign_in("officer")
    others = {role: sign_in(role) for role in ROLES}
    payment = payment_in(community, state)
    base = f"/api/c/wutong/money/payments/{payment}"
    before = (columns(payment), transfers(payment))
    for path, body in PATHS.items():
        for role, api in others.items():
            assert api.post(f"{base}/{path}", body).status_code == 403, (role, path)
        if (state, Step(path.replace("-", "_"))) not in STEPS:
            answer = officer.post(f"{base}/{path}", body)
            assert (answer.status_code, answer.get_json()["code"]) == (409, "money.not_now"), path
    assert (columns(payment), transfers(payment)) == before
    # Capturing and releasing exclude each other, so each lawful step gets a payment of its own.
    if state == PaymentState.CAPTURED:
        for path in ("refund", "pay-out", "reverse"):
            assert officer.post(f"{base}/{path}", {"amount_fen": 500}).status_code == 200, path
    if state == PaymentState.AUTHORISED:
        assert officer.post(f"{base}/capture", PATHS["capture"]).status_code == 200


def test_the_other_doors_of_money_are_for_those_they_are_for(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    money, payer = "/api/c/wutong/money", make_payer(community, 0)
    vouchers = {"person_id": str(payer), "amount_fen": 100}
    rule = {"is_open": True, "home_month_fen": 1, "payment_fen": 1}
    for role in ROLES:
        api = sign_in(role)
        assert api.post(f"{money}/vouchers", vouchers).status_code == 403, role
        assert api.put(f"{money}/fund/rule", rule).status_code == 403, role
        assert api.post(f"{money}/reconciliation").status_code == 403, role
        assert api.get(f"{money}/fund").status_code == 200, role
    assert sign_in("officer").post(f"{money}/vouchers", vouchers).status_code == 204
