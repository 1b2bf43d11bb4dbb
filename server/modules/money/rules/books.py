"""The ledger's rules: which accounts there are, and what each kind of transfer moves.

Double entry: a transfer debits one account and credits another with the same positive amount, so that all accounts
together are zero whatever is written. An account's balance is its credits less its debits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """``owner_id`` of a wallet is a person, of a payee the shop, of all others the community itself."""

    OUTSIDE = "outside"  # cards and banks: what came in stands here as a debt, what went out as a claim
    ISSUED = "issued"  # what the community gave out as vouchers
    WALLET = "wallet"
    FUND = "fund"
    AUTHORISED = "authorised"
    HELD = "held"
    DISPUTED = "disputed"
    PAYEE = "payee"


# Their balance is kept beside the transfers and can never be below zero; all others are sums over the transfers.
KEPT = (AccountKind.WALLET, AccountKind.FUND)


class Source(StrEnum):
    """Where the money of a payment comes from."""

    WALLET = "wallet"
    FUND = "fund"
    CARD = "card"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat_pay"


# These are paid through the provider outside.
BY_PROVIDER = (Source.CARD, Source.ALIPAY, Source.WECHAT_PAY)
# These know no authorisation: the whole is captured when the payer agrees, and what was not dropped is refunded.
CAPTURED_AT_ONCE = (Source.ALIPAY, Source.WECHAT_PAY)


class TransferKind(StrEnum):
    ISSUE = "issue"
    GIVE = "give"
    AUTHORISE = "authorise"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    PAY_OUT = "pay_out"
    REVERSE = "reverse"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


class Side(StrEnum):
    """An account of a transfer as seen from a payment: its source, its payee, or one of the community's own."""

    SOURCE = "source"
    PAYEE = "payee"
    AUTHORISED = "authorised"
    HELD = "held"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class Move:
    """What a kind of transfer debits and credits, and by what sign it changes the payment's columns."""

    debit: Side
    credit: Side
    changes: Mapping[str, int]


MOVES: dict[TransferKind, Move] = {
    TransferKind.AUTHORISE: Move(Side.SOURCE, Side.AUTHORISED, {"authorised_fen": 1}),
    TransferKind.CAPTURE: Move(Side.AUTHORISED, Side.HELD, {"captured_fen": 1, "held_fen": 1}),
    TransferKind.RELEASE: Move(Side.AUTHORISED, Side.SOURCE, {"released_fen": 1}),
    TransferKind.REFUND: Move(Side.HELD, Side.SOURCE, {"held_fen": -1, "refunded_fen": 1}),
    TransferKind.REFUND_FAILED: Move(Side.SOURCE, Side.HELD, {"held_fen": 1, "refunded_fen": -1}),
    TransferKind.PAY_OUT: Move(Side.HELD, Side.PAYEE, {"held_fen": -1, "paid_out_fen": 1}),
    TransferKind.REVERSE: Move(Side.PAYEE, Side.HELD, {"held_fen": 1, "paid_out_fen": -1}),
    TransferKind.DISPUTE_OPENED: Move(Side.HELD, Side.DISPUTED, {"disputed_fen": 1}),
    TransferKind.DISPUTE_WON: Move(Side.DISPUTED, Side.HELD, {"disputed_fen": -1}),
    TransferKind.DISPUTE_LOST: Move(
        Side.DISPUTED, Side.SOURCE, {"disputed_fen": -1, "held_fen": -1, "refunded_fen": 1}
    ),
}
# These give back what the fund has paid: the home's month is credited with it.
BACK_TO_SOURCE = (TransferKind.RELEASE, TransferKind.REFUND, TransferKind.DISPUTE_LOST)


def columns_after(transfers: Mapping[TransferKind, int]) -> dict[str, int]:
    """Return what a payment's columns must be after transfers of these sums: the checker of what is kept."""
    columns = dict.fromkeys(
        ("authorised_fen", "captured_fen", "released_fen", "refunded_fen", "paid_out_fen", "held_fen"), 0
    )
    columns["disputed_fen"] = 0
    for kind, amount in transfers.items():
        for column, sign in MOVES[kind].changes.items():
            columns[column] += sign * amount
    return columns
