"""What money's endpoints take and give. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from server.kit.http import Instant, Schema
from server.modules.money.rules.books import Source, TransferKind
from server.modules.money.rules.payments import PaymentState

MOST_FEN = 100_000_000
Fen = Annotated[int, Field(ge=1, le=MOST_FEN)]
# A means of payment as the provider names it ("pm_…"); never a card's number.
Method = Annotated[str, StringConstraints(pattern=r"^pm_[A-Za-z0-9_]{1,56}$")]


class AmountIn(Schema):
    amount_fen: Fen


class CaptureIn(Schema):
    """What was really dropped; nothing releases all of it."""

    amount_fen: int = Field(ge=0, le=MOST_FEN)


class TransferOut(Schema):
    kind: TransferKind
    amount_fen: int
    at: Instant


class PaymentOut(Schema):
    """A payment with its transfers: together its receipt. ``busy_fen``: asked for, and not answered yet."""

    id: UUID
    order_ref: UUID
    payee_id: UUID | None
    payee_label: str | None
    source: Source
    currency: str
    state: PaymentState
    why: str | None
    asked_fen: int
    authorised_fen: int
    captured_fen: int
    released_fen: int
    refunded_fen: int
    paid_out_fen: int
    held_fen: int
    disputed_fen: int
    busy_fen: int
    asked_at: Instant
    transfers: list[TransferOut]


class PaymentsOut(Schema):
    items: list[PaymentOut]
    next: str | None


class NextOut(Schema):
    """Where the payer has to go to agree; None: nothing is to be done."""

    next_url: str | None


class WalletOut(Schema):
    """``cards_off``: why nothing can be paid by card, Alipay or WeChat Pay; None where it can."""

    balance_fen: int
    cards_off: str | None


class VouchersIn(Schema):
    person_id: UUID
    amount_fen: Fen


class PayeeIn(Schema):
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class PayeeOut(Schema):
    id: UUID
    label: str
    provider_account: str | None


class FundOut(Schema):
    balance_fen: int
    given_fen: int
    gifts: int
    paid_fen: int
    month: str
    paid_this_month_fen: int
    homes_this_month: int
    is_open: bool


class GiftIn(Schema):
    amount_fen: Fen
    source: Literal[Source.WALLET, Source.CARD, Source.ALIPAY, Source.WECHAT_PAY]
    method: Method | None = None


class FundRuleIn(Schema):
    """Homes where somebody has one of these traits; none named: every home."""

    is_open: bool
    traits: list[Literal["elder", "alone", "disabled", "pregnant", "chronic", "under14"]] = Field(
        default_factory=list, max_length=6
    )
    home_month_fen: int = Field(ge=0, le=MOST_FEN)
    payment_fen: int = Field(ge=0, le=MOST_FEN)


class FundRuleOut(FundRuleIn):
    pass


class MonthQuery(Schema):
    month: str = Field(min_length=7, max_length=7)


class StatementLineOut(Schema):
    at: Instant
    order_ref: UUID
    kind: TransferKind
    amount_fen: int
    currency: str


class StatementOut(Schema):
    payee_id: UUID
    label: str
    month: str
    total_fen: int
    lines: list[StatementLineOut]


class DifferenceOut(Schema):
    """``kind``: which figure or object; ``payment_id``: what it is about, a payment nearly always."""

    kind: str
    payment_id: str
    ours_fen: int
    theirs_fen: int


class SumOut(Schema):
    kind: str
    amount_fen: int


class BooksOut(Schema):
    """All accounts by kind, together zero; what has moved, by kind of transfer; and what differs from its transfers."""

    balances: list[SumOut]
    moved: list[SumOut]
    differences: list[DifferenceOut]


class ReconciliationOut(Schema):
    """``has_provider_answered``: None where no provider is on."""

    at: Instant
    compared: int
    has_provider_answered: bool | None
    differences: list[DifferenceOut]
