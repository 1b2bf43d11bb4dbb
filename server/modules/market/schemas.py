"""What the market's endpoints take and give."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from server.kit.http import Instant, PageQuery, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.market.rules.entry import MOST_CHARS, EntryFate
from server.modules.market.rules.history import LONGEST_DAYS as LONGEST_HISTORY_DAYS
from server.modules.market.rules.history import Cause
from server.modules.market.rules.limits import LONGEST_DAYS as LONGEST_LIMIT_DAYS
from server.modules.market.rules.limits import MOST_PER_HOME
from server.modules.market.rules.merchants import MerchantState
from server.modules.market.rules.orders import OrderState
from server.modules.market.rules.paying import PaysBy
from server.modules.market.rules.products import MOST_ON_HAND, MOST_PRICE_FEN, Allergen, Category, Storage
from server.modules.market.rules.weighing import MOST_TOLERANCE_PERCENT


class ItemQuery(PageQuery):
    """``query``: words in either language, or a barcode; every word must be there."""

    query: str | None = Field(default=None, max_length=80)
    category: Category | None = None
    merchant_id: UUID | None = None


class ProductFields(Schema):
    """What goods are. ``tolerance_percent``: sold by weight, and how far above the weight asked for it may come."""

    category: Category = Category.OTHER
    allergens: list[Allergen] = Field(default_factory=list, max_length=len(Allergen))
    storage: Storage = Storage.AMBIENT
    barcode: str | None = Field(default=None, max_length=20)
    tolerance_percent: int | None = Field(default=None, ge=0, le=MOST_TOLERANCE_PERCENT)
    limit_most: int | None = Field(default=None, ge=1, le=MOST_PER_HOME)
    limit_days: int | None = Field(default=None, ge=1, le=LONGEST_LIMIT_DAYS)

    @model_validator(mode="after")
    def limit_is_whole(self) -> Self:
        """A limit is a number and its days, or none of them."""
        if (self.limit_most is None) != (self.limit_days is None):
            raise ValueError("limit_most and limit_days go together")
        return self


class ProductOut(Schema):
    """What goods are, as ``ProductFields`` took it."""

    category: Category
    allergens: list[Allergen]
    storage: Storage
    barcode: str | None
    tolerance_percent: int | None
    limit_most: int | None
    limit_days: int | None


class ItemOut(ProductOut):
    """An item as buyers see it; ``available``: on hand and not kept for anybody, at ``as_of``.

    ``left_for_home``: what the limit leaves for the reader's home. ``is_exact``: nothing is sold in its place unasked.
    """

    id: UUID
    merchant_id: UUID
    merchant_name: str
    merchant_name_en: str
    name: str
    name_en: str
    unit: str
    weight_g: int
    price_fen: int
    available: int
    as_of: Instant
    left_for_home: int | None
    is_exact: bool
    has_photo: bool


class ItemsOut(Schema):
    items: list[ItemOut]
    next: str | None


class HistoryQuery(Schema):
    days: int = Field(default=30, ge=1, le=LONGEST_HISTORY_DAYS)


class PriceOut(Schema):
    """From that day on it cost so much."""

    day: date
    price_fen: int


class PricesOut(Schema):
    items: list[PriceOut]


class MerchantIn(Schema):
    """A shop to register; the keeper is found or made by phone."""

    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    keeper_phone: str = Field(min_length=5, max_length=20)
    keeper_name: str | None = Field(default=None, max_length=40)
    distance_m: int = Field(default=500, ge=0, le=50_000)


class MerchantApplyIn(Schema):
    """Somebody's own shop, to be checked by an officer."""

    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    licence: str = Field(min_length=4, max_length=40)
    distance_m: int = Field(default=500, ge=0, le=50_000)


class MerchantWhyIn(Schema):
    why: str = Field(min_length=1, max_length=200)


class MerchantOut(Schema):
    id: UUID
    name: str
    name_en: str
    is_open: bool
    distance_m: int


class MerchantRowOut(MerchantOut):
    """A shop in its state. ``licence`` and ``why``: for officers and its keepers."""

    state: MerchantState
    is_mine: bool
    licence: str | None
    why: str | None


class MerchantsOut(Schema):
    items: list[MerchantRowOut]
    next: str | None


class StockIn(ProductFields):
    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    unit: str = Field(min_length=1, max_length=20)
    price_fen: int = Field(ge=0, le=MOST_PRICE_FEN)
    on_hand: int = Field(ge=0, le=MOST_ON_HAND)
    weight_g: int = Field(default=500, ge=0, le=200_000)
    volume_ml: int = Field(default=1_000, ge=0, le=1_000_000)


class StockPatch(Schema):
    """What is said is changed; null clears a barcode, a tolerance or a limit, and changes nothing else."""

    on_hand: int | None = Field(default=None, ge=0, le=MOST_ON_HAND)
    price_fen: int | None = Field(default=None, ge=0, le=MOST_PRICE_FEN)
    is_listed: bool | None = None
    name_en: str | None = Field(default=None, max_length=80)
    weight_g: int | None = Field(default=None, ge=0, le=200_000)
    category: Category | None = None
    allergens: list[Allergen] | None = Field(default=None, max_length=len(Allergen))
    storage: Storage | None = None
    barcode: str | None = Field(default=None, max_length=20)
    tolerance_percent: int | None = Field(default=None, ge=0, le=MOST_TOLERANCE_PERCENT)
    limit_most: int | None = Field(default=None, ge=1, le=MOST_PER_HOME)
    limit_days: int | None = Field(default=None, ge=1, le=LONGEST_LIMIT_DAYS)

    @model_validator(mode="after")
    def limit_is_whole(self) -> Self:
        """A limit is a number and its days, or none of them, said together."""
        said = {"limit_most", "limit_days"} & self.model_fields_set
        if len(said) == 1 or (self.limit_most is None) != (self.limit_days is None):
            raise ValueError("limit_most and limit_days go together")
        return self


class StockOut(ProductOut):
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
    has_photo: bool


class StocksOut(Schema):
    items: list[StockOut]
    next: str | None


class StockDayOut(Schema):
    """One day: at its end, and the least there was in between."""

    day: date
    on_hand: int
    low: int
    price_fen: int


class StockChangeOut(Schema):
    at: Instant
    price_fen: int
    on_hand: int
    cause: Cause


class StockHistoryOut(Schema):
    item: StockOut
    days: list[StockDayOut]
    changes: list[StockChangeOut]


class EntryIn(Schema):
    """A table as pasted: headings first, or four plain columns (name, unit, price in yuan, count)."""

    text: str = Field(min_length=1, max_length=MOST_CHARS)


class EntryConfirmIn(EntryIn):
    """The table as it was shown; ``digest``: of what was shown. ``skips_wrong``: rows that are wrong are left out."""

    digest: str = Field(min_length=64, max_length=64)
    skips_wrong: bool = False


class EntryWrongOut(Schema):
    """What is wrong; ``column`` "" for the row itself."""

    column: str
    code: str


class EntryRowOut(Schema):
    """One row: what it does, to which item, and from what to what. ``values``: as read from the cells."""

    line: int
    fate: EntryFate
    item_id: UUID | None
    name: str
    unit: str
    values: dict[str, Any]
    before: dict[str, Any]
    wrong: list[EntryWrongOut]


class EntryOut(Schema):
    """What a table would do. ``table``: what to send back to do it."""

    table: str
    digest: str
    counts: dict[EntryFate, int]
    rows: list[EntryRowOut]


class EntryDoneOut(Schema):
    counts: dict[EntryFate, int]


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
    amount_fen: int
    most_fen: int
    unit_g: int | None
    picked_g: int | None
    is_out_of_stock: bool


class OrderOut(Schema):
    """An order as its shop sees it: goods and a short code, no name and no address.

    ``total_fen``: as far as is known, by weight where it was weighed; ``most_fen``: what it can come to at most.
    """

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
    most_fen: int
    placed_at: Instant
    answer_by: Instant | None
    parcel_codes: list[str]
    why: str | None


class OrdersOut(Schema):
    items: list[OrderOut]
    next: str | None


class WeighIn(Schema):
    """What was picked for a line sold by weight."""

    picked_g: int = Field(ge=1, le=1_000_000)


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
