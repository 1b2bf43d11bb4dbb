"""The market's public functions. Each takes the session first and commits nothing."""

from server.modules.market.service.allowances import left_for
from server.modules.market.service.claims import (
    Complaint,
    claims_of,
    claims_to_see,
    decide_claim,
    make_claim,
    photo_of_claim,
)
from server.modules.market.service.entry import enter, plan_entry
from server.modules.market.service.history import last_changes, price_days, stock_days
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
from server.modules.market.service.paying import habit_of, paid_among, pay, set_habit
from server.modules.market.service.settling import settle, unsettled
from server.modules.market.service.shops import (
    apply_as_merchant,
    check_keeps,
    keepers_of,
    kept_by,
    merchant_id_of,
    merchant_of_person,
    merchants,
    own_merchant,
    register_merchant,
    step_merchant,
    visible_merchants,
)
from server.modules.market.service.stock import (
    change_item,
    find_item,
    release,
    reserve,
    set_photo,
    stock_item,
)
from server.modules.market.service.supplier import MarketSupplier
from server.modules.market.service.weighing import weigh

__all__ = [
    "Complaint",
    "MarketSupplier",
    "accept",
    "apply_as_merchant",
    "change_item",
    "check_keeps",
    "claims_of",
    "claims_to_see",
    "decide_claim",
    "enter",
    "find_item",
    "habit_of",
    "hand_over",
    "keepers_of",
    "kept_by",
    "last_changes",
    "left_for",
    "make_claim",
    "merchant_id_of",
    "merchant_of_person",
    "merchants",
    "order_lines",
    "orders_of_needs",
    "out_of_stock",
    "own_merchant",
    "pack",
    "paid_among",
    "pay",
    "photo_of_claim",
    "place",
    "plan_entry",
    "price_days",
    "register_merchant",
    "reject",
    "release",
    "reserve",
    "set_habit",
    "set_photo",
    "settle",
    "step_merchant",
    "stock_days",
    "stock_item",
    "unsettled",
    "visible_merchants",
    "weigh",
    "withdraw",
]
