"""People with vouchers, somebody to be paid, and what the books say of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from server.core.places.models import Home
from server.kit.db import new_id, reading, transaction
from server.kit.errors import Problem
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.money import service as money
from server.modules.money.models import Account, Payment, Transfer
from server.modules.money.rules.books import Source, TransferKind
from server.modules.money.service.ledger import derived_balance
from tests.factories.neighbourhood import make_homes, make_resident

COLUMNS = (
    "state",
    "authorised_fen",
    "captured_fen",
    "released_fen",
    "refunded_fen",
    "paid_out_fen",
    "held_fen",
    "disputed_fen",
    "busy_fen",
)


def make_payee(community: CommunityRef, label: str = "便民超市") -> UUID:
    """Make a shop that can be paid."""
    with transaction() as session:
        return money.register_payee(session, SYSTEM, community, new_id(), label=label).id


def make_payer(community: CommunityRef, amount_fen: int = 10_000, *traits: str) -> UUID:
    """Make somebody in a home of his own with vouchers of that worth."""
    person_id = make_resident(community, _new_home(community), *traits)
    if amount_fen:
        with transaction() as session:
            money.issue_vouchers(session, SYSTEM, community, person_id, amount_fen, key=str(new_id()))
    return person_id


def charge(
    community: CommunityRef,
    payer_id: UUID,
    payee_id: UUID | None,
    amount_fen: int,
    source: Source = Source.WALLET,
    *,
    method: str | None = None,
    key: str | None = None,
    order_ref: UUID | None = None,
    return_url: str | None = None,
) -> UUID:
    """Begin a payment for a new order; return its id."""
    with transaction() as session:
        wanted = money.Charge(
            order_ref=order_ref or new_id(),
            payer_id=payer_id,
            payee_id=payee_id,
            amount_fen=amount_fen,
            source=source,
            key=key or str(new_id()),
            method=method,
            return_url=return_url,
        )
        return money.charge(session, Actor(payer_id), community, wanted).id


def try_charge(
    community: CommunityRef,
    payer_id: UUID | None,
    payee_id: UUID | None,
    amount_fen: int,
    source: str,
    **more: Any,
) -> str:
    """Begin a payment; return its id, or the code of the problem that it met."""
    assert payer_id is not None
    try:
        return str(charge(community, payer_id, payee_id, amount_fen, Source(source), **more))
    except Problem as problem:
        return problem.code


def ask(
    community: CommunityRef, payment_id: UUID, step: str, amount_fen: int = 0, *, key: str | None = None
) -> None:
    """Ask for a step of a payment."""
    with transaction() as session:
        money.ask(
            session, SYSTEM, community, payment_id, money.Step(step), amount_fen, key=key or str(new_id())
        )


def columns(payment_id: UUID) -> dict[str, object]:
    """Return a payment's state and sums, those that are not zero."""
    with reading() as session:
        row = session.get_one(Payment, payment_id)
        return {name: getattr(row, name) for name in COLUMNS if getattr(row, name)}


def transfers(payment_id: UUID) -> list[tuple[str, int]]:
    """Return the payment's transfers, oldest first."""
    with reading() as session:
        rows = session.scalars(
            select(Transfer).where(Transfer.reference_id == payment_id).order_by(Transfer.id)
        )
        return [(TransferKind(row.kind).value, row.amount_fen) for row in rows]


def balances(community: CommunityRef) -> dict[str, int]:
    """Return the sums of all accounts by kind, those that are not zero; together they are zero."""
    with reading() as session:
        sums: dict[str, int] = {}
        for row in session.scalars(select(Account).where(Account.community_id == community.id)):
            derived = derived_balance(session, community.id, row.id)
            assert row.balance_fen in (None, derived), f"{row.kind} keeps {row.balance_fen}, is {derived}"
            sums[row.kind] = sums.get(row.kind, 0) + derived
    assert sum(sums.values()) == 0
    return {kind: amount for kind, amount in sums.items() if amount}


def count_transfers() -> int:
    """Return how many transfers there are."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Transfer)) or 0


def _new_home(community: CommunityRef) -> UUID:
    """Make one more home of the community's only entrance."""
    with reading() as session:
        first = session.scalars(select(Home).where(Home.community_id == community.id)).first()
        count = session.scalar(select(func.count()).select_from(Home)) or 0
    if first is None:
        return make_homes(community, 1)[0]
    with transaction() as session:
        home = Home(
            id=new_id(),
            community_id=community.id,
            entrance_id=first.entrance_id,
            floor=count + 1,
            door=f"{count + 1}01",
            label=f"1号楼-1单元-{count + 1}01",
        )
        session.add(home)
        return home.id
