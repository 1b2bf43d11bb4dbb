"""What the market's endpoints take and give."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from server.kit.http import Instant, PageQuery, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.market.rules.orders import OrderState
from server.modules.market.rules.paying import PaysBy


class ItemQuery(PageQuery):
    query: str | None = Field(default=None, max_length=80)


class ItemOut(Schema):
    """An item as buyers see it; ``available``: on hand and not kept for anybody, at ``as_of``."""

    id: UUID
    merchant_id: UUID
    merchant_name: str
    name: str
    name_en: str
    unit: str
    price_fen: int
    available: int
    as_of: Instant


class ItemsOut(Schema):
    items: list[ItemOut]
    next: str | None


class MerchantIn(Schema):
    """A shop to register; the keeper is found or made by phone."""

    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    keeper_phone: str = Field(min_length=5, max_length=20)
    keeper_name: str | None = Field(default=None, max_length=40)
    distance_m: int = Field(default=500, ge=0, le=50_000)


class MerchantOut(Schema):
    id: UUID
    name: str
    name_en: str
    is_open: bool
    distance_m: int


class MerchantsOut(Schema):
    items: list[MerchantOut]
    next: str | None


class StockIn(Schema):
    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    unit: str = Field(min_length=1, max_length=20)
    price_fen: int = Field(ge=0, le=10_000_000)
    on_hand: int = Field(ge=0, le=1_000_000)
    weight_g: int = Field(default=500, ge=0, le=200_000)
    volume_ml: int = Field(default=1_000, ge=0, le=1_000_000)


class StockPatch(Schema):
    on_hand: int | None = Field(default=None, ge=0, le=1_000_000)
    price_fen: int | None = Field(default=None, ge=0, le=10_000_000)
    is_listed: bool | None = None


class StockOut(Schema):
    """An item as its shop sees it."""

    id: UUID
    name: str
    name_en: str
    unit: str
    price_fen: int
    weight_g: int
    volume_ml: int
    on_hand: int
    reserved: int
    is_listed: bool
    as_of: Instant


class StocksOut(Schema):
    items: list[StockOut]
    next: str | None


class OrderQuery(PageQuery):
    state: OrderState | None = None


class OrderLineOut(AboutPerson):
    id: UUID
    item_id: UUID
    item_name: str
    item_name_en: str
    unit: str
    text: Sensitive[str]
    quantity: int
    price_fen: int
    is_out_of_stock: bool


class OrderOut(Schema):
    """An order as its shop sees it: goods and a short code, no name and no address."""

    id: UUID
    code: str
    need_id: UUID
    kind: str
    priority: int
    state: OrderState
    lines: list[OrderLineOut]
    total_fen: int
    pays_by: PaysBy
    is_paid: bool
    placed_at: Instant
    answer_by: Instant | None
    parcel_codes: list[str]
    why: str | None


class OrdersOut(Schema):
    items: list[OrderOut]
    next: str | None


class RejectIn(Schema):
    why: str = Field(min_length=1, max_length=200)


class HandOverIn(Schema):
    """More packed orders of the shop that go with this one."""

    also: list[UUID] = Field(default_factory=list, max_length=500)


class HandOverOut(Schema):
    handover_url: str
    orders: list[OrderOut]


class HabitIn(Schema):
    pays_by: PaysBy


class HabitOut(Schema):
    """How I pay for orders to come. ``balance_fen``: my vouchers; ``ways``: what can be chosen here now."""

    pays_by: PaysBy
    balance_fen: int
    ways: list[PaysBy]


class PayIn(Schema):
    """``method``: a card as the provider names it; for Alipay and WeChat Pay there is none."""

    pays_by: PaysBy
    method: str | None = Field(default=None, pattern=r"^pm_[A-Za-z0-9_]{1,56}$")


class ClaimIn(Schema):
    line_id: UUID
    kind: Literal["missing", "damaged"]
    quantity: int = Field(ge=1, le=1_000)
    note: str = Field(default="", max_length=300)
    photo_id: UUID | None = None


class ClaimOut(AboutPerson):
    id: UUID
    order_id: UUID
    order_code: str
    merchant_name: str
    item_name: str
    item_name_en: str
    kind: str
    quantity: int
    amount_fen: int
    note: Sensitive[str]
    has_photo: bool
    state: str
    why: str | None
    made_at: Instant
    decided_at: Instant | None


class BoughtLineOut(Schema):
    """A line as its buyer sees it; ``claimed``: pieces said to be missing or damaged."""

    id: UUID
    item_name: str
    item_name_en: str
    unit: str
    quantity: int
    price_fen: int
    is_out_of_stock: bool
    claimed: int


class BoughtOut(Schema):
    """An order as its home sees it. ``payment_id``: of the latest payment; ``is_mine``: I am the one who pays."""

    id: UUID
    merchant_name: str
    state: OrderState
    lines: list[BoughtLineOut]
    total_fen: int
    pays_by: PaysBy
    is_mine: bool
    payment_id: UUID | None
    payment_state: str | None
    taken_fen: int
    given_back_fen: int
    claim_until: Instant | None
    claims: list[ClaimOut]


class BoughtsOut(Schema):
    items: list[BoughtOut]


class ClaimsOut(Schema):
    items: list[ClaimOut]
    next: str | None


class ClaimQuery(PageQuery):
    state: Literal["open", "granted", "refused"] | None = None


class DecisionIn(Schema):
    granted: bool
    why: str = Field(default="", max_length=200)
