"""The SMS port: a phone number and a short text go out; nothing comes back."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import requests

from server.kit.errors import OutsideFailed
from server.kit.settings import Settings, UnsafeSettings

TIMEOUT_S = 10


class Sms(Protocol):
    """Sends a text. Raises OutsideFailed if the provider did not take it."""

    def send(self, phone: str, text: str) -> None: ...


@dataclass(frozen=True)
class FileSms:
    """Writes each message as a line of JSON to a file that only its owner can read: one machine, no provider."""

    path: Path

    def send(self, phone: str, text: str) -> None:
        line = json.dumps({"phone": phone, "text": text}, ensure_ascii=False) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(line)


@dataclass(frozen=True)
class HttpSms:
    """Posts {"phone", "text", "at"} as JSON to a provider's gateway.

    The body is signed: header X-Signature = hex HMAC-SHA256 of the body under the shared secret.
    """

    url: str
    secret: str = field(repr=False)

    def send(self, phone: str, text: str) -> None:
        body = json.dumps({"phone": phone, "text": text, "at": int(time.time())}).encode()
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        try:
            answer = requests.post(
                self.url,
                data=body,
                headers={"Content-Type": "application/json", "X-Signature": signature},
                timeout=TIMEOUT_S,
            )
        except requests.RequestException as error:
            raise OutsideFailed(f"SMS provider: {type(error).__name__}") from error
        if answer.status_code >= 300:
            raise OutsideFailed(f"SMS provider answered {answer.status_code}")


@dataclass
class RecordingSms:
    """Keeps what it was given; for tests."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, phone: str, text: str) -> None:
        self.sent.append((phone, text))


def make_sms(settings: Settings) -> Sms:
    """Return the adapter that LINLI_SMS names: "file", or "https://…" with LINLI_SMS_SECRET in the environment."""
    if settings.sms == "file":
        return FileSms(settings.home / "sms.jsonl")
    if settings.sms.startswith("https://"):
        secret = os.environ.get("LINLI_SMS_SECRET", "")
        if len(secret) < 16:
            raise UnsafeSettings(
                "LINLI_SMS_SECRET is missing or short: the gateway could not tell us from others"
            )
        return HttpSms(settings.sms, secret)
    raise UnsafeSettings(f"LINLI_SMS={settings.sms}: use “file” or an https:// address")
