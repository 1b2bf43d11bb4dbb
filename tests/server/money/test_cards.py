"""Paying by card: what is asked of the provider, what it tells, and what our books make of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.ports.fake_stripe import FakeStripe, Fault, When, sign
from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market
from server.modules.money import service as money
from server.modules.money.rules.books import Source
from server.modules.money.service import performing, reconciling
from tests.factories.money import ask, balances, columns, transfers
from tests.factories.neighbourhood import make_shop
from tests.server.conftest import Api
from tests.server.money.conftest import WEBHOOK, Street

Drain = Callable[[], None]


def deliver(visitor: Api, fake: FakeStripe, events: list[dict[str, object]] | None = None) -> list[int]:
    """Send events as the provider does; return the answers' statuses."""
    events = [one["event"] for one in fake.books.events] if events is None else events
    return [post(visitor, json.dumps(event).encode()) for event in events]


def intent_of(fake: FakeStripe) -> str:
    """Return the provider's name of the only payment."""
    return next(one["id"] for one in fake.books.objects.values() if one["object"] == "payment_intent")


def post(visitor: Api, payload: bytes, signature: str | None = None) -> int:
    headers = {"Stripe-Signature": sign(payload, "whsec_fake") if signature is None else signature}
    return visitor.client.post(WEBHOOK, data=payload, headers=headers).status_code


def test_a_card_is_authorised_captured_refunded_and_the_shop_paid(
    community: CommunityRef, street: Street, drain: Drain, fake: FakeStripe
) -> None:
    payment = street.pay()
    assert columns(payment) == {"state": "asked"}
    drain()
    assert columns(payment) == {"state": "authorised", "authorised_fen": 3_000}
    ask(community, payment, "capture", 2_500)
    assert columns(payment)["state"] == "capturing"
    drain()
    ask(community, payment, "refund", 300)
    ask(community, payment, "pay_out", 2_000)
    assert columns(payment)["busy_fen"] == 2_300
    drain()
    ask(community, payment, "reverse", 500)
    drain()
    assert columns(payment) == {
        "state": "captured",
        "authorised_fen": 3_000,
        "captured_fen": 2_500,
        "released_fen": 500,
        "refunded_fen": 300,
        "paid_out_fen": 1_500,
        "held_fen": 700,
    }
    assert balances(community) == {"outside": -2_200, "held": 700, "payee": 1_500}
    assert fake.books.balance_of(street.account) == 1_500


def test_a_declined_card_moves_nothing_and_the_order_can_be_paid_anew(
    community: CommunityRef, street: Street, drain: Drain
) -> None:
    payment = street.pay(method="pm_card_chargeDeclined")
    drain()
    assert columns(payment) == {"state": "declined"}
    assert balances(community) == {}


def test_alipay_is_captured_at_once_and_what_was_not_dropped_is_refunded(
    community: CommunityRef,
    street: Street,
    drain: Drain,
    fake: FakeStripe,
    visitor: Api,
    sign_in: Callable[..., Api],
) -> None:
    payment = street.pay(source=Source.ALIPAY, method="pm_alipay")
    drain()
    assert columns(payment) == {"state": "asked"}
    ref = intent_of(fake)
    path = f"/api/c/wutong/money/payments/{payment}/next"
    payer, officer = sign_in("resident", person_id=street.payer), sign_in("officer")
    assert payer.get(path).get_json() == {"next_url": f"https://payer.invalid/{ref}"}
    assert officer.get(path).status_code == 404
    fake.books.agree(ref)
    deliver(visitor, fake)
    drain()
    assert payer.get(path).get_json() == {"next_url": None}
    assert columns(payment)["held_fen"] == 3_000
    ask(community, payment, "capture", 2_500)
    drain()
    assert (columns(payment)["held_fen"], columns(payment)["refunded_fen"]) == (2_500, 500)


@pytest.mark.parametrize("order", ["as sent", "backwards", "twice", "three days late"])
def test_messages_in_any_order_lead_to_one_state(
    community: CommunityRef,
    street: Street,
    drain: Drain,
    fake: FakeStripe,
    visitor: Api,
    clock: SettableClock,
    order: str,
) -> None:
    payment = street.pay(method="pm_card_authenticationRequired")
    drain()
    ref = intent_of(fake)
    # Everything else happens at the provider, without us: the payer agrees, somebody captures and refunds by hand.
    fake.books.agree(ref)
    fake.books.capture(ref, {"amount_to_capture": 2_500})
    fake.books.refund({"payment_intent": ref, "amount": 400})
    fake.books.fail_refund(fake.books.refund({"payment_intent": ref, "amount": 100})["id"])
    dispute = fake.books.open_dispute(ref, 600)["id"]
    fake.books.close_dispute(dispute, "lost")
    events = [one["event"] for one in fake.books.events]
    if order == "backwards":
        events.reverse()
    if order == "twice":
        events += events
    if order == "three days late":
        clock.advance(days=3)
    assert set(deliver(visitor, fake, events)) == {204}
    drain()
    assert columns(payment) == {
        "state": "captured",
        "authorised_fen": 3_000,
        "captured_fen": 2_500,
        "released_fen": 500,
        "refunded_fen": 1_000,
        "held_fen": 1_500,
    }
    before = transfers(payment)
    deliver(visitor, fake, events)
    drain()
    assert transfers(payment) == before


def test_a_forged_or_old_message_changes_nothing(
    community: CommunityRef, street: Street, drain: Drain, fake: FakeStripe, visitor: Api
) -> None:
    payment = street.pay(method="pm_card_authenticationRequired")
    drain()
    fake.books.agree(intent_of(fake))
    payload = json.dumps(fake.books.events[-1]["event"]).encode()
    assert post(visitor, payload, sign(payload, "whsec_fake", at=int(time.time()) - 301)) == 400
    assert post(visitor, payload, sign(payload, "whsec_another")) == 400
    assert post(visitor, payload + b" ", sign(payload, "whsec_fake")) == 400
    assert post(visitor, payload, "") == 400
    drain()
    assert columns(payment) == {"state": "asked"}
    # A signed message that lies about a sum is only a reason to look.
    lie = json.loads(payload)
    lie["data"]["object"]["amount_received"] = 99_999
    deliver(visitor, fake, [lie])
    drain()
    assert columns(payment) == {"state": "authorised", "authorised_fen": 3_000}


def test_a_message_for_nobody_of_ours_is_taken_and_forgotten(
    drain: Drain, fake: FakeStripe, visitor: Api
) -> None:
    fake.books.create_intent({"amount": "100", "currency": "cny", "metadata": {"payment_id": "no uuid"}})
    fake.books.cancel(next(iter(fake.books.objects)))
    assert deliver(visitor, fake) == [204]
    drain()


def test_a_dispute_after_the_shop_was_paid_is_the_shops_debt(
    community: CommunityRef,
    street: Street,
    drain: Drain,
    fake: FakeStripe,
    visitor: Api,
    adapter: StripePayments,
) -> None:
    payment = street.pay()
    drain()
    ask(community, payment, "capture", 3_000)
    drain()
    ask(community, payment, "pay_out", 3_000)
    drain()
    ref = intent_of(fake)
    dispute = fake.books.open_dispute(ref, 1_000)["id"]
    deliver(visitor, fake)
    drain()
    assert (columns(payment)["disputed_fen"], columns(payment)["paid_out_fen"]) == (1_000, 2_000)
    fake.books.close_dispute(dispute, "lost")
    deliver(visitor, fake)
    drain()
    assert balances(community) == {"outside": -2_000, "payee": 2_000}
    reconciling.reconcile(community.id, adapter)
    # Connect still has what the shop owes: the report says so until it is taken back.
    assert differences(community) == [("paid_out", 2_000, 3_000)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["authorise", "capture", "release", "refund", "pay_out", "reverse"])
def test_a_provider_that_dies_at_a_step_loses_no_money(
    app: APIFlask,
    community: CommunityRef,
    street: Street,
    drain: Drain,
    fake: FakeStripe,
    clock: SettableClock,
    step: str,
    when: When,
    adapter: StripePayments,
) -> None:
    paths = {
        "authorise": "/v1/payment_intents",
        "capture": "/v1/payment_intents/.*/capture",
        "release": "/v1/payment_intents/.*/cancel",
        "refund": "/v1/refunds",
        "pay_out": "/v1/transfers",
        "reverse": "/v1/transfers/.*/reversals",
    }
    steps = [("release", 0)] if step == "release" else []
    steps = steps or [("capture", 2_500), ("pay_out", 2_000), ("reverse", 500), ("refund", 300)]
    fake.faults.append(Fault(paths[step], when))
    payment = street.pay()
    for asked, amount in [("", 0), *steps]:
        if asked:
            ask(community, payment, asked, amount)
        drain()
        # Nobody has told us: what was asked for is still kept back, and comes again.
        clock.advance(minutes=10)
        drain()
    if step == "release":
        assert columns(payment) == {"state": "released", "authorised_fen": 3_000, "released_fen": 3_000}
    else:
        assert columns(payment)["held_fen"] == 700
        assert balances(community) == {"outside": -2_200, "held": 700, "payee": 1_500}
    reconciling.reconcile(community.id, adapter)
    assert differences(community) == []


def test_what_a_dead_worker_left_is_taken_up_and_what_nobody_agreed_to_is_given_up(
    app: APIFlask,
    community: CommunityRef,
    street: Street,
    fake: FakeStripe,
    clock: SettableClock,
    adapter: StripePayments,
) -> None:
    lost = street.pay()
    waiting = street.pay(method="pm_card_authenticationRequired")
    # No job runs: the queue was lost with its machine.
    clock.advance(minutes=2)
    performing.sweep(community.id, adapter)
    assert columns(lost)["state"] == "authorised"
    clock.advance(hours=25)
    performing.sweep(community.id, adapter)
    assert columns(waiting) == {"state": "declined"}


def test_an_answer_that_was_lost_for_a_day_is_looked_for_and_not_asked_again(
    app: APIFlask,
    community: CommunityRef,
    street: Street,
    fake: FakeStripe,
    clock: SettableClock,
    adapter: StripePayments,
) -> None:
    payment = street.pay()
    fake.faults.append(Fault("/v1/payment_intents", "after"))
    clock.advance(minutes=2)
    performing.sweep(community.id, adapter)
    assert columns(payment) == {"state": "asked"}
    fake.books.answers.clear()
    clock.advance(hours=30)
    performing.sweep(community.id, adapter)
    assert columns(payment) == {"state": "authorised", "authorised_fen": 3_000}
    assert len([one for one in fake.books.objects.values() if one["object"] == "payment_intent"]) == 1


def test_the_report_finds_what_messages_have_missed_and_what_is_nobodys(
    community: CommunityRef, street: Street, drain: Drain, fake: FakeStripe, adapter: StripePayments
) -> None:
    payment = street.pay()
    drain()
    fake.books.capture(intent_of(fake), {})
    fake.books.create_intent(
        {"amount": "100", "currency": "cny", "metadata": {"community_id": str(community.id)}}
    )
    reconciling.reconcile(community.id, adapter)
    assert columns(payment)["held_fen"] == 3_000
    assert differences(community) == [("not_ours", 0, 0)]


def differences(community: CommunityRef) -> list[tuple[str, int, int]]:
    with reading() as session:
        row = reconciling.latest(session, community.id)
        assert row is not None
        return [(one["kind"], one["ours_fen"], one["theirs_fen"]) for one in row.differences]


def test_a_shop_is_led_to_the_provider_and_keeps_its_one_account(
    street: Street, fake: FakeStripe, sign_in: Callable[..., Api]
) -> None:
    _, keeper_id = make_shop(street.community, {})
    with reading() as session:
        shop_id = market.merchant_id_of(session, street.community.id, keeper_id)
        assert shop_id is not None
    with transaction() as session:
        money.register_payee(session, SYSTEM, street.community, shop_id, label="便民超市")
    keeper = sign_in("merchant", person_id=keeper_id)
    path = f"/api/c/wutong/money/payees/{shop_id}"
    for _ in range(2):
        led = keeper.post(f"{path}/account").get_json()["next_url"]
        assert led.startswith("https://connect.invalid/acct_")
    assert len([one for one in fake.books.objects.values() if one["object"] == "account"]) == 2
    account = keeper.get(path).get_json()["provider_account"]
    assert account in led
    assert sign_in("merchant").post(f"{path}/account").status_code == 404
    fake.faults.append(Fault("/v1/account_links", "error", times=9))
    assert keeper.post(f"{path}/account").get_json()["code"] == "money.provider_away"
    assert keeper.get(path).get_json()["provider_account"] == account
