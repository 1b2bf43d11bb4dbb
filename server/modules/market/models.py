"""Tables of the market."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedText
from server.modules.market.rules.paying import PaysBy


class Merchant(Base):
    """A shop that serves a community. ``distance_m``: from the shop to the gate."""

    __tablename__ = "market_merchant"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("distance_m >= 0 AND most_open_orders >= 0", name="limits"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    distance_m: Mapped[int]
    most_open_orders: Mapped[int]
    is_open: Mapped[bool]
    registered_at: Mapped[datetime]


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
        CheckConstraint("price_fen >= 0 AND weight_g >= 0 AND volume_ml >= 0", name="amounts"),
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
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("claimed >= 0 AND claimed <= quantity", name="claimed_once"),
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
