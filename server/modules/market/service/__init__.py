"""The market's public functions. Each takes the session first and commits nothing."""

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
    "MarketSupplier",
    "accept",
    "change_item",
    "check_keeps",
    "find_item",
    "hand_over",
    "keepers_of",
    "merchant_id_of",
    "merchant_of_person",
    "merchants",
    "order_lines",
    "orders_of_needs",
    "out_of_stock",
    "own_merchant",
    "pack",
    "place",
    "register_merchant",
    "reject",
    "release",
    "reserve",
    "stock_item",
    "withdraw",
]
