"""The fake's messages: signed as Stripe signs them, sent until they are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import requests

TIMEOUT_S = 10
# Stripe tries for three days; so much patience has no test.
RETRY_AFTER_S = (0.2, 0.5, 1, 2, 5, 10, 30, 60)


def sign(payload: bytes, secret: str, *, at: int | None = None) -> str:
    """Return the header Stripe-Signature of a payload that is sent at that second (default: now)."""
    at = int(time.time()) if at is None else at
    signed = f"{at}.".encode() + payload
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Messenger:
    """Sends what waits, oldest first, from a thread of its own. A message that is not taken does not hold up the next.

    ``waiting()`` returns the events that are not delivered; ``saved()`` is called whenever one was sent.
    """

    def __init__(
        self, url: str, secret: str, waiting: Callable[[], list[dict[str, Any]]], saved: Callable[[], None]
    ) -> None:
        self.url, self.secret = url, secret
        self._waiting, self._saved = waiting, saved
        self._next_try: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=TIMEOUT_S)

    def send_waiting(self) -> int:
        """Send whatever is due; return how many were taken."""
        taken = 0
        for one in self._waiting():
            event_id = one["event"]["id"]
            if time.monotonic() < self._next_try.get(event_id, 0):
                continue
            one["is_delivered"] = self._send(one["event"])
            one["tries"] += 1
            if one["is_delivered"]:
                taken += 1
            else:
                pause = RETRY_AFTER_S[min(one["tries"], len(RETRY_AFTER_S)) - 1]
                self._next_try[event_id] = time.monotonic() + pause
            self._saved()
        return taken

    def _send(self, event: dict[str, Any]) -> bool:
        payload = json.dumps(event).encode()
        headers = {"Content-Type": "application/json", "Stripe-Signature": sign(payload, self.secret)}
        try:
            answer = requests.post(self.url, data=payload, headers=headers, timeout=TIMEOUT_S)
        except requests.RequestException:
            return False
        return answer.ok

    def _run(self) -> None:
        while not self._over.wait(0.1):
            self.send_waiting()
