"""The fake's objects and what may be done to them; nothing here knows HTTP."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Object = dict[str, Any]
# What Stripe's test cards do. Any other "pm_card_…" is a good one.
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
}
SECOND_STEP = "pm_card_authenticationRequired"
DISPUTED = "pm_card_createDispute"
AGREED_ELSEWHERE = ("alipay", "wechat_pay")


class Refusal(Exception):
    """An error as Stripe writes it: HTTP status, type, code, message, and more fields of the error."""

    def __init__(self, status: int, kind: str, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message, **more}


class FakeBooks:
    """All objects by id, in the order in which they were made. ``file``: where they outlive the process."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.objects: dict[str, Object] = {}
        self.answers: dict[str, Any] = {}
        self.events: list[Object] = []
        if file is not None and file.exists():
            kept = json.loads(file.read_text(encoding="utf-8"))
            self.objects, self.answers, self.events = kept["objects"], kept["answers"], kept["events"]

    def save(self) -> None:
        """Write everything in one step: after a kill there is the state before a request or the one after it."""
        if self.file is None:
            return
        beside = self.file.with_suffix(".new")
        kept = {"objects": self.objects, "answers": self.answers, "events": self.events}
        with beside.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.file)

    # Payments

    def create_intent(self, params: Mapping[str, Any]) -> Object:
        amount = _amount(params)
        means = list(_listed(params.get("payment_method_types"))) or ["card"]
        manual = params.get("capture_method") == "manual"
        if manual and set(means) & set(AGREED_ELSEWHERE):
            raise _bad("payment_intent_invalid_parameter", f"{means[0]} does not support manual capture")
        intent = self._make(
            "pi",
            "payment_intent",
            amount=amount,
            amount_capturable=0,
            amount_received=0,
            currency=str(params.get("currency", "")).lower(),
            capture_method=params.get("capture_method", "automatic"),
            payment_method_types=means,
            payment_method=None,
            metadata=dict(params.get("metadata") or {}),
            transfer_group=params.get("transfer_group"),
            status="requires_payment_method",
            latest_charge=None,
            last_payment_error=None,
            next_action=None,
        )
        intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
        if params.get("confirm") == "true":
            self.confirm(intent["id"], params)
        return intent

    def confirm(self, ref: str, params: Mapping[str, Any]) -> Object:
        intent = self.get(ref, "payment_intent")
        if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise _unexpected(intent, "confirmed")
        made = (params.get("payment_method_data") or {}).get("type")
        method = params.get("payment_method") or (f"pm_{made}" if made else intent["payment_method"])
        if not method:
            raise _bad("parameter_missing", "a payment method is needed")
        intent["payment_method"] = method
        if method in DECLINES:
            self._decline(intent, *DECLINES[method])
        elsewhere = set(intent["payment_method_types"]) & set(AGREED_ELSEWHERE)
        if elsewhere and not params.get("return_url"):
            raise _bad("parameter_missing", "a payer who leaves the page needs a return_url")
        if method == SECOND_STEP or elsewhere:
            name = next(iter(elsewhere), None)
            kind = {"alipay": "alipay_handle_redirect", "wechat_pay": "wechat_pay_display_qr_code"}
            action = kind.get(name or "", "redirect_to_url")
            url = f"https://payer.invalid/{intent['id']}"
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": action, action: {"url": url, "hosted_instructions_url": url}}
            self._tell("payment_intent.requires_action", intent)
            return intent
        self._succeed(intent)
        return intent

    def agree(self, ref: str, *, agrees: bool = True) -> Object:
        """The payer takes the second step, or does not."""
        intent = self.get(ref, "payment_intent")
        if intent["status"] != "requires_action":
            raise _unexpected(intent, "agreed to")
        intent["next_action"] = None
        if agrees:
            self._succeed(intent)
        else:
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {
                "type": "card_error",
                "code": "payment_intent_authentication_failure",
                "message": "The payer did not agree.",
            }
            self._tell("payment_intent.payment_failed", intent)
        return intent

    def capture(self, ref: str, params: Mapping[str, Any]) -> Object:
        intent = self.get(ref, "payment_intent")
        if intent["status"] != "requires_capture":
            raise _unexpected(intent, "captured")
        amount = int(params.get("amount_to_capture") or intent["amount_capturable"])
        if not 0 < amount <= intent["amount_capturable"]:
            raise _bad("amount_too_large", "more than was authorised")
        self._captured(intent, amount)
        return intent

    def cancel(self, ref: str) -> Object:
        intent = self.get(ref, "payment_intent")
        if intent["status"] in ("succeeded", "canceled"):
            raise _unexpected(intent, "canceled")
        intent |= {"status": "canceled", "amount_capturable": 0, "next_action": None}
        self._tell("payment_intent.canceled", intent)
        return intent

    # After the capture

    def refund(self, params: Mapping[str, Any]) -> Object:
        intent = self.get(str(params.get("payment_intent")), "payment_intent")
        charge = self._charge(intent)
        amount = int(params.get("amount") or charge["amount_captured"] - charge["amount_refunded"])
        if not 0 < amount <= charge["amount_captured"] - charge["amount_refunded"] - self._disputed(intent):
            raise _bad("charge_already_refunded", "more than is left of the charge")
        charge["amount_refunded"] += amount
        refund = self._make(
            "re",
            "refund",
            amount=amount,
            currency=intent["currency"],
            payment_intent=intent["id"],
            charge=charge["id"],
            metadata=dict(params.get("metadata") or {}),
            status="succeeded",
        )
        self._tell("refund.created", refund)
        self._tell("charge.refunded", charge)
        return refund

    def fail_refund(self, ref: str) -> Object:
        """The payer's bank sends a refund back, days later."""
        refund = self.get(ref, "refund")
        if refund["status"] != "failed":
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            self.objects[refund["charge"]]["amount_refunded"] -= refund["amount"]
            self._tell("refund.failed", refund)
        return refund

    def open_dispute(self, ref: str, amount: int | None = None) -> Object:
        """The payer's bank takes a charge back, or a part of it, until it is decided."""
        intent = self.get(ref, "payment_intent")
        charge = self._charge(intent)
        left = charge["amount_captured"] - charge["amount_refunded"] - self._disputed(intent)
        if not 0 < (amount or left) <= left:
            raise _bad("charge_disputed", "nothing is left to dispute")
        dispute = self._make(
            "dp",
            "dispute",
            amount=amount or left,
            currency=intent["currency"],
            payment_intent=ref,
            charge=charge["id"],
            reason="product_not_received",
            status="needs_response",
        )
        self._tell("charge.dispute.created", dispute)
        return dispute

    def close_dispute(self, ref: str, status: str = "lost") -> Object:
        dispute = self.get(ref, "dispute")
        if dispute["status"] in ("won", "lost") or status not in ("won", "lost"):
            raise _bad("dispute_closed", "decided already")
        dispute["status"] = status
        self._tell("charge.dispute.closed", dispute)
        return dispute

    # Connect

    def create_account(self, params: Mapping[str, Any]) -> Object:
        return self._make(
            "acct",
            "account",
            type=params.get("type"),
            business_profile=dict(params.get("business_profile") or {}),
            charges_enabled=True,
            payouts_enabled=True,
            spent=0,
        )

    def account_link(self, params: Mapping[str, Any]) -> Object:
        account = self.get(str(params.get("account")), "account")
        now = int(time.time())
        url = f"https://connect.invalid/{account['id']}/{secrets.token_hex(8)}"
        return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}

    def transfer(self, params: Mapping[str, Any]) -> Object:
        amount = _amount(params)
        destination = self.get(str(params.get("destination")), "account")
        charge = self.get(str(params.get("source_transaction")), "charge")
        gone = sum(one["amount"] for one in self._of("transfer", source_transaction=charge["id"]))
        if gone + amount > charge["amount_captured"]:
            raise _bad("transfer_source_balance_parameters_mismatch", "more than the charge has")
        made = self._make(
            "tr",
            "transfer",
            amount=amount,
            amount_reversed=0,
            currency=params.get("currency"),
            destination=destination["id"],
            source_transaction=charge["id"],
            # As at Stripe: the group of the charge that it is paid from.
            transfer_group=charge["transfer_group"],
            metadata=dict(params.get("metadata") or {}),
            reversed=False,
        )
        self._tell("transfer.created", made)
        return made

    def reverse(self, ref: str, params: Mapping[str, Any]) -> Object:
        transfer = self.get(ref, "transfer")
        amount = int(params.get("amount") or transfer["amount"] - transfer["amount_reversed"])
        if not 0 < amount <= transfer["amount"] - transfer["amount_reversed"]:
            raise _bad("transfer_reversal_too_large", "more than is left of the transfer")
        if amount > self.balance_of(transfer["destination"]):
            raise _bad("balance_insufficient", "the account has not got it any more")
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount"] == transfer["amount_reversed"]
        made = self._make(
            "trr",
            "transfer_reversal",
            amount=amount,
            currency=transfer["currency"],
            transfer=ref,
            metadata=dict(params.get("metadata") or {}),
        )
        self._tell("transfer.reversed", transfer)
        return made

    def balance_of(self, account: str) -> int:
        """Return what an account of Connect has and has not taken to its bank."""
        transfers = self._of("transfer", destination=account)
        came = sum(one["amount"] - one["amount_reversed"] for one in transfers)
        return int(came - self.get(account, "account")["spent"])

    # Reading

    def get(self, ref: str, kind: str) -> Object:
        found = self.objects.get(ref)
        if found is None or found["object"] != kind:
            raise Refusal(404, "invalid_request_error", "resource_missing", f"no such {kind}: {ref}")
        return found

    def listed(self, kind: str, params: Mapping[str, Any], **only: str) -> Object:
        """Return a page, newest first, as Stripe does: ``starting_after``, ``limit``, ``created[gte]``."""
        filters = {
            name: params[name] for name in ("payment_intent", "transfer_group", "charge") if name in params
        }
        since = int((params.get("created") or {}).get("gte", 0))
        found = [one for one in self._of(kind, **filters, **only) if one["created"] >= since]
        found.reverse()
        after = params.get("starting_after")
        if after is not None:
            ids = [one["id"] for one in found]
            found = found[ids.index(after) + 1 :] if after in ids else []
        limit = int(params.get("limit", 10))
        return {
            "object": "list",
            "data": found[:limit],
            "has_more": len(found) > limit,
            "url": f"/v1/{kind}s",
        }

    def _of(self, kind: str, **only: Any) -> list[Object]:
        return [
            one
            for one in self.objects.values()
            if one["object"] == kind and all(one.get(name) == value for name, value in only.items())
        ]

    def _make(self, prefix: str, kind: str, **fields: Any) -> Object:
        ref = f"{prefix}_{secrets.token_hex(12)}"
        made = {"id": ref, "object": kind, "created": int(time.time()), "livemode": False, **fields}
        self.objects[ref] = made
        return made

    def _tell(self, kind: str, about: Object) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "api_version": None,
            "pending_webhooks": 1,
            "request": None,
            "data": {"object": json.loads(json.dumps(about))},
        }
        self.events.append({"event": event, "is_delivered": False, "tries": 0})

    def _succeed(self, intent: Object) -> None:
        charge = self._make(
            "ch",
            "charge",
            amount=intent["amount"],
            amount_captured=0,
            amount_refunded=0,
            currency=intent["currency"],
            payment_intent=intent["id"],
            transfer_group=intent["transfer_group"],
            status="succeeded",
        )
        intent |= {"latest_charge": charge["id"], "last_payment_error": None, "next_action": None}
        if intent["capture_method"] == "manual":
            intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
            self._tell("payment_intent.amount_capturable_updated", intent)
        else:
            self._captured(intent, intent["amount"])

    def _captured(self, intent: Object, amount: int) -> None:
        intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
        self.objects[intent["latest_charge"]]["amount_captured"] = amount
        self._tell("payment_intent.succeeded", intent)
        if intent["payment_method"] == DISPUTED:
            self.open_dispute(intent["id"])

    def _decline(self, intent: Object, code: str, decline_code: str) -> None:
        error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "Declined."}
        intent["last_payment_error"] = error
        self._tell("payment_intent.payment_failed", intent)
        raise Refusal(
            402, "card_error", code, "Declined.", decline_code=decline_code, payment_intent=dict(intent)
        )

    def _charge(self, intent: Object) -> Object:
        if intent["status"] != "succeeded":
            raise _unexpected(intent, "refunded")
        return self.objects[intent["latest_charge"]]

    def _disputed(self, intent: Object) -> int:
        return sum(
            int(one["amount"])
            for one in self._of("dispute", payment_intent=intent["id"])
            if one["status"] != "won"
        )


def _amount(params: Mapping[str, Any]) -> int:
    amount = int(params.get("amount") or 0)
    if amount <= 0:
        raise _bad("parameter_invalid_integer", "an amount is more than nothing")
    return amount


def _bad(code: str, message: str) -> Refusal:
    return Refusal(400, "invalid_request_error", code, message)


def _unexpected(intent: Object, done: str) -> Refusal:
    message = f"This PaymentIntent is {intent['status']}: it cannot be {done}."
    code = "payment_intent_unexpected_state"
    return Refusal(400, "invalid_request_error", code, message, payment_intent=dict(intent))


def _listed(value: Any) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else list(value or [])
