"""The embedded default: vouchers and the community fund. Our own ledger is the provider; nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from server.kit.ports.payments.port import Authorisation, ForgedEvent, Intent, NotTaken, ProviderMessage


@dataclass(frozen=True)
class Vouchers:
    """Takes whatever the ledger allows: the reference is made of the key, so that asking twice gives one answer."""

    name: str = "vouchers"
    is_local: bool = True

    def why_off(self) -> str | None:
        return None

    def authorise(self, wanted: Authorisation, *, key: str) -> str:
        return self._taken(wanted.amount_fen, key)

    def capture(self, ref: str, amount_fen: int, *, key: str) -> str:
        return self._taken(amount_fen, key)

    def release(self, ref: str, *, key: str) -> str:
        return self._taken(1, key)

    def refund(self, ref: str, amount_fen: int, *, key: str) -> str:
        return self._taken(amount_fen, key)

    def pay_out(self, ref: str, account: str | None, amount_fen: int, *, key: str) -> str:
        return self._taken(amount_fen, key)

    def reverse(self, transfer_ref: str, amount_fen: int, *, key: str) -> str:
        return self._taken(amount_fen, key)

    def look_up(self, ref: str) -> Intent | None:
        return None

    def listed(self, since: datetime) -> Iterator[Intent]:
        return iter(())

    def open_message(self, payload: bytes, signature: str) -> ProviderMessage:
        # Nobody outside has anything to tell: whatever comes is forged.
        raise ForgedEvent

    def payment_of(self, object_ref: str) -> str | None:
        return None

    def make_account(self, label: str, *, key: str) -> str:
        raise NotTaken("no_account")

    def onboarding_url(self, account: str, return_url: str) -> str:
        raise NotTaken("no_account")

    def _taken(self, amount_fen: int, key: str) -> str:
        if amount_fen <= 0:
            raise NotTaken("amount")
        return f"voucher_{key}"
