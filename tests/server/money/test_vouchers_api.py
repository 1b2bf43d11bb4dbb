"""Paying with vouchers over HTTP: the thin path through everything, without any provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask

from server.kit.tenancy import CommunityRef
from tests.factories.money import balances, make_payee, make_payer, try_charge
from tests.server.conftest import Api

MONEY = "/api/c/wutong/money"


@pytest.fixture
def desk(sign_in: Callable[..., Api]) -> Api:
    return sign_in("officer")


@pytest.fixture
def neighbour(sign_in: Callable[..., Api], community: CommunityRef) -> Api:
    """Somebody with vouchers worth 100 yuan."""
    return sign_in("resident", person_id=make_payer(community))


def pay(api: Api, community: CommunityRef, payee: UUID, amount_fen: int = 3_000) -> Any:
    """Begin a payment as whoever has an order does, and return it as its payer sees it."""
    paid = try_charge(community, api.person_id, payee, amount_fen, "wallet")
    return api.get(f"{MONEY}/payments/{paid}").get_json()


def test_what_was_dropped_is_captured_and_the_rest_goes_back(
    community: CommunityRef, neighbour: Api, desk: Api
) -> None:
    payee = make_payee(community)
    paid = pay(neighbour, community, payee)
    assert (paid["state"], paid["authorised_fen"]) == ("authorised", 3_000)
    assert neighbour.get(f"{MONEY}/wallet").get_json()["balance_fen"] == 7_000
    captured = desk.post(f"{MONEY}/payments/{paid['id']}/capture", {"amount_fen": 2_500}).get_json()
    assert (captured["state"], captured["held_fen"], captured["released_fen"]) == ("captured", 2_500, 500)
    desk.post(f"{MONEY}/payments/{paid['id']}/refund", {"amount_fen": 300})
    desk.post(f"{MONEY}/payments/{paid['id']}/pay-out", {"amount_fen": 2_200})
    receipt = neighbour.get(f"{MONEY}/payments/{paid['id']}").get_json()
    assert [(t["kind"], t["amount_fen"]) for t in receipt["transfers"]] == [
        ("authorise", 3_000),
        ("capture", 2_500),
        ("release", 500),
        ("refund", 300),
        ("pay_out", 2_200),
    ]
    assert balances(community) == {"issued": -10_000, "wallet": 7_800, "payee": 2_200}


def test_nothing_dropped_gives_all_of_it_back(community: CommunityRef, neighbour: Api, desk: Api) -> None:
    paid = pay(neighbour, community, make_payee(community))
    after = desk.post(f"{MONEY}/payments/{paid['id']}/capture", {"amount_fen": 0}).get_json()
    assert (after["state"], after["released_fen"]) == ("released", 3_000)
    assert neighbour.get(f"{MONEY}/wallet").get_json()["balance_fen"] == 10_000


def test_an_order_is_paid_once_and_a_wallet_never_owes(community: CommunityRef, neighbour: Api) -> None:
    payee, order, payer = make_payee(community), uuid4(), neighbour.person_id
    assert try_charge(community, payer, payee, 20_000, "wallet") == "money.not_enough"
    try_charge(community, payer, payee, 3_000, "wallet", order_ref=order)
    assert try_charge(community, payer, payee, 3_000, "wallet", order_ref=order) == "money.paid_already"
    assert balances(community)["wallet"] == 7_000


def test_without_keys_cards_are_off_and_it_says_so(
    app: APIFlask, community: CommunityRef, neighbour: Api
) -> None:
    with app.app_context():
        refused = try_charge(community, neighbour.person_id, make_payee(community), 3_000, "card")
    assert refused == "money.cards_off"
    assert neighbour.get(f"{MONEY}/wallet").get_json()["cards_off"] == "LINLI_STRIPE_KEY"


def test_a_key_that_comes_again_changes_nothing_and_with_another_body_is_refused(
    community: CommunityRef, neighbour: Api, desk: Api
) -> None:
    paid = pay(neighbour, community, make_payee(community))
    path = f"{MONEY}/payments/{paid['id']}/capture"
    first = desk.post(path, {"amount_fen": 2_000}, key="the same key")
    assert desk.post(path, {"amount_fen": 2_000}, key="the same key").get_json() == first.get_json()
    changed = desk.post(path, {"amount_fen": 1_000}, key="the same key")
    assert (changed.status_code, changed.get_json()["code"]) == (422, "idempotency.body_changed")
    assert balances(community)["held"] == 2_000


def test_nobody_sees_or_moves_what_is_not_his(
    community: CommunityRef,
    other_community: CommunityRef,
    neighbour: Api,
    sign_in: Callable[..., Api],
) -> None:
    payee = make_payee(community)
    paid = pay(neighbour, community, payee)["id"]
    stranger = sign_in("resident")
    assert stranger.get(f"{MONEY}/payments/{paid}").status_code == 404
    assert neighbour.post(f"{MONEY}/payments/{paid}/capture", {"amount_fen": 1}).status_code == 403
    elsewhere, there = sign_in("officer", at=other_community), "/api/c/guihua/money"
    assert elsewhere.get(f"{there}/payments/{paid}").status_code == 404
    for step, body in (("capture", {"amount_fen": 1}), ("release", {}), ("refund", {"amount_fen": 1})):
        assert elsewhere.post(f"{there}/payments/{paid}/{step}", body).status_code == 404
    assert elsewhere.put(f"{there}/payees/{payee}", {"label": "mine"}).status_code == 404


def test_what_is_refused_leaves_nothing_behind(community: CommunityRef, neighbour: Api, desk: Api) -> None:
    payee = make_payee(community)
    paid = pay(neighbour, community, payee)
    before = balances(community)
    for step, amount in (("capture", 3_001), ("refund", 1), ("pay-out", 1), ("reverse", 1)):
        answer = desk.post(f"{MONEY}/payments/{paid['id']}/{step}", {"amount_fen": amount})
        assert answer.status_code in (409, 422), step
    assert balances(community) == before


def test_nobody_can_begin_a_payment_of_a_sum_of_their_own(community: CommunityRef, neighbour: Api) -> None:
    """One fen for somebody's order would be its payment: only whoever has the order says what it costs."""
    body = {
        "order_ref": str(uuid4()),
        "payee_id": str(make_payee(community)),
        "amount_fen": 1,
        "source": "wallet",
    }
    assert neighbour.post(f"{MONEY}/payments", body).status_code == 404


def test_the_books_add_up_for_officers_alone(community: CommunityRef, neighbour: Api, desk: Api) -> None:
    paid = pay(neighbour, community, make_payee(community))
    desk.post(f"{MONEY}/payments/{paid['id']}/capture", {"amount_fen": 2_500})
    books = desk.get(f"{MONEY}/books").get_json()
    held = {row["kind"]: row["amount_fen"] for row in books["balances"]}
    assert held == {"authorised": 0, "held": 2_500, "issued": -10_000, "wallet": 7_500}
    assert sum(held.values()) == 0
    moved = {row["kind"]: row["amount_fen"] for row in books["moved"]}
    assert moved == {"issue": 10_000, "authorise": 3_000, "capture": 2_500, "release": 500}
    assert books["differences"] == []
    assert neighbour.get(f"{MONEY}/books").status_code == 403
