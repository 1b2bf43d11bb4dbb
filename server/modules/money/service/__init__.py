"""Money: what other modules may ask of this one, by ids and whole fen."""

from __future__ import annotations

from server.modules.money.models import Payment
from server.modules.money.rules.books import Source
from server.modules.money.rules.payments import PaymentState, Step
from server.modules.money.service.asking import Charge, ask, charge, find, of_order, orders_in, payee
from server.modules.money.service.fund import (
    Totals,
    give_vouchers,
    issue_vouchers,
    rule_of,
    set_rule,
    totals,
)
from server.modules.money.service.ledger import balance
from server.modules.money.service.payees import list_payees, register_payee
from server.modules.money.service.providers import cards_off
from server.modules.money.service.reading import my_payments, payment_of, transfers_of, wallet_fen

__all__ = [
    "Charge",
    "Payment",
    "PaymentState",
    "Source",
    "Step",
    "Totals",
    "ask",
    "balance",
    "cards_off",
    "charge",
    "find",
    "give_vouchers",
    "issue_vouchers",
    "list_payees",
    "my_payments",
    "of_order",
    "orders_in",
    "payee",
    "payment_of",
    "register_payee",
    "rule_of",
    "set_rule",
    "totals",
    "transfers_of",
    "wallet_fen",
]
