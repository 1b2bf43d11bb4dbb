"""Tables of the market."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.append_only import append_only
from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedText
from server.modules.market.rules.merchants import MerchantState
from server.modules.market.rules.paying import PaysBy


class Merchant(Base):
    """A shop that serves a community. ``distance_m``: from the shop to the gate."""

    __tablename__ = "market_merchant"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "applied_by"),
        CheckConstraint("distance_m >= 0 AND most_open_orders >= 0", name="limits"),
        CheckConstraint("state IN ('applied', 'checked', 'open', 'refused', 'suspended')", name="state"),
        # Whoever writes it: no shop sells that nobody has checked.
        CheckConstraint("(state IN ('checked', 'open')) = (checked_at IS NOT NULL)", name="checked"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    distance_m: Mapped[int]
    most_open_orders: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    # The number of its business licence, for whoever checks it.
    licence: Mapped[str] = mapped_column(String(40), default="")
    # Who applied: one shop a person. None for shops that an officer registered.
    applied_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    checked_at: Mapped[datetime | None]
    # Why it was refused or suspended, for its keeper.
    why: Mapped[str | None] = mapped_column(Text)
    registered_at: Mapped[datetime]

    @property
    def is_open(self) -> bool:
        return self.state == MerchantState.OPEN


class Keeper(Base):
    """A person who runs a shop."""

    __tablename__ = "market_keeper"
    __table_args__ = (
        UniqueConstraint("community_id", "merchant_id", "person_id"),
        tenant_ref("merchant_id", "market_merchant"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    merchant_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), index=True)


class Item(Base):
    """Something a shop sells. The database itself refuses to keep more for buyers than there is."""

    __tablename__ = "market_item"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "merchant_id", "name", "unit"),
        tenant_ref("merchant_id", "market_merchant"),
        CheckConstraint("on_hand >= reserved AND reserved >= 0", name="never_oversold"),
        UniqueConstraint("community_id", "merchant_id", "barcode"),
        CheckConstraint("price_fen >= 0 AND weight_g >= 0 AND volume_ml >= 0", name="amounts"),
        CheckConstraint(
            "(limit_most IS NULL) = (limit_days IS NULL) AND limit_most > 0 AND limit_days > 0", name="limit"
        ),
        CheckConstraint("tolerance_percent BETWEEN 0 AND 30 AND weight_g > 0", name="weighed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    merchant_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(20))
    price_fen: Mapped[int]
    weight_g: Mapped[int]
    volume_ml: Mapped[int]
    on_hand: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0)
    is_listed: Mapped[bool] = mapped_column(default=True)
    # When somebody last counted or changed it: buyers see how fresh the number is.
    as_of: Mapped[datetime]
    category: Mapped[str] = mapped_column(String(20), default="other")
    allergens: Mapped[list[Any]] = mapped_column(default=list)
    storage: Mapped[str] = mapped_column(String(10), default="ambient")
    barcode: Mapped[str | None] = mapped_column(String(14))
    # Sold by weight: how far the weight picked may be above the weight asked for. None for goods by the piece.
    tolerance_percent: Mapped[int | None]
    # At most so much for one home in so many days.
    limit_most: Mapped[int | None]
    limit_days: Mapped[int | None]
    photo_ref: Mapped[str | None] = mapped_column(String(60))
    # What a search looks through: see rules.products.search_text.
    search_text: Mapped[str] = mapped_column(Text, default="")

    @property
    def limit(self) -> tuple[int, int] | None:
        return (self.limit_most, self.limit_days) if self.limit_most and self.limit_days else None

    @property
    def has_photo(self) -> bool:
        return self.photo_ref is not None


class ItemChange(Base):
    """What an item cost and how much of it there was from ``at`` on. Nobody changes or deletes a row."""

    __tablename__ = "market_item_change"
    __table_args__ = (
        tenant_ref("item_id", "market_item"),
        Index("ix_market_item_change_of", "community_id", "item_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    item_id: Mapped[UUID]
    price_fen: Mapped[int]
    on_hand: Mapped[int]
    cause: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]


class Allowance(Base):
    """What a home has taken of a limited item in one window of days."""

    __tablename__ = "market_allowance"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint(
            "community_id", "item_id", "home_id", "window_from", "days", name="uq_market_allowance_window"
        ),
        tenant_ref("item_id", "market_item"),
        tenant_ref("home_id", "places_home"),
        # Two members of one home may order at once, and a program may forget to ask: this is the last door.
        CheckConstraint("taken >= 0 AND taken <= most", name="within"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    item_id: Mapped[UUID]
    home_id: Mapped[UUID] = mapped_column(index=True)
    window_from: Mapped[date]
    days: Mapped[int]
    most: Mapped[int]
    taken: Mapped[int]


class PayingHabit(Base):
    """How somebody wants to pay for orders to come; who has none pays the shop itself."""

    __tablename__ = "market_paying_habit"
    __table_args__ = (
        UniqueConstraint("community_id", "person_id"),
        CheckConstraint(f"pays_by IN ({', '.join(repr(way.value) for way in PaysBy)})", name="pays_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), index=True)
    pays_by: Mapped[str] = mapped_column(String(12))


class Order(Base):
    """A need's basket at a shop; one order an offer.

    ``delivered_at``: since when all that will come is there; ``settled_at``: since when its money is where it belongs.
    """

    __tablename__ = "market_order"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "offer_id"),
        tenant_ref("merchant_id", "market_merchant"),
        tenant_ref("need_id", "needs_need"),
        tenant_ref("offer_id", "needs_offer"),
        CheckConstraint(f"pays_by IN ({', '.join(repr(way.value) for way in PaysBy)})", name="pays_by"),
        Index("ix_market_order_queue", "community_id", "merchant_id", "state"),
        Index("ix_market_order_unsettled", "community_id", "settled_at", "delivered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    merchant_id: Mapped[UUID]
    need_id: Mapped[UUID] = mapped_column(index=True)
    offer_id: Mapped[UUID]
    home_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(20))
    why: Mapped[str | None] = mapped_column(Text)
    placed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    packed_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    payer_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    pays_by: Mapped[str] = mapped_column(String(12), default=PaysBy.SHOP.value)
    delivered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class OrderLine(Base):
    """One line of an order. ``is_kept``: its stock is reserved for this order at the moment."""

    __tablename__ = "market_order_line"
    __table_args__ = (
        UniqueConstraint("community_id", "order_id", "need_line_id"),
        tenant_ref("order_id", "market_order"),
        tenant_ref("item_id", "market_item"),
        tenant_ref("allowance_id", "market_allowance"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("claimed >= 0 AND claimed <= quantity", name="claimed_once"),
        CheckConstraint("(picked_g IS NULL) = (settled_fen IS NULL)", name="weighed_once"),
        CheckConstraint("settled_fen >= 0 AND settled_fen <= most_fen AND picked_g > 0", name="tolerance"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_id: Mapped[UUID] = mapped_column(index=True)
    need_line_id: Mapped[UUID] = mapped_column(ForeignKey("needs_line.id"))
    item_id: Mapped[UUID] = mapped_column(index=True)
    subject_id: Mapped[UUID]
    text = SealedText(whose="subject_id", when_erased="已删除 / Erased")
    quantity: Mapped[int]
    price_fen: Mapped[int]
    is_kept: Mapped[bool]
    is_out_of_stock: Mapped[bool]
    # Pieces that the home has said are missing or damaged, unless that was refused.
    claimed: Mapped[int] = mapped_column(default=0)
    # The home's allowance that the line counts against, if the item is limited.
    allowance_id: Mapped[UUID | None] = mapped_column(index=True)
    # Sold by weight: what one weighs, what was picked, and what that costs; never more than ``most_fen``.
    unit_g: Mapped[int | None]
    picked_g: Mapped[int | None]
    settled_fen: Mapped[int | None] = mapped_column(BigInteger)
    most_fen: Mapped[int] = mapped_column(BigInteger)

    @property
    def amount_fen(self) -> int:
        """What the line costs as far as is known: by the weight picked, else by the quantity asked for."""
        return self.price_fen * self.quantity if self.settled_fen is None else self.settled_fen


class Claim(Base):
    """What a home says of one line at its door: so many pieces are missing, or damaged."""

    __tablename__ = "market_claim"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        tenant_ref("order_id", "market_order"),
        ForeignKeyConstraint(["order_line_id"], ["market_order_line.id"]),
        CheckConstraint("quantity > 0 AND amount_fen >= 0", name="amounts"),
        CheckConstraint("state IN ('open', 'granted', 'refused')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index("ix_market_claim_open", "community_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_id: Mapped[UUID] = mapped_column(index=True)
    order_line_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[int]
    amount_fen: Mapped[int]
    subject_id: Mapped[UUID]
    note = SealedText(whose="subject_id", when_erased="已删除 / Erased")
    photo_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    # None where the rule granted it.
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))


append_only(ItemChange)
