"""The market's public functions. Each takes the session first and commits nothing."""

from server.modules.market.service.claims import (
    Complaint,
    claims_of,
    claims_to_see,
    decide_claim,
    make_claim,
    photo_of_claim,
)
from server.modules.market.service.orders import (
    accept,
    hand_over,
    order_lines,
    orders_of_needs,
    out_of_stock,
    pack,
    place,
    reject,
    withdraw,
)
from server.modules.market.service.paying import habit_of, is_paid, pay, set_habit
from server.modules.market.service.settling import settle, unsettled
from server.modules.market.service.shops import (
    check_keeps,
    keepers_of,
    merchant_id_of,
    merchant_of_person,
    merchants,
    own_merchant,
    register_merchant,
)
from server.modules.market.service.stock import change_item, find_item, release, reserve, stock_item
from server.modules.market.service.supplier import MarketSupplier

__all__ = [
    "Complaint",
    "MarketSupplier",
    "accept",
    "change_item",
    "check_keeps",
    "claims_of",
    "claims_to_see",
    "decide_claim",
    "find_item",
    "habit_of",
    "hand_over",
    "is_paid",
    "keepers_of",
    "make_claim",
    "merchant_id_of",
    "merchant_of_person",
    "merchants",
    "order_lines",
    "orders_of_needs",
    "out_of_stock",
    "own_merchant",
    "pack",
    "pay",
    "photo_of_claim",
    "place",
    "register_merchant",
    "reject",
    "release",
    "reserve",
    "set_habit",
    "settle",
    "stock_item",
    "unsettled",
    "withdraw",
]
