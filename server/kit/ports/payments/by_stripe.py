"""Stripe: PaymentIntents with manual capture, refunds, disputes, Connect transfers after the drop, signed messages.

Cards are authorised and captured later. Alipay and WeChat Pay know no authorisation at Stripe: they are captured when
the payer agrees. Every effect of ours carries the operation that asked for it: whatever Stripe shows later finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import stripe

from server.kit.errors import OutsideFailed
from server.kit.ports.payments.port import (
    Authorisation,
    Declined,
    Effect,
    ForgedEvent,
    Intent,
    NotTaken,
    ProviderMessage,
)

# Older signatures are refused: whoever recorded a message cannot send it again tomorrow.
SIGNATURE_LIVES_S = 300
TIMEOUT_S = 20
PAGE = 100
KEY_IN_USE = "idempotency_key_in_use"
AGREED_ELSEWHERE = ("alipay", "wechat_pay")
_REFUND: dict[str | None, Literal["pending", "done", "failed"]] = {
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}
_DISPUTE: dict[str, Literal["open", "won", "lost"]] = {
    "won": "won",
    "lost": "lost",
    # An enquiry takes no money, and neither does one that was withdrawn.
    "warning_closed": "won",
    "warning_needs_response": "won",
    "warning_under_review": "won",
    "prevented": "won",
}


@dataclass
class StripePayments:
    """``key`` None: it is off, and says so. ``api``: another address than Stripe's own (the fake server's)."""

    key: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    api: str | None = None
    retries: int = 2
    name: str = "stripe"
    is_local: bool = False

    def __post_init__(self) -> None:
        self._client: stripe.StripeClient | None = None
        if self.key:
            addresses: Any = {"api": self.api} if self.api else {}
            self._client = stripe.StripeClient(
                self.key,
                base_addresses=addresses,
                max_network_retries=self.retries,
                http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
            )

    def why_off(self) -> str | None:
        """Return which variable of the environment is missing, or None if it is on."""
        if not self.key:
            return "LINLI_STRIPE_KEY"
        return None if self.webhook_secret else "LINLI_STRIPE_WEBHOOK_SECRET"

    def authorise(self, wanted: Authorisation, *, key: str) -> str:
        params: dict[str, Any] = {
            "amount": wanted.amount_fen,
            "currency": wanted.currency,
            "payment_method_types": [wanted.means],
            "capture_method": "automatic" if wanted.is_captured_at_once else "manual",
            "metadata": {"payment_id": wanted.payment_id, "community_id": wanted.community_id},
            "transfer_group": wanted.payment_id,
        }
        if wanted.method is not None:
            params |= {"payment_method": wanted.method, "confirm": True}
        elif wanted.means in AGREED_ELSEWHERE:
            # There is no card to name: the payer is led to a page of Alipay's, or to the code to scan.
            params |= {"payment_method_data": {"type": wanted.means}, "confirm": True}
        if wanted.means == "wechat_pay":
            params["payment_method_options"] = {"wechat_pay": {"client": "web"}}
        if wanted.return_url is not None and "confirm" in params:
            params["return_url"] = wanted.return_url
        try:
            with _answers():
                return str(self._intents.create(params, {"idempotency_key": key}).id)
        except Declined as declined:
            # The payer could still confirm it in the browser, and we would hold what nobody asked for any more.
            cause = declined.__cause__
            left = getattr(getattr(cause, "error", None), "payment_intent", None)
            if left is not None:
                with suppress(OutsideFailed, NotTaken):
                    self.release(left.id, key=f"{key}-declined")
            raise

    def capture(self, ref: str, amount_fen: int, *, key: str) -> str:
        with _answers():
            self._intents.capture(ref, {"amount_to_capture": amount_fen}, {"idempotency_key": key})
        return ref

    def release(self, ref: str, *, key: str) -> str:
        with _answers():
            self._intents.cancel(ref, {}, {"idempotency_key": key})
        return ref

    def refund(self, ref: str, amount_fen: int, *, key: str) -> str:
        with _answers():
            made = self._on.v1.refunds.create(
                {"payment_intent": ref, "amount": amount_fen, "metadata": {"operation_id": key}},
                {"idempotency_key": key},
            )
        return made.id

    def pay_out(self, ref: str, account: str | None, amount_fen: int, *, key: str) -> str:
        if account is None:
            raise NotTaken("no_account")
        with _answers():
            intent = self._intents.retrieve(ref)
            made = self._on.v1.transfers.create(
                {
                    "amount": amount_fen,
                    "currency": intent.currency,
                    "destination": account,
                    # Out of this very charge: it may not have settled yet.
                    "source_transaction": _id(intent.latest_charge),
                    "metadata": {"operation_id": key},
                },
                {"idempotency_key": key},
            )
        return made.id

    def reverse(self, transfer_ref: str, amount_fen: int, *, key: str) -> str:
        with _answers():
            made = self._on.v1.transfers.reversals.create(
                transfer_ref,
                {"amount": amount_fen, "metadata": {"operation_id": key}},
                {"idempotency_key": key},
            )
        return made.id

    def look_up(self, ref: str) -> Intent | None:
        with _answers():
            return self._seen(self._intents.retrieve(ref))

    def listed(self, since: datetime) -> Iterator[Intent]:
        with _answers():
            found = self._intents.list({"created": {"gte": int(since.timestamp())}, "limit": PAGE})
            for intent in found.auto_paging_iter():
                yield self._seen(intent)

    def open_message(self, payload: bytes, signature: str) -> ProviderMessage:
        try:
            message = self._on.construct_event(
                payload, signature, self.webhook_secret, tolerance=SIGNATURE_LIVES_S
            )
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise ForgedEvent from error
        about: Any = message.data.object
        ref = _of(about, "id" if _of(about, "object") == "payment_intent" else "payment_intent")
        return ProviderMessage(message.id, message.type, ref or "")

    def payment_of(self, object_ref: str) -> str | None:
        with _answers():
            return _of(self._intents.retrieve(object_ref).metadata, "payment_id")

    def make_account(self, label: str, *, key: str) -> str:
        """Make a merchant's account at Connect; it is paid once its owner has told Stripe who he is."""
        with _answers():
            made = self._on.v1.accounts.create(
                {"type": "express", "business_profile": {"name": label}}, {"idempotency_key": key}
            )
        return made.id

    def onboarding_url(self, account: str, return_url: str) -> str:
        """Return where the merchant tells Stripe who he is; it holds for some minutes."""
        with _answers():
            made = self._on.v1.account_links.create(
                {
                    "account": account,
                    "refresh_url": return_url,
                    "return_url": return_url,
                    "type": "account_onboarding",
                }
            )
        return made.url

    @property
    def _on(self) -> stripe.StripeClient:
        if self._client is None:
            raise OutsideFailed("payments: LINLI_STRIPE_KEY is not set")
        return self._client

    @property
    def _intents(self) -> Any:
        # Its parameters are written as plain dicts; the types of the package would have every one named twice.
        return self._on.v1.payment_intents

    def _seen(self, intent: stripe.PaymentIntent) -> Intent:
        payment_id = _of(intent.metadata, "payment_id")
        client = self._on.v1
        refunds = client.refunds.list({"payment_intent": intent.id, "limit": PAGE}).auto_paging_iter()
        disputes = client.disputes.list({"payment_intent": intent.id, "limit": PAGE}).auto_paging_iter()
        transfers = (
            list(client.transfers.list({"transfer_group": payment_id, "limit": PAGE}).auto_paging_iter())
            if payment_id
            else []
        )
        return Intent(
            ref=intent.id,
            payment_id=payment_id,
            community_id=_of(intent.metadata, "community_id"),
            state=_state(intent),
            currency=intent.currency,
            authorised_fen=intent.amount if intent.status in ("requires_capture", "succeeded") else 0,
            captured_fen=intent.amount_received or 0,
            refunds=tuple(
                Effect(one.id, one.amount, _REFUND.get(one.status, "pending"), _operation(one))
                for one in refunds
            ),
            disputes=tuple(Effect(one.id, one.amount, _DISPUTE.get(one.status, "open")) for one in disputes),
            transfers=tuple(Effect(one.id, one.amount, "done", _operation(one)) for one in transfers),
            reversals=tuple(
                Effect(one.id, one.amount, "done", _operation(one))
                for transfer in transfers
                for one in client.transfers.reversals.list(transfer.id, {"limit": PAGE}).auto_paging_iter()
            ),
            next_url=_next_url(intent),
            client_secret=intent.client_secret,
        )


@contextmanager
def _answers() -> Iterator[None]:
    """Say in our words what Stripe's errors mean: a no of the bank, a no of Stripe, or nothing that can be known."""
    try:
        yield
    except stripe.CardError as error:
        raise Declined(error.code or "declined") from error
    except stripe.IdempotencyError as error:
        if error.code == KEY_IN_USE:
            raise OutsideFailed("payments: the same request is under way") from error
        raise NotTaken("idempotency") from error
    except stripe.InvalidRequestError as error:
        raise NotTaken(error.code or "invalid_request") from error
    except stripe.StripeError as error:
        raise OutsideFailed(f"payments: {type(error).__name__}") from error


def _state(
    intent: stripe.PaymentIntent,
) -> Literal["asked", "declined", "authorised", "captured", "released"]:
    match intent.status:
        case "requires_capture":
            return "authorised"
        case "succeeded":
            return "captured"
        case "canceled":
            return "released"
        case "requires_payment_method" if intent.last_payment_error is not None:
            return "declined"
    return "asked"


def _next_url(intent: stripe.PaymentIntent) -> str | None:
    action: Any = intent.next_action
    if action is None:
        return None
    for name, url in (
        ("redirect_to_url", "url"),
        ("alipay_handle_redirect", "url"),
        ("wechat_pay_display_qr_code", "hosted_instructions_url"),
    ):
        if getattr(action, name, None) is not None:
            return str(action[name][url])
    return None


def _operation(made: Any) -> str | None:
    return _of(made.metadata, "operation_id")


def _of(made: Any, name: str) -> str | None:
    value = getattr(made, name, None)
    return str(value) if value else None


def _id(expandable: Any) -> str:
    return expandable if isinstance(expandable, str) else str(expandable.id)
