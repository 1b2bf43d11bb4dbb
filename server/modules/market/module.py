"""The manifest of the market."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from server.core.deliveries.events import ParcelMoved
from server.core.needs.events import NeedChanged
from server.kit.db import is_uuid
from server.kit.errors import Forbidden
from server.kit.module import Job, LiveFact, LiveMessage, Module, NavEntry, Subscription
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef
from server.modules.market import events, jobs, reactions, routes, service
from server.modules.market.models import (
    Allowance,
    Claim,
    Item,
    ItemChange,
    Keeper,
    Merchant,
    Order,
    OrderLine,
    PayingHabit,
)
from server.modules.money.events import PaymentChanged

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")


def may_watch_shop(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """The room "merchant:<id>" is for the shop's keepers and for officers."""
    if actor.has("officer", community):
        return True
    if not is_uuid(key):
        return False
    try:
        service.check_keeps(session, actor, community.id, UUID(key))
    except Forbidden:
        return False
    return True


def order_placed(event: events.OrderPlaced) -> list[LiveMessage]:
    """Tell the shop and its keepers."""
    data = {"order_id": str(event.order_id)}
    rooms = [f"merchant:{event.merchant_id}", *(f"person:{keeper}" for keeper in event.keepers)]
    return [LiveMessage(room=room, kind="order.new", data=data) for room in rooms]


def order_changed(event: events.OrderChanged) -> list[LiveMessage]:
    """Tell the shop."""
    data = {"order_id": str(event.order_id), "state": event.state}
    return [LiveMessage(room=f"merchant:{event.merchant_id}", kind="order.changed", data=data)]


def merchant_moved(event: events.MerchantMoved) -> list[LiveMessage]:
    """Tell the shop and its keepers."""
    data = {"state": event.state}
    rooms = [f"merchant:{event.merchant_id}", *(f"person:{keeper}" for keeper in event.keepers)]
    return [LiveMessage(room=room, kind="shop.changed", data=data) for room in rooms]


MODULE = Module(
    name="market",
    requires=("people", "needs", "deliveries", "notices", "money"),
    blueprints=(routes.bp,),
    models=(Merchant, Keeper, Item, ItemChange, Allowance, Order, OrderLine, PayingHabit, Claim),
    permissions=(
        Permission("market.buy", roles=EVERYONE),
        Permission("market.sell", roles=("merchant",)),
        Permission("market.register", roles=("officer",)),
        Permission("market.judge", roles=("merchant", "officer")),
    ),
    emits=(events.OrderPlaced, events.OrderChanged, events.MerchantMoved),
    hears=(
        Subscription(events.OrderPlaced, reactions.on_order_placed),
        Subscription(events.OrderChanged, reactions.on_order_changed),
        Subscription(ParcelMoved, reactions.on_parcel_moved),
        Subscription(NeedChanged, reactions.on_need_changed),
        Subscription(PaymentChanged, reactions.on_payment_changed),
    ),
    jobs=(Job("market.settle", run=jobs.settle_orders, every_s=600, per_community=True),),
    live=(
        LiveFact(events.OrderPlaced, order_placed),
        LiveFact(events.OrderChanged, order_changed),
        LiveFact(events.MerchantMoved, merchant_moved),
    ),
    rooms={"merchant": may_watch_shop},
    navigation=(
        NavEntry("orders", "/orders", roles=("merchant",)),
        NavEntry("stock", "/stock", roles=("merchant",)),
    ),
    provides={"needs.supplier": service.MarketSupplier(), "people.merchant_of": service.merchant_id_of},
    texts={
        "market.not_now": (
            "订单状态已变化,请刷新后查看。",
            "The order has moved on: reload it and look again.",
        ),
        "market.order_moved_on": (
            "订单状态已变化,请刷新后查看。",
            "The order has moved on: reload it and look again.",
        ),
        "market.item_exists": (
            "货架上已有这件商品,请直接修改数量。",
            "This item is on the list already: change its number instead.",
        ),
        "market.stock_below_reserved": (
            "已有顾客预订的数量多于您填的库存,请先把相应订单标为缺货。",
            "More than that is kept for orders: mark those lines out of stock first.",
        ),
        "market.household_limit": (
            "这件商品每户限购,您家这一期已经买满了。",
            "This is limited for each home: yours has had its share for now.",
        ),
        "market.not_enough": ("库存不够了。", "There is not enough left."),
        "market.not_kept": (
            "这些货没有为该订单保留。",
            "These goods are not kept for that order.",
        ),
        "market.item_not_found": ("没有这件商品。", "There is no such item."),
        "market.order_not_found": ("没有这个订单。", "There is no such order."),
        "market.line_not_found": ("订单里没有这一项。", "The order has no such line."),
        "market.no_shop": (
            "您名下还没有店铺,请联系居委会登记。",
            "You keep no shop here yet: ask the committee to register it.",
        ),
        "market.not_your_shop": ("这不是您的店铺。", "This is not your shop."),
        "market.orders_of_one_shop": (
            "一次交接只能是同一家店的订单。",
            "One hand-over is for the orders of one shop.",
        ),
        "market.not_paid_yet": (
            "买家还没有同意付款，请稍后再打包。",
            "The buyer has not agreed to the payment yet: pack it afterwards.",
        ),
        "market.paid_already": ("这单已经付款。", "This order is paid already."),
        "market.nothing_to_pay": ("这单没有要在这里付的钱。", "There is nothing to be paid here."),
        "market.not_delivered": ("货还没有送到。", "The goods are not there yet."),
        "market.claim_too_late": (
            "送达已超过 24 小时，不能再申报；请联系居委会。",
            "More than 24 hours have passed since the drop: ask the committee.",
        ),
        "market.photo_wanted": ("请拍一张损坏的照片。", "Please add a photo of the damage."),
        "market.claimed_already": (
            "申报的数量超过了送来的数量。",
            "That is more than came, together with what you said before.",
        ),
        "market.claim_not_found": ("没有这条申报。", "There is no such claim."),
        "market.claim_decided": ("这条申报已经有结果。", "This claim is decided already."),
        "market.own_claim": ("不能处理自己家的申报。", "Nobody decides on a claim of their own home."),
        "market.officer_refuses": (
            "店家只能同意；不同意请让居委会处理。",
            "A shop can only grant a claim: refusing is for the committee.",
        ),
        "market.shop_not_found": ("没有这家店铺。", "There is no such shop."),
        "market.has_shop": (
            "您已有一家店铺或正在申请。",
            "You keep a shop here already, or have applied for one.",
        ),
        "market.own_shop": (
            "自己的店铺要由另一位工作人员审核。",
            "Somebody else has to check a shop of your own.",
        ),
        "market.shop_moved_on": (
            "店铺状态已变化,请刷新后查看。",
            "The shop has moved on: reload it and look again.",
        ),
        "market.bad_barcode": (
            "条码不对:应为 8、12、13 或 14 位数字,并且校验位正确。",
            "That is no barcode: 8, 12, 13 or 14 digits, and the last one has to fit.",
        ),
        "market.formula": (
            "文字不能以 = + - @ 开头,也不能含控制字符。",
            "A text may not begin with = + - or @, nor hold control characters.",
        ),
        "market.unit_weighs_nothing": (
            "按重量卖的商品要填每份重量。",
            "Say what one weighs: it is sold by weight.",
        ),
        "market.not_weighed": (
            "这一项不按重量卖。",
            "This line is not sold by weight.",
        ),
        "market.too_heavy": (
            "超过了顾客同意的重量,请少装一些。",
            "That is more than the buyer agreed to: take some out.",
        ),
        "market.weigh_first": (
            "有按重量卖的商品还没称,请先填重量。",
            "Enter the weight of what is sold by weight first.",
        ),
        "market.entry_empty": (
            "没有读到商品,请检查内容。",
            "No goods were found in it.",
        ),
        "market.entry_too_long": (
            "一次最多 500 行,请分几次录入。",
            "At most 500 rows at once: enter them in parts.",
        ),
        "market.entry_headings": (
            "表头看不懂或重复,请用页面上列出的表头。",
            "Some headings are unknown or there twice: use those that the page lists.",
        ),
        "market.entry_bad_file": (
            "读不了这个文件:请用 XLSX 或 CSV,不超过 2 MB。",
            "This file cannot be read: XLSX or CSV of at most 2 MB.",
        ),
        "market.entry_moved_on": (
            "预览之后库存有变动,请再看一次。",
            "The stock has changed since you looked: look again.",
        ),
        "market.entry_wrong": (
            "有几行有错,请改正或选择跳过。",
            "Some rows are wrong: mend them, or leave them out.",
        ),
        "market.already_packed": (
            "店家已经打包,不能取消了;送到后可以提出异议。",
            "The shop has packed it already: it cannot be called off any more.",
        ),
    },
)
