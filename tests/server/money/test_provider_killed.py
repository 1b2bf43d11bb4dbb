"""The provider's whole process dies at each step of a payment and comes back with its books: no money is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask

from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.ports.fake_stripe import When
from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payee
from server.modules.money.rules.books import Source
from server.modules.money.service import reconciling
from tests.factories import doomed_provider
from tests.factories.money import ask, balances, charge, columns, make_payee, make_payer
from tests.servers import free_port

STEPS = [
    ("", 0, "/v1/payment_intents"),
    ("capture", 2_500, "/v1/payment_intents/.*/capture"),
    ("refund", 300, "/v1/refunds"),
    ("pay_out", 2_000, "/v1/transfers"),
    ("reverse", 500, "/v1/transfers/.*/reversals"),
]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_provider_killed_at_every_step_loses_no_money(
    app: APIFlask,
    community: CommunityRef,
    clock: SettableClock,
    drain: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    when: When,
) -> None:
    file, port = tmp_path / "provider.json", free_port()
    adapter = StripePayments("sk_test_fake", "whsec_fake", f"http://127.0.0.1:{port}", retries=0)
    monkeypatch.setitem(app.extensions["linli"].ports, "payments", adapter)
    payee, payer = make_payee(community), make_payer(community, 0)
    provider = doomed_provider.start(file, port, "nothing", when)
    try:
        with transaction() as session:
            session.get_one(Payee, payee).provider_account = adapter.make_account("便民超市", key="account")
        payment = None
        for step, amount, path in STEPS:
            provider.kill()
            provider.join()
            provider = doomed_provider.start(file, port, path, when)
            if payment is None:
                with app.app_context():
                    payment = charge(community, payer, payee, 3_000, Source.CARD, method="pm_card_visa")
            else:
                ask(community, payment, step, amount)
            drain()
            provider.join(timeout=10)
            assert provider.exitcode == 9, f"it lived through {step or 'authorise'}"
            provider = doomed_provider.start(file, port, "nothing", when)
            clock.advance(minutes=10)
            drain()
        assert payment is not None
        assert columns(payment)["held_fen"] == 700
        assert balances(community) == {"outside": -2_200, "held": 700, "payee": 1_500}
        reconciling.reconcile(community.id, adapter)
        with reading() as session:
            report = reconciling.latest(session, community.id)
            assert report is not None
            assert report.differences == []
    finally:
        provider.kill()
        provider.join()
