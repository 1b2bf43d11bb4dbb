"""What every payment provider must do for us, and what we read of it. Amounts are whole fen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


class Declined(Exception):
    """The payer's bank or wallet says no; ``code`` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotTaken(Exception):
    """The provider refuses a request as it stands, and will go on refusing it; ``code`` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ForgedEvent(Exception):
    """A message that does not bear the provider's signature, or bears one that is too old."""


@dataclass(frozen=True)
class Authorisation:
    """What is asked for. ``means``: "card", "alipay" or "wechat_pay"; ``method``: the payer's, as the provider says."""

    payment_id: str
    community_id: str
    amount_fen: int
    currency: str
    means: str
    method: str | None
    is_captured_at_once: bool
    return_url: str | None = None


@dataclass(frozen=True)
class Effect:
    """A refund, dispute, transfer or reversal at the provider. ``operation_id``: ours that asked for it, if any."""

    ref: str
    amount_fen: int
    state: Literal["pending", "done", "failed", "open", "won", "lost"]
    operation_id: str | None = None


@dataclass(frozen=True)
class Intent:
    """A payment as the provider sees it now. ``next_url``: where the payer has to go to agree."""

    ref: str
    payment_id: str | None
    community_id: str | None
    state: Literal["asked", "declined", "authorised", "captured", "released"]
    currency: str
    authorised_fen: int
    captured_fen: int
    refunds: tuple[Effect, ...] = ()
    disputes: tuple[Effect, ...] = ()
    transfers: tuple[Effect, ...] = ()
    reversals: tuple[Effect, ...] = ()
    next_url: str | None = None
    client_secret: str | None = None


@dataclass(frozen=True)
class ProviderMessage:
    """A signed message: something has happened to this payment. Only that; the truth is read from the provider."""

    event_id: str
    kind: str
    object_ref: str


class Payments(Protocol):
    """A provider. ``key``: whatever is asked twice with one key happens once and gives the same answer.

    Each raises Declined, NotTaken, or OutsideFailed where it is not known what the provider did: ask again.
    """

    name: str
    # It keeps no books of its own: our ledger is all there is.
    is_local: bool

    def why_off(self) -> str | None: ...

    def authorise(self, wanted: Authorisation, *, key: str) -> str: ...

    def capture(self, ref: str, amount_fen: int, *, key: str) -> str: ...

    def release(self, ref: str, *, key: str) -> str: ...

    def refund(self, ref: str, amount_fen: int, *, key: str) -> str: ...

    def pay_out(self, ref: str, account: str | None, amount_fen: int, *, key: str) -> str: ...

    def reverse(self, transfer_ref: str, amount_fen: int, *, key: str) -> str: ...

    def look_up(self, ref: str) -> Intent | None: ...

    def listed(self, since: datetime) -> Iterator[Intent]: ...

    def open_message(self, payload: bytes, signature: str) -> ProviderMessage: ...

    def payment_of(self, object_ref: str) -> str | None: ...

    def make_account(self, label: str, *, key: str) -> str: ...

    def onboarding_url(self, account: str, return_url: str) -> str: ...
