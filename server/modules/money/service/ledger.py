"""The ledger: every change of money is one transfer, and what is kept beside it changes in its transaction."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import insert_once, touched
from server.kit.errors import Refused
from server.modules.money.models import CURRENCY, Account, FundMonth, Payment, Transfer
from server.modules.money.rules.books import (
    BACK_TO_SOURCE,
    KEPT,
    MOVES,
    AccountKind,
    Side,
    Source,
    TransferKind,
)

_OWN = {
    Side.AUTHORISED: AccountKind.AUTHORISED,
    Side.HELD: AccountKind.HELD,
    Side.DISPUTED: AccountKind.DISPUTED,
}


def account(
    session: Session, community_id: UUID, kind: AccountKind, owner_id: UUID, currency: str = CURRENCY
) -> UUID:
    """Return the id of an account, made at its first use."""
    found = find_account(session, community_id, kind, owner_id, currency)
    if found is not None:
        return found
    values = {
        "community_id": community_id,
        "kind": kind.value,
        "owner_id": owner_id,
        "currency": currency,
        "balance_fen": 0 if kind in KEPT else None,
    }
    made = insert_once(session, Account, values, unless=["community_id", "kind", "owner_id", "currency"])
    if made is None:
        made = find_account(session, community_id, kind, owner_id, currency)
    assert made is not None
    return made


def find_account(
    session: Session, community_id: UUID, kind: AccountKind, owner_id: UUID, currency: str = CURRENCY
) -> UUID | None:
    """Return the id of an account; None while nothing has ever moved there."""
    return session.scalar(
        select(Account.id).where(
            Account.community_id == community_id,
            Account.kind == kind,
            Account.owner_id == owner_id,
            Account.currency == currency,
        )
    )


def balance(
    session: Session, community_id: UUID, kind: AccountKind, owner_id: UUID, currency: str = CURRENCY
) -> int:
    """Return credits less debits of an account, by its transfers."""
    account_id = find_account(session, community_id, kind, owner_id, currency)
    return 0 if account_id is None else derived_balance(session, community_id, account_id)


def derived_balance(session: Session, community_id: UUID, account_id: UUID) -> int:
    """Return credits less debits of an account that exists."""
    signed = case((Transfer.credit_id == account_id, Transfer.amount_fen), else_=-Transfer.amount_fen)
    total = session.scalar(
        select(func.coalesce(func.sum(signed), 0)).where(
            Transfer.community_id == community_id,
            (Transfer.credit_id == account_id) | (Transfer.debit_id == account_id),
        )
    )
    return int(total or 0)


def post(
    session: Session,
    community_id: UUID,
    kind: TransferKind,
    amount_fen: int,
    *,
    debit_id: UUID,
    credit_id: UUID,
    reference_id: UUID,
    key: str,
    currency: str = CURRENCY,
) -> bool:
    """Write a transfer and change the balances that are kept; return False if it is there already.

    Raises Refused("money.not_enough") where a wallet or the fund would owe.
    """
    values = {
        "community_id": community_id,
        "debit_id": debit_id,
        "credit_id": credit_id,
        "amount_fen": amount_fen,
        "currency": currency,
        "kind": kind.value,
        "reference_id": reference_id,
        "key": key,
        "at": clock.now(),
    }
    once = ["community_id", "reference_id", "kind", "key"]
    if insert_once(session, Transfer, values, unless=once) is None:
        return False
    # In the order of their ids: two transfers between the same accounts do not wait for each other in a circle.
    for account_id, change in sorted([(debit_id, -amount_fen), (credit_id, amount_fen)]):
        _change_balance(session, account_id, change)
    return True


def totals(session: Session, community_id: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """Return what all accounts of each kind have together, and what each kind of transfer has moved.

    Both are added up from the transfers, not read from what is kept beside them.
    """
    balances: dict[str, int] = defaultdict(int)
    for side, sign in ((Transfer.credit_id, 1), (Transfer.debit_id, -1)):
        rows = session.execute(
            select(Account.kind, func.sum(Transfer.amount_fen))
            .join(Account, Account.id == side)
            .where(Transfer.community_id == community_id)
            .group_by(Account.kind)
        )
        for kind, amount in rows:
            balances[kind] += sign * int(amount)
    moved = session.execute(
        select(Transfer.kind, func.sum(Transfer.amount_fen))
        .where(Transfer.community_id == community_id)
        .group_by(Transfer.kind)
    )
    return dict(balances), {kind: int(amount) for kind, amount in moved}


def move(session: Session, payment: Payment, kind: TransferKind, amount_fen: int, *, key: str) -> bool:
    """Write a payment's transfer and change the payment's columns with it; return False if it is there already.

    The payment must be locked by the caller. The table's checks refuse whatever does not add up.
    """
    if amount_fen == 0:
        return False
    rule = MOVES[kind]
    is_new = post(
        session,
        payment.community_id,
        kind,
        amount_fen,
        debit_id=_side(session, payment, rule.debit),
        credit_id=_side(session, payment, rule.credit),
        reference_id=payment.id,
        key=key,
        currency=payment.currency,
    )
    if not is_new:
        return False
    changes = {column: getattr(Payment, column) + sign * amount_fen for column, sign in rule.changes.items()}
    session.execute(update(Payment).where(Payment.id == payment.id).values(**changes))
    if kind in BACK_TO_SOURCE:
        _credit_month(session, payment, amount_fen)
    session.refresh(payment)
    return True


def _change_balance(session: Session, account_id: UUID, change: int) -> None:
    row = update(Account).where(Account.id == account_id, Account.balance_fen.is_not(None))
    if change > 0:
        session.execute(row.values(balance_fen=Account.balance_fen + change))
        return
    taken = session.execute(
        row.where(Account.balance_fen >= -change).values(balance_fen=Account.balance_fen + change)
    )
    is_kept = session.scalar(select(Account.balance_fen.is_not(None)).where(Account.id == account_id))
    if is_kept and not touched(taken):
        raise Refused("money.not_enough", missing_fen=-change)


def _side(session: Session, payment: Payment, side: Side) -> UUID:
    own = payment.community_id
    if side in _OWN:
        kind, owner = _OWN[side], own
    elif side == Side.PAYEE:
        gift = payment.payee_id is None
        kind, owner = (AccountKind.FUND, own) if gift else (AccountKind.PAYEE, payment.payee_id or own)
    else:
        kind, owner = {
            Source.WALLET: (AccountKind.WALLET, payment.payer_id),
            Source.FUND: (AccountKind.FUND, own),
        }.get(Source(payment.source), (AccountKind.OUTSIDE, own))
    return account(session, own, kind, owner, payment.currency)


def _credit_month(session: Session, payment: Payment, amount_fen: int) -> None:
    """What the fund gets back does not count against the home's month."""
    if payment.source == Source.FUND:
        session.execute(
            update(FundMonth)
            .where(
                FundMonth.community_id == payment.community_id,
                FundMonth.home_id == payment.home_id,
                FundMonth.month == payment.month,
                FundMonth.currency == payment.currency,
            )
            .values(used_fen=FundMonth.used_fen - amount_fen)
        )
