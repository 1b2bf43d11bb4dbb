"""What people who race for the same money do. Each opens its own transactions and says how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from server.core.communities import service as communities
from server.kit.db import new_id, transaction
from server.kit.errors import Problem
from server.kit.permissions import SYSTEM, Actor
from server.modules.money import service as money
from server.modules.money.models import Account, Payment
from server.modules.money.rules.books import Source, TransferKind
from server.modules.money.service import ledger


def pay_again_and_again(
    community_id: UUID, payer_id: UUID, payee_id: UUID, source: str, amount_fen: int, times: int
) -> int:
    """Pay for one new order after another; return how often there was enough."""
    paid = 0
    for _ in range(times):
        paid += (
            _tell(lambda: _charge(community_id, payer_id, payee_id, source, amount_fen, new_id())) == "done"
        )
    return paid


def pay_for(community_id: UUID, payer_id: UUID, payee_id: UUID, order_ref: UUID, key: str) -> str:
    """Pay for an order that others pay for too."""
    return _tell(lambda: _charge(community_id, payer_id, payee_id, "wallet", 1_000, order_ref, key))


def take_step(community_id: UUID, payment_id: UUID, step: str, amount_fen: int, key: str) -> str:
    """Ask for a step of a payment that others ask for too."""

    def act() -> None:
        with transaction() as session:
            community = communities.by_id(session, community_id)
            money.ask(session, SYSTEM, community, payment_id, money.Step(step), amount_fen, key=key)

    return _tell(act)


def pay_naively(account_id: UUID, amount_fen: int, times: int) -> int:
    """Take from a wallet as a program would that reads the balance first and writes it in another transaction."""
    taken = 0
    for _ in range(times):
        with transaction() as session:
            balance = session.get_one(Account, account_id).balance_fen or 0
        if balance < amount_fen:
            continue
        # What a program does between reading and writing: here, thinking.
        time.sleep(0.005)
        try:
            with transaction() as session:
                row = update(Account).where(Account.id == account_id)
                session.execute(row.values(balance_fen=balance - amount_fen))
            taken += 1
        except IntegrityError:
            continue
    return taken


def refund_blindly(payment_id: UUID, amount_fen: int) -> str:
    """Refund as a service would that looks at nothing: only the table's checks can stop it."""
    try:
        with transaction() as session:
            payment = session.get_one(Payment, payment_id)
            ledger.move(session, payment, TransferKind.REFUND, amount_fen, key=str(new_id()))
    except IntegrityError:
        return "stopped"
    return "done"


def _charge(
    community_id: UUID,
    payer_id: UUID,
    payee_id: UUID,
    source: str,
    amount_fen: int,
    order_ref: UUID,
    key: str | None = None,
) -> None:
    with transaction() as session:
        wanted = money.Charge(
            order_ref=order_ref,
            payer_id=payer_id,
            payee_id=payee_id,
            amount_fen=amount_fen,
            source=Source(source),
            key=key or str(new_id()),
        )
        money.charge(session, Actor(payer_id), communities.by_id(session, community_id), wanted)


def _tell(act: Callable[[], None]) -> str:
    try:
        act()
    except Problem as problem:
        return problem.code
    return "done"
