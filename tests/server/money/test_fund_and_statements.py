"""The community fund, and what a shop is told of its money."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from uuid import UUID

from server.kit.clock import SettableClock
from server.kit.db import transaction
from server.kit.permissions import SYSTEM
from server.kit.ports.fake_stripe import FakeStripe
from server.kit.tenancy import CommunityRef
from server.modules.money import service as money
from tests.factories.money import ask, balances, charge, make_payee, make_payer, try_charge
from tests.factories.neighbourhood import make_shop
from tests.server.conftest import Api

MONEY = "/api/c/wutong/money"
RULE = {"is_open": True, "traits": ["alone"], "home_month_fen": 5_000, "payment_fen": 3_000}


def from_fund(community: CommunityRef, api: Api, payee: UUID, amount_fen: int) -> str:
    return try_charge(community, api.person_id, payee, amount_fen, "fund")


def test_neighbours_give_and_the_rule_pays_for_who_cannot(
    community: CommunityRef, sign_in: Callable[..., Api], clock: SettableClock
) -> None:
    officer = sign_in("officer")
    giver = sign_in("resident", person_id=make_payer(community, 20_000))
    assert giver.post(f"{MONEY}/fund/gifts", {"amount_fen": 9_000, "source": "wallet"}).status_code == 204
    needy_id = make_payer(community, 0, "alone")
    needy, payee = sign_in("resident", person_id=needy_id), make_payee(community)
    assert from_fund(community, needy, payee, 1_000) == "money.fund_closed"
    assert officer.put(f"{MONEY}/fund/rule", RULE).status_code == 200
    assert from_fund(community, giver, payee, 1_000) == "money.fund_not_for_you"
    assert from_fund(community, needy, payee, 3_001) == "money.fund_too_much"
    paid = from_fund(community, needy, payee, 3_000)
    assert from_fund(community, needy, payee, 2_001) == "money.fund_month_used_up"
    # What was not dropped goes back to the fund, and to the home's month.
    officer.post(f"{MONEY}/payments/{paid}/capture", {"amount_fen": 2_000})
    assert UUID(from_fund(community, needy, payee, 3_000))
    clock.advance(days=31)
    assert UUID(from_fund(community, needy, payee, 3_000))
    assert balances(community)["fund"] == 9_000 - 2_000 - 3_000 - 3_000


def test_the_totals_are_public_and_name_nobody(community: CommunityRef, sign_in: Callable[..., Api]) -> None:
    giver = sign_in("resident", person_id=make_payer(community, 20_000))
    giver.post(f"{MONEY}/fund/gifts", {"amount_fen": 9_000, "source": "wallet"})
    shown = sign_in("courier").get(f"{MONEY}/fund")
    assert shown.get_json() == {
        "balance_fen": 9_000,
        "given_fen": 9_000,
        "gifts": 1,
        "paid_fen": 0,
        "month": "2026-03",
        "paid_this_month_fen": 0,
        "homes_this_month": 0,
        "is_open": False,
    }
    assert str(giver.person_id) not in shown.get_data(as_text=True)


def test_a_gift_by_card_is_in_the_fund_once_it_is_captured(
    community: CommunityRef, sign_in: Callable[..., Api], fake: FakeStripe, drain: Callable[[], None]
) -> None:
    giver, officer = sign_in("resident", person_id=make_payer(community, 0)), sign_in("officer")
    gift = {"amount_fen": 5_000, "source": "card", "method": "pm_card_visa"}
    assert giver.post(f"{MONEY}/fund/gifts", gift).status_code == 204
    drain()
    assert balances(community) == {"outside": -5_000, "fund": 5_000}
    assert giver.get(f"{MONEY}/payments").get_json()["items"][0]["paid_out_fen"] == 5_000
    assert officer.get(f"{MONEY}/fund").get_json()["given_fen"] == 5_000


def test_an_empty_fund_pays_nothing_and_the_month_is_untouched(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    sign_in("officer").put(f"{MONEY}/fund/rule", {**RULE, "traits": []})
    needy, payee = sign_in("resident", person_id=make_payer(community, 0)), make_payee(community)
    assert from_fund(community, needy, payee, 1_000) == "money.not_enough"
    assert needy.get(f"{MONEY}/fund").get_json()["paid_this_month_fen"] == 0


def test_a_shop_sees_its_own_month_and_its_csv_runs_no_formula(
    community: CommunityRef, other_community: CommunityRef, sign_in: Callable[..., Api], clock: SettableClock
) -> None:
    shop_id, keeper_id = make_shop(community, {})
    with transaction() as session:
        money.register_payee(session, SYSTEM, community, shop_id, label="=HYPERLINK(便民)")
    payment = charge(community, make_payer(community), shop_id, 3_000)
    ask(community, payment, "capture", 3_000)
    ask(community, payment, "pay_out", 2_505)
    ask(community, payment, "reverse", 500)
    keeper, path = sign_in("merchant", person_id=keeper_id), f"{MONEY}/statements/{shop_id}"
    shown = keeper.get(f"{path}?month=2026-03").get_json()
    assert (shown["total_fen"], [line["amount_fen"] for line in shown["lines"]]) == (2_005, [2_505, -500])
    rows = list(csv.reader(io.StringIO(keeper.get(f"{path}.csv?month=2026-03").get_data(as_text=True))))
    assert [row[3] for row in rows[1:]] == ["25.05", "'-5.00", "20.05"]
    assert rows[-1][2] == "'=HYPERLINK(便民)"
    assert keeper.get(f"{path}?month=2026-04").get_json()["lines"] == []
    assert keeper.get(f"{path}?month=2026-13").get_json()["code"] == "money.bad_month"
    assert sign_in("officer").get(f"{path}?month=2026-03").status_code == 200
    assert sign_in("merchant").get(f"{path}?month=2026-03").status_code == 404
    assert sign_in("resident").get(f"{path}?month=2026-03").status_code == 403
    stranger = sign_in("officer", at=other_community)
    assert stranger.get(f"/api/c/guihua/money/statements/{shop_id}?month=2026-03").status_code == 404


def test_the_report_is_for_officers(
    community: CommunityRef, sign_in: Callable[..., Api], drain: Callable[[], None]
) -> None:
    officer = sign_in("officer")
    assert officer.get(f"{MONEY}/reconciliation").status_code == 404
    charge(community, make_payer(community), make_payee(community), 3_000)
    assert officer.post(f"{MONEY}/reconciliation").status_code == 202
    drain()
    report = officer.get(f"{MONEY}/reconciliation").get_json()
    assert (report["compared"], report["differences"], report["has_provider_answered"]) == (1, [], None)
