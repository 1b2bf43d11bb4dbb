"""What an order's money has to do next: one answer for every moment, whatever happened before it. Pure.

Nothing is remembered of what was asked already: the payment's own sums say it. So a fact may be heard twice, late or in
another order, and the money ends where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Conflict


class PaysBy(StrEnum):
    """How an order is paid. ``shop``: the home pays the shop itself, outside of this program."""

    SHOP = "shop"
    WALLET = "wallet"
    FUND = "fund"
    CARD = "card"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat_pay"


# These are there at once, without the buyer doing anything more.
AT_ONCE = (PaysBy.WALLET, PaysBy.FUND)
# For these the buyer has to agree at the bank: the shop packs when that is done.
BUYER_AGREES = (PaysBy.CARD, PaysBy.ALIPAY, PaysBy.WECHAT_PAY)

# The home has that long to say that something is missing; then the shop is paid.
CLAIM_WITHIN = timedelta(hours=24)
# What is missing is given back at once up to this much an order; more is for an officer to decide.
GRANTED_AT_ONCE_FEN = 3_000


class PayStep(StrEnum):
    """What is asked of money; the names are money's own."""

    CAPTURE = "capture"
    REFUND = "refund"
    REVERSE = "reverse"
    PAY_OUT = "pay_out"


@dataclass(frozen=True)
class Goods:
    """Where an order's goods are.

    ``price_fen``: of what the shop packed; ``dropped``: how many of its parcels lie at the drop point or are taken in;
    ``is_over``: the order or its need has ended, and nothing more will be dropped.
    """

    price_fen: int
    parcels: int
    dropped: int
    is_over: bool
    granted_fen: int = 0


@dataclass(frozen=True)
class Sums:
    """A payment as far as the next step depends on it. ``is_waiting``: something asked for is not answered yet."""

    is_authorised: bool
    is_captured: bool
    is_waiting: bool
    authorised_fen: int
    captured_fen: int
    refunded_fen: int
    paid_out_fen: int
    held_fen: int
    disputed_fen: int


def due_fen(goods: Goods) -> int | None:
    """Return what the buyer owes: for what was really dropped, less what was given back; None while that is open.

    Of an order that ended half dropped, each parcel counts the same: what is in which one is not written down.
    """
    if goods.parcels and goods.dropped == goods.parcels:
        owed = goods.price_fen
    elif goods.is_over:
        owed = goods.price_fen * goods.dropped // goods.parcels if goods.parcels else 0
    else:
        return None
    return max(0, owed - goods.granted_fen)


def next_step(due: int | None, sums: Sums, *, is_final: bool) -> tuple[PayStep, int] | None:
    """Return what is to be asked of money now, and how much; None: nothing, or wait.

    ``is_final``: nobody can claim any more, so that the shop is paid. What the bank disputes waits for the bank.
    """
    if due is None or sums.is_waiting or sums.disputed_fen:
        return None
    if sums.is_authorised:
        # Weighed goods may cost more than was set aside: what was not agreed to is not taken.
        return PayStep.CAPTURE, min(due, sums.authorised_fen)
    if not sums.is_captured:
        return None
    excess = sums.captured_fen - sums.refunded_fen - due
    if excess > 0:
        if sums.held_fen >= excess:
            return PayStep.REFUND, excess
        return PayStep.REVERSE, min(excess - sums.held_fen, sums.paid_out_fen)
    if is_final and sums.held_fen > 0:
        return PayStep.PAY_OUT, sums.held_fen
    return None


def is_settled(due: int | None, sums: Sums, *, is_final: bool) -> bool:
    """Tell whether the payment's money has arrived where it belongs for good."""
    if due is None or sums.is_waiting or sums.disputed_fen or sums.is_authorised:
        return False
    return is_final and next_step(due, sums, is_final=True) is None


def check_may_claim(delivered_at: datetime | None, now: datetime) -> None:
    """Raise Conflict unless the goods were dropped, and not longer ago than claims are taken."""
    if delivered_at is None:
        raise Conflict("market.not_delivered")
    if now >= delivered_at + CLAIM_WITHIN:
        raise Conflict("market.claim_too_late")


def is_granted_at_once(amount_fen: int, granted_fen: int) -> bool:
    """Tell whether a claim is granted without anybody deciding, after so much was granted for the same order."""
    return granted_fen + amount_fen <= GRANTED_AT_ONCE_FEN
