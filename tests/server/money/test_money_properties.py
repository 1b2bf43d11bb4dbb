"""Whatever happens to a payment, in whatever order: the books add up, and agree with a model of a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.kit.db import new_id, reading, transaction
from server.kit.errors import Problem
from server.kit.ports.payments import Effect, Intent
from server.kit.tenancy import CommunityRef
from server.modules.money import service as money
from server.modules.money.models import Payment
from server.modules.money.rules.books import TransferKind
from server.modules.money.service import ledger, reconciling
from server.modules.money.service.looking import apply
from tests.factories.money import ask, balances, charge, make_payee, make_payer

SUM = st.integers(1, 1_200)


class Books(RuleBasedStateMachine):
    """One payment of 1000 fen; the provider's side is a plain list of what it has done."""

    community: CommunityRef
    payer: UUID
    payee: UUID

    def __init__(self) -> None:
        super().__init__()
        self.payment = charge(self.community, self.payer, self.payee, 1_000)
        self.captured = self.released = self.refunded = self.paid_out = self.disputed = 0
        self.disputes: dict[str, Effect] = {}

    @property
    def held(self) -> int:
        return self.captured - self.refunded - self.paid_out

    @property
    def is_open(self) -> bool:
        return self.captured + self.released == 0

    def try_to(self, step: str, amount: int = 0) -> bool:
        try:
            ask(self.community, self.payment, step, amount)
        except Problem:
            return False
        return True

    @rule(amount=SUM)
    def capture(self, amount: int) -> None:
        may = self.is_open and amount <= 1_000
        assert self.try_to("capture", amount) == may
        if may:
            self.captured, self.released = amount, 1_000 - amount

    @rule()
    def release(self) -> None:
        may = self.is_open
        assert self.try_to("release") == may
        if may:
            self.released = 1_000

    @rule(amount=SUM)
    def refund(self, amount: int) -> None:
        may = amount <= self.held - self.disputed
        assert self.try_to("refund", amount) == may
        if may:
            self.refunded += amount

    @rule(amount=SUM)
    def pay_out(self, amount: int) -> None:
        may = amount <= self.held - self.disputed
        assert self.try_to("pay_out", amount) == may
        if may:
            self.paid_out += amount

    @rule(amount=SUM)
    def reverse(self, amount: int) -> None:
        may = amount <= self.paid_out
        assert self.try_to("reverse", amount) == may
        if may:
            self.paid_out -= amount

    @precondition(lambda self: self.captured - self.refunded - self.disputed > 0)
    @rule(share=st.integers(1, 100))
    def dispute(self, share: int) -> None:
        """The bank takes back at most what has not gone back already; what the shop has got, it owes."""
        amount = max(1, (self.captured - self.refunded - self.disputed) * share // 100)
        ref = f"dp_{new_id()}"
        self.disputes[ref] = Effect(ref, amount, "open")
        self.look()
        self.paid_out -= max(0, amount - (self.held - self.disputed))
        self.disputed += amount

    @precondition(lambda self: any(one.state == "open" for one in self.disputes.values()))
    @rule(is_lost=st.booleans(), data=st.data())
    def decide(self, is_lost: bool, data: Any) -> None:
        ref = data.draw(st.sampled_from([r for r, one in self.disputes.items() if one.state == "open"]))
        amount = self.disputes[ref].amount_fen
        self.disputes[ref] = Effect(ref, amount, "lost" if is_lost else "won")
        self.look()
        self.disputed -= amount
        self.refunded += amount if is_lost else 0

    @precondition(lambda self: self.disputes)
    @rule()
    def look(self) -> None:
        """The same state once more, as after any message that comes again."""
        intent = Intent(
            ref="pi_1",
            payment_id=str(self.payment),
            community_id=str(self.community.id),
            state="captured",
            currency="cny",
            authorised_fen=1_000,
            captured_fen=self.captured,
            disputes=tuple(self.disputes.values()),
        )
        with transaction() as session:
            assert apply(session, self.community.id, self.payment, intent).differences == []

    @invariant()
    def the_payment_is_as_the_model_says(self) -> None:
        with reading() as session:
            row = session.get_one(Payment, self.payment)
            sums = (row.captured_fen, row.released_fen, row.refunded_fen, row.paid_out_fen)
            assert sums == (self.captured, self.released, self.refunded, self.paid_out)
            assert (row.held_fen, row.disputed_fen, row.busy_fen) == (self.held, self.disputed, 0)

    @invariant()
    def the_books_agree_with_themselves(self) -> None:
        assert sum(balances(self.community).values()) == 0
        report = reconciling.Report()
        with reading() as session:
            reconciling.compare_books(session, self.community.id, report)
        assert report.differences == []

    def teardown(self) -> None:
        # The provider's name of a payment is there once; the next example's has it too.
        with transaction() as session:
            money.find(session, self.community.id, self.payment).provider_ref = None


@pytest.fixture
def machine(community: CommunityRef) -> Iterator[type[Books]]:
    Books.community = community
    Books.payer, Books.payee = make_payer(community, 1_000_000), make_payee(community)
    yield Books


RUNS = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_a_payment_always_adds_up_whatever_happens_in_whatever_order(machine: type[Books]) -> None:
    run_state_machine_as_test(machine, settings=RUNS)


def test_a_refund_that_forgets_what_is_held_would_be_found(
    machine: type[Books], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine above would notice: a transfer that is written without the payment's columns."""
    move = ledger.move

    def forgetful(session: Any, payment: Payment, kind: TransferKind, amount: int, *, key: str) -> bool:
        if kind != TransferKind.REFUND:
            return move(session, payment, kind, amount, key=key)
        sides = ledger.MOVES[kind]
        return ledger.post(
            session,
            payment.community_id,
            kind,
            amount,
            debit_id=ledger._side(session, payment, sides.debit),
            credit_id=ledger._side(session, payment, sides.credit),
            reference_id=payment.id,
            key=key,
        )

    monkeypatch.setattr("server.modules.money.service.finishing.move", forgetful)
    # By hand: books that do not add up stay so, and the next example would fail before it began.
    books = machine()
    books.capture(amount=1_000)
    books.the_books_agree_with_themselves()
    books.refund(amount=100)
    with pytest.raises(AssertionError):
        books.the_payment_is_as_the_model_says()
    with pytest.raises(AssertionError):
        books.the_books_agree_with_themselves()
