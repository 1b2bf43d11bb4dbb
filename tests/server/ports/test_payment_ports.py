"""One contract for all adapters of the payments port, and the Stripe adapter against the fake server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import stripe

from server.kit.errors import OutsideFailed
from server.kit.ports.fake_stripe import FakeStripe, Fault, sign
from server.kit.ports.payments import Authorisation, Declined, ForgedEvent, NotTaken, Payments
from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.ports.payments.making import make_payments
from server.kit.ports.payments.vouchers import Vouchers
from server.kit.settings import Settings, UnsafeSettings


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    made = FakeStripe().start()
    yield made
    made.stop()


@pytest.fixture
def adapter(fake: FakeStripe) -> StripePayments:
    return StripePayments(fake.key, fake.secret, fake.url, retries=0)


@dataclass(frozen=True)
class Side:
    """An adapter and an account that it can pay."""

    payments: Payments
    account: str


@pytest.fixture(params=["vouchers", "stripe"])
def side(request: pytest.FixtureRequest, adapter: StripePayments) -> Side:
    if request.param == "vouchers":
        return Side(Vouchers(), "")
    return Side(adapter, adapter.make_account("便民超市", key="account"))


def wanted(amount_fen: int = 3_000, method: str = "pm_card_visa", means: str = "card") -> Authorisation:
    return Authorisation(
        payment_id="11111111-1111-4111-8111-111111111111",
        community_id="22222222-2222-4222-8222-222222222222",
        amount_fen=amount_fen,
        currency="cny",
        means=means,
        method=method,
        is_captured_at_once=means != "card",
        return_url="https://linli.invalid/back" if means != "card" else None,
    )


# The contract.


def test_a_whole_payment_goes_through_and_every_step_asked_again_is_the_same_one(side: Side) -> None:
    payments = side.payments
    assert payments.why_off() is None
    ref = payments.authorise(wanted(), key="authorise")
    steps = [
        lambda: payments.capture(ref, 2_500, key="capture"),
        lambda: payments.refund(ref, 300, key="refund"),
        lambda: (
            (transfer := payments.pay_out(ref, side.account, 2_200, key="pay out"))
            and payments.reverse(transfer, 200, key="reverse")
        ),
    ]
    for step in steps:
        assert step() == step()
    assert payments.authorise(wanted(), key="authorise") == ref


def test_another_payment_is_released_and_cannot_be_moved_with_nothing(side: Side) -> None:
    ref = side.payments.authorise(wanted(), key="authorise")
    side.payments.release(ref, key="release")
    with pytest.raises(NotTaken):
        side.payments.refund(ref, 0, key="nothing")


def test_a_message_without_signature_is_forged(side: Side) -> None:
    with pytest.raises(ForgedEvent):
        side.payments.open_message(b"{}", "")


# Stripe alone.


def test_stripe_shows_what_was_done_and_which_operation_asked_for_it(
    adapter: StripePayments, fake: FakeStripe
) -> None:
    ref = adapter.authorise(wanted(), key="authorise")
    seen = adapter.look_up(ref)
    assert seen is not None
    assert (seen.state, seen.authorised_fen, seen.captured_fen) == ("authorised", 3_000, 0)
    adapter.capture(ref, 2_500, key="capture")
    refund = adapter.refund(ref, 300, key="operation 1")
    account = adapter.make_account("便民超市", key="account")
    transfer = adapter.pay_out(ref, account, 2_000, key="operation 2")
    reversal = adapter.reverse(transfer, 500, key="operation 3")
    dispute = fake.books.open_dispute(ref, 100)["id"]
    seen = adapter.look_up(ref)
    assert seen is not None
    assert (seen.state, seen.captured_fen) == ("captured", 2_500)
    assert [(e.ref, e.amount_fen, e.operation_id) for e in seen.refunds] == [(refund, 300, "operation 1")]
    assert [(e.ref, e.amount_fen, e.operation_id) for e in seen.transfers] == [
        (transfer, 2_000, "operation 2")
    ]
    assert [(e.ref, e.amount_fen, e.operation_id) for e in seen.reversals] == [(reversal, 500, "operation 3")]
    assert [(e.ref, e.state) for e in seen.disputes] == [(dispute, "open")]
    assert [intent.ref for intent in adapter.listed(_long_ago())] == [ref]
    assert adapter.payment_of(ref) == wanted().payment_id
    assert adapter.onboarding_url(account, "https://linli.invalid/back").startswith(
        "https://connect.invalid/"
    )


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_declined_card_holds_nothing_that_could_be_confirmed_later(
    adapter: StripePayments, fake: FakeStripe, method: str, code: str
) -> None:
    with pytest.raises(Declined) as no:
        adapter.authorise(wanted(method=method), key="authorise")
    assert no.value.code == code
    assert [intent.state for intent in adapter.listed(_long_ago())] == ["released"]


def test_alipay_and_wechat_are_captured_when_the_payer_agrees(
    adapter: StripePayments, fake: FakeStripe
) -> None:
    for means in ("alipay", "wechat_pay"):
        ref = adapter.authorise(wanted(method=f"pm_{means}", means=means), key=means)
        seen = adapter.look_up(ref)
        assert seen is not None
        assert (seen.state, seen.next_url) == ("asked", f"https://payer.invalid/{ref}")
        fake.books.agree(ref)
        seen = adapter.look_up(ref)
        assert seen is not None
        assert (seen.state, seen.captured_fen) == ("captured", 3_000)


def test_a_key_with_another_body_is_refused_and_one_under_way_is_asked_again_later(
    adapter: StripePayments, fake: FakeStripe
) -> None:
    adapter.authorise(wanted(), key="authorise")
    with pytest.raises(NotTaken) as changed:
        adapter.authorise(wanted(4_000), key="authorise")
    assert changed.value.code == "idempotency"
    fake.faults.append(Fault("/v1/payment_intents", "slow"))
    slow = Thread(target=lambda: adapter.authorise(wanted(), key="slow"))
    slow.start()
    time.sleep(0.2)
    with pytest.raises(OutsideFailed):
        adapter.authorise(wanted(), key="slow")
    slow.join()
    assert len([one for one in fake.books.objects.values() if one["object"] == "payment_intent"]) == 2


@pytest.mark.parametrize("when", ["before", "after", "error"])
def test_a_server_that_breaks_in_the_middle_does_what_was_asked_once(
    adapter: StripePayments, fake: FakeStripe, when: Any
) -> None:
    ref = adapter.authorise(wanted(), key="authorise")
    adapter.capture(ref, 2_500, key="capture")
    fake.faults.append(Fault("/v1/refunds", when))
    with pytest.raises(OutsideFailed):
        adapter.refund(ref, 300, key="refund")
    adapter.refund(ref, 300, key="refund")
    seen = adapter.look_up(ref)
    assert seen is not None
    assert [effect.amount_fen for effect in seen.refunds] == [300]


def test_the_package_of_stripe_itself_asks_again_where_a_connection_broke(fake: FakeStripe) -> None:
    adapter = StripePayments(fake.key, fake.secret, fake.url, retries=1)
    fake.faults.append(Fault("/v1/payment_intents", "after"))
    ref = adapter.authorise(wanted(), key="authorise")
    assert [intent.ref for intent in adapter.listed(_long_ago())] == [ref]
    assert fake.asked.count(("POST", "/v1/payment_intents")) == 2


def test_the_fake_keeps_its_books_over_a_restart(tmp_path: Path) -> None:
    first = FakeStripe(file=tmp_path / "fake.json").start()
    ref = StripePayments(first.key, first.secret, first.url, retries=0).authorise(wanted(), key="authorise")
    first.stop()
    second = FakeStripe(file=tmp_path / "fake.json").start()
    again = StripePayments(second.key, second.secret, second.url, retries=0)
    assert again.authorise(wanted(), key="authorise") == ref
    second.stop()


def test_a_wrong_key_is_no_answer(fake: FakeStripe) -> None:
    with pytest.raises(OutsideFailed):
        StripePayments("sk_test_wrong", fake.secret, fake.url, retries=0).authorise(wanted(), key="authorise")


@pytest.mark.parametrize(("age_s", "holds"), [(0, True), (299, True), (301, False)])
def test_signatures_live_for_five_minutes(adapter: StripePayments, age_s: int, holds: bool) -> None:
    event = {"id": "evt_1", "object": "event", "type": "refund.created"}
    event |= {"data": {"object": {"object": "refund", "id": "re_1", "payment_intent": "pi_1"}}}
    payload = json.dumps(event).encode()
    signature = sign(payload, "whsec_fake", at=int(time.time()) - age_s)
    if holds:
        assert adapter.open_message(payload, signature).object_ref == "pi_1"
    else:
        with pytest.raises(ForgedEvent):
            adapter.open_message(payload, signature)
    with pytest.raises(ForgedEvent):
        adapter.open_message(payload + b" ", sign(payload, "whsec_fake"))
    with pytest.raises(ForgedEvent):
        adapter.open_message(payload, sign(payload, "whsec_another"))


def test_without_keys_it_is_off_and_production_takes_neither_test_keys_nor_the_fake(tmp_path: Path) -> None:
    embedded = Settings(home=tmp_path)
    assert make_payments(embedded, {}).why_off() == "LINLI_STRIPE_KEY"
    only_key = {"LINLI_STRIPE_KEY": "sk_test_1"}
    assert make_payments(embedded, only_key).why_off() == "LINLI_STRIPE_WEBHOOK_SECRET"
    both = only_key | {"LINLI_STRIPE_WEBHOOK_SECRET": "whsec_1"}
    assert make_payments(embedded, both).why_off() is None
    production = Settings(home=tmp_path, mode="production")
    for unsafe in (both, {"LINLI_STRIPE_API": "http://127.0.0.1:1"}):
        with pytest.raises(UnsafeSettings):
            make_payments(production, unsafe)
    assert "sk_test_1" not in repr(make_payments(embedded, both))
    with pytest.raises(OutsideFailed):
        make_payments(embedded, {}).authorise(wanted(), key="authorise")
    assert stripe.api_key is None


def _long_ago() -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC)
