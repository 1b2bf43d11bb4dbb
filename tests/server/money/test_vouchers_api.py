"""Paying with vouchers over HTTP: the thin path through everything, without any provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from server.kit.tenancy import CommunityRef
from tests.factories.money import balances, make_payee, make_payer
from tests.server.conftest import Api

MONEY = "/api/c/wutong/money"


@pytest.fixture
def desk(sign_in: Callable[..., Api]) -> Api:
    return sign_in("officer")


@pytest.fixture
def neighbour(sign_in: Callable[..., Api], community: CommunityRef) -> Api:
    """Somebody with vouchers worth 100 yuan."""
    return sign_in("resident", person_id=make_payer(community))


def pay(api: Api, payee: Any, amount_fen: int = 3_000, source: str = "wallet", **more: Any) -> Any:
    body = {"order_ref": str(uuid4()), "payee_id": str(payee), "amount_fen": amount_fen, "source": source}
    return api.post(f"{MONEY}/payments", {**body, **more})


def test_what_was_dropped_is_captured_and_the_rest_goes_back(
    community: CommunityRef, neighbour: Api, desk: Api
) -> None:
    payee = make_payee(community)
    paid = pay(neighbour, payee).get_json()
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
    paid = pay(neighbour, make_payee(community)).get_json()
    after = desk.post(f"{MONEY}/payments/{paid['id']}/capture", {"amount_fen": 0}).get_json()
    assert (after["state"], after["released_fen"]) == ("released", 3_000)
    assert neighbour.get(f"{MONEY}/wallet").get_json()["balance_fen"] == 10_000


def test_an_order_is_paid_once_and_a_wallet_never_owes(community: CommunityRef, neighbour: Api) -> None:
    payee, order = make_payee(community), str(uuid4())
    assert pay(neighbour, payee, 20_000).get_json()["code"] == "money.not_enough"
    assert pay(neighbour, payee, order_ref=order).status_code == 201
    again = pay(neighbour, payee, order_ref=order)
    assert (again.status_code, again.get_json()["code"]) == (409, "money.paid_already")
    assert balances(community)["wallet"] == 7_000


def test_without_keys_cards_are_off_and_it_says_so(community: CommunityRef, neighbour: Api) -> None:
    refused = pay(neighbour, make_payee(community), source="card", method="pm_card_visa")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "money.cards_off")
    assert refused.get_json()["facts"]["why"] == "LINLI_STRIPE_KEY"
    assert neighbour.get(f"{MONEY}/wallet").get_json()["cards_off"] == "LINLI_STRIPE_KEY"


def test_a_key_that_comes_again_changes_nothing_and_with_another_body_is_refused(
    community: CommunityRef, neighbour: Api, desk: Api
) -> None:
    paid = pay(neighbour, make_payee(community)).get_json()
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
    paid = pay(neighbour, payee).get_json()["id"]
    stranger = sign_in("resident")
    assert stranger.get(f"{MONEY}/payments/{paid}").status_code == 404
    assert neighbour.post(f"{MONEY}/payments/{paid}/capture", {"amount_fen": 1}).status_code == 403
    elsewhere, there = sign_in("officer", at=other_community), "/api/c/guihua/money"
    assert elsewhere.get(f"{there}/payments/{paid}").status_code == 404
    for step, body in (("capture", {"amount_fen": 1}), ("release", {}), ("refund", {"amount_fen": 1})):
        assert elsewhere.post(f"{there}/payments/{paid}/{step}", body).status_code == 404
    order = {"order_ref": str(uuid4()), "payee_id": str(payee), "amount_fen": 1, "source": "wallet"}
    assert elsewhere.post(f"{there}/payments", order).status_code == 404
    assert elsewhere.put(f"{there}/payees/{payee}", {"label": "mine"}).status_code == 404


def test_what_is_refused_leaves_nothing_behind(community: CommunityRef, neighbour: Api, desk: Api) -> None:
    payee = make_payee(community)
    paid = pay(neighbour, payee).get_json()
    before = balances(community)
    for step, amount in (("capture", 3_001), ("refund", 1), ("pay-out", 1), ("reverse", 1)):
        answer = desk.post(f"{MONEY}/payments/{paid['id']}/{step}", {"amount_fen": amount})
        assert answer.status_code in (409, 422), step
    assert balances(community) == before
