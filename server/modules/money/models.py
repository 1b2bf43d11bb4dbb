"""Tables of money. Whole fen throughout; the database itself refuses what does not add up."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.append_only import append_only
from server.kit.db import Base, new_id, tenant_key, tenant_ref

CURRENCY = "cny"


def _fen(default: int | None = None) -> Mapped[int]:
    return mapped_column(BigInteger) if default is None else mapped_column(BigInteger, default=default)


class Account(Base):
    """An account of the ledger. ``balance_fen`` is kept for wallets and the fund, which cannot owe; else None."""

    __tablename__ = "money_account"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "id", "currency"),
        UniqueConstraint("community_id", "kind", "owner_id", "currency"),
        CheckConstraint("(kind IN ('wallet', 'fund')) = (balance_fen IS NOT NULL)", name="kept"),
        CheckConstraint("balance_fen >= 0", name="never_owes"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    kind: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3))
    balance_fen: Mapped[int | None] = mapped_column(BigInteger)


class Transfer(Base):
    """One row of the journal: nobody changes or deletes it. ``reference_id``: the payment or gift it is part of.

    (reference, kind, key) is there once: ``key`` is the provider's id of the effect, or what asked for it.
    """

    __tablename__ = "money_transfer"
    __table_args__ = (
        UniqueConstraint("community_id", "reference_id", "kind", "key"),
        *(
            ForeignKeyConstraint(
                ["community_id", side, "currency"],
                ["money_account.community_id", "money_account.id", "money_account.currency"],
            )
            for side in ("debit_id", "credit_id")
        ),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        Index("ix_money_transfer_debit", "community_id", "debit_id"),
        Index("ix_money_transfer_credit", "community_id", "credit_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    debit_id: Mapped[UUID]
    credit_id: Mapped[UUID]
    amount_fen: Mapped[int] = _fen()
    currency: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(16))
    reference_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class Payee(Base):
    """Whoever is paid: a shop, under the id that it has elsewhere. ``provider_account``: its account outside."""

    __tablename__ = "money_payee"
    __table_args__ = (UniqueConstraint("community_id", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = tenant_key()
    label: Mapped[str] = mapped_column(String(80))
    provider_account: Mapped[str | None] = mapped_column(String(60), unique=True)


class Payment(Base):
    """One payment for one order, in one currency, from one source. ``payee_id`` None: a gift to the fund.

    ``busy_fen`` and ``reversing_fen``: asked of the provider and not answered yet. What is disputed is held too.
    """

    __tablename__ = "money_payment"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "payer_id", "key"),
        tenant_ref("payee_id", "money_payee"),
        CheckConstraint(
            "state IN ('asked', 'declined', 'authorised', 'capturing', 'releasing', 'captured', 'released')",
            name="state",
        ),
        CheckConstraint("source IN ('wallet', 'fund', 'card', 'alipay', 'wechat_pay')", name="source"),
        CheckConstraint("asked_fen > 0 AND authorised_fen IN (0, asked_fen)", name="asked"),
        CheckConstraint(
            "captured_fen >= 0 AND released_fen >= 0 AND captured_fen + released_fen <= authorised_fen",
            name="authorised",
        ),
        CheckConstraint("captured_fen = paid_out_fen + refunded_fen + held_fen", name="adds_up"),
        CheckConstraint(
            "paid_out_fen >= 0 AND refunded_fen >= 0 AND held_fen >= 0 AND disputed_fen >= 0", name="amounts"
        ),
        CheckConstraint("busy_fen >= 0 AND busy_fen + disputed_fen <= held_fen", name="spent_once"),
        CheckConstraint("reversing_fen >= 0 AND reversing_fen <= paid_out_fen", name="reversed_once"),
        CheckConstraint("(source = 'fund') = (month IS NOT NULL)", name="fund_month"),
        Index(
            "uq_money_payment_one_live",
            "community_id",
            "order_ref",
            "source",
            "currency",
            unique=True,
            sqlite_where=text("state NOT IN ('declined', 'released')"),
            postgresql_where=text("state NOT IN ('declined', 'released')"),
        ),
        Index("uq_money_payment_provider_ref", "provider_ref", unique=True),
        Index("ix_money_payment_payee", "community_id", "payee_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    order_ref: Mapped[UUID]
    payer_id: Mapped[UUID]
    payee_id: Mapped[UUID | None]
    # Whose month the fund's rule counts, for a payment out of the fund.
    home_id: Mapped[UUID | None]
    month: Mapped[str | None] = mapped_column(String(7))
    source: Mapped[str] = mapped_column(String(12))
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(100))
    provider_ref: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str | None] = mapped_column(String(60))
    asked_fen: Mapped[int] = _fen()
    authorised_fen: Mapped[int] = _fen(0)
    captured_fen: Mapped[int] = _fen(0)
    released_fen: Mapped[int] = _fen(0)
    refunded_fen: Mapped[int] = _fen(0)
    paid_out_fen: Mapped[int] = _fen(0)
    held_fen: Mapped[int] = _fen(0)
    disputed_fen: Mapped[int] = _fen(0)
    busy_fen: Mapped[int] = _fen(0)
    reversing_fen: Mapped[int] = _fen(0)
    asked_at: Mapped[datetime]


class Operation(Base):
    """One thing asked of a provider. Its id is the provider's idempotency key, however often it is asked.

    ``method``: the payer's means of payment as the provider calls it; forgotten once it was used.
    """

    __tablename__ = "money_operation"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("payment_id", "step", "key"),
        tenant_ref("payment_id", "money_payment"),
        CheckConstraint("amount_fen >= 0", name="amount"),
        # Captured or released, never both; and one at a time.
        Index(
            "uq_money_operation_one_closing",
            "payment_id",
            unique=True,
            sqlite_where=text("step IN ('capture', 'release') AND state <> 'refused'"),
            postgresql_where=text("step IN ('capture', 'release') AND state <> 'refused'"),
        ),
        Index("ix_money_operation_wanted", "state", "asked_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    payment_id: Mapped[UUID] = mapped_column(index=True)
    step: Mapped[str] = mapped_column(String(12))
    amount_fen: Mapped[int] = _fen()
    key: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(10))
    method: Mapped[str | None] = mapped_column(String(60))
    # Where the payer comes back to from a page of the bank's or of Alipay.
    return_url: Mapped[str | None] = mapped_column(String(200))
    provider_ref: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ProviderEvent(Base):
    """A provider's message that was taken: each once, however often it is sent. Only which object it is about."""

    __tablename__ = "money_provider_event"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    object_ref: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(index=True)


class FundRule(Base):
    """The committee's rule for the fund, each version a row; the latest holds."""

    __tablename__ = "money_fund_rule"
    __table_args__ = (
        UniqueConstraint("community_id", "version"),
        CheckConstraint("home_month_fen >= 0 AND payment_fen >= 0", name="limits"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    version: Mapped[int]
    is_open: Mapped[bool]
    traits: Mapped[list[Any]]
    home_month_fen: Mapped[int] = _fen()
    payment_fen: Mapped[int] = _fen()
    author_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]


class FundMonth(Base):
    """What the fund has paid for a home in a month; the database refuses more than the rule allowed."""

    __tablename__ = "money_fund_month"
    __table_args__ = (
        UniqueConstraint("community_id", "home_id", "month", "currency"),
        tenant_ref("home_id", "places_home"),
        CheckConstraint("used_fen >= 0 AND used_fen <= most_fen", name="within_the_rule"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    currency: Mapped[str] = mapped_column(String(3))
    used_fen: Mapped[int] = _fen(0)
    most_fen: Mapped[int] = _fen()


class Reconciliation(Base):
    """One comparison of our books with themselves and with the provider's list."""

    __tablename__ = "money_reconciliation"
    __table_args__ = (UniqueConstraint("community_id", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    at: Mapped[datetime]
    compared: Mapped[int]
    # None: no provider is on. False: it did not answer.
    has_provider_answered: Mapped[bool | None]
    # What of ours and of theirs differs: {"kind", "payment_id", "ours_fen", "theirs_fen"}.
    differences: Mapped[list[Any]]


append_only(Transfer)
