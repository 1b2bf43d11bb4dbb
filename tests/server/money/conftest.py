"""Money with a provider outside: our fake server behind the real adapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from apiflask import APIFlask

from server.kit.db import transaction
from server.kit.ports.fake_stripe import FakeStripe
from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.tenancy import CommunityRef
from server.modules.money.models import Payee
from server.modules.money.rules.books import Source
from tests.factories.money import charge, make_payee, make_payer

WEBHOOK = "/api/money/webhooks/stripe"


@pytest.fixture
def fake(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """The fake server; the application pays through it for the length of a test."""
    made = FakeStripe().start()
    adapter = StripePayments(made.key, made.secret, made.url, retries=0)
    monkeypatch.setitem(app.extensions["linli"].ports, "payments", adapter)
    yield made
    made.stop()


@dataclass(frozen=True)
class Street:
    """Somebody who pays by card and a shop with an account at Connect."""

    app: APIFlask
    community: CommunityRef
    payer: UUID
    payee: UUID
    account: str

    def pay(
        self, amount_fen: int = 3_000, *, source: Source = Source.CARD, method: str = "pm_card_visa"
    ) -> UUID:
        """Begin a payment through the provider, as a request would."""
        with self.app.app_context():
            return charge(
                self.community,
                self.payer,
                self.payee,
                amount_fen,
                source,
                method=method,
                return_url="https://linli.invalid/receipts",
            )


@pytest.fixture
def adapter(fake: FakeStripe) -> StripePayments:
    """The adapter that pays through the fake, for what is called without a job."""
    return StripePayments(fake.key, fake.secret, fake.url, retries=0)


@pytest.fixture
def street(app: APIFlask, fake: FakeStripe, community: CommunityRef) -> Street:
    payee, account = make_payee(community), fake.books.create_account({})["id"]
    with transaction() as session:
        session.get_one(Payee, payee).provider_account = account
    return Street(app, community, make_payer(community, 0), payee, account)
