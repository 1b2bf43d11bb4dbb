"""The community fund's rule: data that the committee sets, judged here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.kit.errors import Refused


@dataclass(frozen=True)
class Rule:
    """Who may be paid for and how much: homes where somebody has one of ``traits``; no traits named: every home.

    ``home_month_fen``: the most for a home in a month, ``payment_fen``: for one payment.
    """

    is_open: bool = False
    traits: tuple[str, ...] = ()
    home_month_fen: int = 0
    payment_fen: int = 0


def check_payment(rule: Rule, traits: Iterable[str], amount_fen: int) -> None:
    """Raise Refused if the rule does not let the fund pay this for a home whose people have these traits."""
    if not rule.is_open:
        raise Refused("money.fund_closed")
    if rule.traits and not set(rule.traits) & set(traits):
        raise Refused("money.fund_not_for_you")
    if amount_fen > rule.payment_fen:
        raise Refused("money.fund_too_much", most_fen=rule.payment_fen)


def month_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the local month as 2026-03."""
    return at.astimezone(zone).strftime("%Y-%m")
