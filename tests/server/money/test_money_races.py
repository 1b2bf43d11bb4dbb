"""Several processes want the same money at once; and what the database itself refuses, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from server.kit.clock import SettableClock
from server.kit.db import new_id, reading, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.money import service as money
from server.modules.money.models import Account, FundMonth, FundRule, Operation, Payment, Transfer
from server.modules.money.rules.books import AccountKind, TransferKind
from server.modules.money.rules.fund import Rule
from server.modules.money.service import ledger, reconciling
from tests.factories import money_racers as racers
from tests.factories.money import ask, balances, charge, columns, make_payee, make_payer, transfers
from tests.factories.racing import race
from tests.server.conftest import Api


def wallet_of(community: CommunityRef, person_id: UUID) -> UUID:
    with reading() as session:
        found = ledger.find_account(session, community.id, AccountKind.WALLET, person_id)
        assert found is not None
        return found


def test_a_wallet_pays_exactly_what_is_in_it(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    payer, payee = make_payer(community, 10_000), make_payee(community)
    call = (community.id, payer, payee, "wallet", 1_000, 5)
    assert sum(race(database_url, clock.now(), racers.pay_again_and_again, [call] * 4)) == 10
    assert balances(community) == {"issued": -10_000, "authorised": 10_000}


def test_reading_first_and_writing_later_would_pay_too_much(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    """The test above would notice: here is what the obvious program does under the same race."""
    wallet = wallet_of(community, make_payer(community, 10_000))
    paid = sum(race(database_url, clock.now(), racers.pay_naively, [(wallet, 1_000, 5)] * 4))
    with reading() as session:
        assert session.get_one(Account, wallet).balance_fen != 10_000 - paid * 1_000


def test_an_order_that_is_paid_by_four_at_once_is_paid_once(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    payer, payee, order = make_payer(community, 10_000), make_payee(community), new_id()
    calls = [(community.id, payer, payee, order, f"key {n}") for n in range(4)]
    done = race(database_url, clock.now(), racers.pay_for, calls)
    assert sorted(done) == ["done"] + ["money.paid_already"] * 3
    assert balances(community)["authorised"] == 1_000
    same = [(community.id, payer, payee, new_id(), "the same key")] * 4
    assert set(race(database_url, clock.now(), racers.pay_for, same)) <= {"done", "money.under_way"}
    assert balances(community)["authorised"] == 2_000


@pytest.mark.parametrize(("step", "most"), [("refund", 2_500), ("pay_out", 2_500)])
def test_what_is_held_leaves_once(
    community: CommunityRef, clock: SettableClock, database_url: str, step: str, most: int
) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    ask(community, payment, "capture", 2_500)
    calls = [(community.id, payment, step, 1_000, f"key {n}") for n in range(4)]
    done = race(database_url, clock.now(), racers.take_step, calls)
    assert sorted(done) == ["done", "done", "money.too_much", "money.too_much"]
    assert columns(payment)["held_fen"] == most - 2_000


def test_a_payment_is_captured_or_released_never_both_and_a_key_counts_once(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    calls = [(community.id, payment, step, 3_000, step) for step in ("capture", "release") * 2]
    done = race(database_url, clock.now(), racers.take_step, calls)
    assert sorted(done) == ["done", "done", "money.not_now", "money.not_now"]
    assert len([kind for kind, _ in transfers(payment) if kind in ("capture", "release")]) == 1


def test_refunds_that_look_at_nothing_are_stopped_by_the_table(
    community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    ask(community, payment, "capture", 2_500)
    done = race(database_url, clock.now(), racers.refund_blindly, [(payment, 1_000)] * 4)
    assert sorted(done) == ["done", "done", "stopped", "stopped"]
    assert (columns(payment)["held_fen"], columns(payment)["refunded_fen"]) == (500, 2_000)


def test_the_fund_pays_a_home_no_more_than_the_rule_says(
    community: CommunityRef, clock: SettableClock, database_url: str, sign_in: Callable[..., Api]
) -> None:
    payer, payee, officer = make_payer(community, 20_000), make_payee(community), sign_in("officer")
    with transaction() as session:
        money.set_rule(session, Actor(officer.person_id), community, Rule(True, (), 5_000, 1_000))
        money.give_vouchers(session, Actor(payer), community, 20_000, "gift of all")
    call = (community.id, payer, payee, "fund", 1_000, 4)
    assert sum(race(database_url, clock.now(), racers.pay_again_and_again, [call] * 4)) == 5
    assert balances(community)["fund"] == 15_000
    with reading() as session:
        assert session.scalars(select(FundMonth.used_fen)).one() == 5_000


# What no code can do, wrong as it may be.


def test_a_transfer_is_never_changed_nor_deleted(community: CommunityRef) -> None:
    make_payer(community, 10_000)
    for wrong in (update(Transfer).values(amount_fen=1), delete(Transfer)):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.execute(wrong)
    assert balances(community) == {"issued": -10_000, "wallet": 10_000}


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_fen": Payment.held_fen + 1},
        {"refunded_fen": Payment.refunded_fen + 1},
        {"paid_out_fen": -1, "held_fen": Payment.held_fen + 1},
        {"captured_fen": 3_001, "held_fen": 3_001},
        {"released_fen": 501},
        {"busy_fen": 2_501},
        {"busy_fen": 1_500, "disputed_fen": 1_001},
        {"reversing_fen": 1},
        {"authorised_fen": 2_999},
        {"state": "lost"},
        {"source": "promise"},
    ],
)
def test_a_payment_that_does_not_add_up_cannot_be_written(
    community: CommunityRef, wrong: dict[str, object]
) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    ask(community, payment, "capture", 2_500)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Payment).where(Payment.id == payment).values(**wrong))


def test_no_account_of_a_neighbour_or_the_fund_can_owe(community: CommunityRef) -> None:
    make_payer(community, 10_000)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Account).where(Account.kind == "wallet").values(balance_fen=-1))
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Account).where(Account.kind == "wallet").values(balance_fen=None))


def test_a_transfer_moves_something_between_two_accounts_of_one_community_and_currency(
    community: CommunityRef, other_community: CommunityRef
) -> None:
    payer = make_payer(community, 10_000)
    with transaction() as session:
        mine = ledger.account(session, community.id, AccountKind.WALLET, payer)
        theirs = ledger.account(session, other_community.id, AccountKind.FUND, other_community.id)
        dollars = ledger.account(session, community.id, AccountKind.FUND, community.id, "usd")
        fund = ledger.account(session, community.id, AccountKind.FUND, community.id)
    for debit, credit, amount in ((mine, theirs, 1), (mine, dollars, 1), (mine, mine, 1), (mine, fund, 0)):
        with pytest.raises(IntegrityError), transaction() as session:
            ledger.post(
                session,
                community.id,
                TransferKind.GIVE,
                amount,
                debit_id=debit,
                credit_id=credit,
                reference_id=payer,
                key=str(new_id()),
            )


def test_the_same_effect_is_written_once(community: CommunityRef) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    ask(community, payment, "capture", 2_500)
    for _ in range(2):
        with transaction() as session:
            row = money.find(session, community.id, payment)
            ledger.move(session, row, TransferKind.REFUND, 100, key="re_1")
    assert columns(payment)["refunded_fen"] == 100
    with pytest.raises(IntegrityError), transaction() as session:
        one = session.scalars(select(Transfer).where(Transfer.key == "re_1")).one()
        values = {c.key: getattr(one, c.key) for c in Transfer.__table__.columns} | {"id": new_id()}
        session.add(Transfer(**values))


def test_the_fund_and_its_rule_have_limits_of_their_own(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    officer = Actor(sign_in("officer").person_id)
    payer, payee = make_payer(community, 1_000), make_payee(community)
    with transaction() as session:
        money.set_rule(session, officer, community, Rule(True, (), 500, 500))
        money.give_vouchers(session, Actor(payer), community, 1_000, "gift of all")
    with transaction() as session:
        wanted = money.Charge(new_id(), payer, payee, 400, money.Source.FUND, "fund key")
        money.charge(session, SYSTEM, community, wanted)
    for table, wrong in (
        (FundMonth, {"used_fen": 501}),
        (FundMonth, {"used_fen": -1}),
        (FundRule, {"payment_fen": -1}),
        (Operation, {"amount_fen": -1}),
    ):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(update(table).values(**wrong))


def test_reconciliation_finds_what_was_changed_by_hand(community: CommunityRef) -> None:
    payment = charge(community, make_payer(community), make_payee(community), 3_000)
    ask(community, payment, "capture", 2_500)
    with transaction() as session:
        changed = {"held_fen": Payment.held_fen - 7, "refunded_fen": Payment.refunded_fen + 7}
        session.execute(update(Payment).where(Payment.id == payment).values(**changed))
        session.execute(text("UPDATE money_account SET balance_fen = balance_fen + 5 WHERE kind = 'wallet'"))
    report = reconciling.Report()
    with reading() as session:
        reconciling.compare_books(session, community.id, report)
    found = {(str(one["kind"]), one["ours_fen"], one["theirs_fen"]) for one in report.differences}
    assert found == {
        ("kept_held_fen", 2_493, 2_500),
        ("kept_refunded_fen", 7, 0),
        ("kept_balance", 7_505, 7_500),
    }
