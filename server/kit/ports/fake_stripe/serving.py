"""The fake behind HTTP: Stripe's paths and forms, idempotency keys, and faults on demand."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from server.kit.ports.fake_stripe.books import FakeBooks, Refusal
from server.kit.ports.fake_stripe.messages import Messenger

Params = dict[str, Any]
Action = Callable[[FakeBooks, str, Params], Any]
# Our own, for tests and for people at a terminal: what payers, banks and shops do.
CONTROLS = "/_fake/"
ROUTES: list[tuple[str, str, Action]] = [
    ("POST", "/v1/payment_intents", lambda b, _, p: b.create_intent(p)),
    ("GET", "/v1/payment_intents", lambda b, _, p: b.listed("payment_intent", p)),
    ("GET", "/v1/payment_intents/(pi_[^/]+)", lambda b, ref, _: b.get(ref, "payment_intent")),
    ("POST", "/v1/payment_intents/(pi_[^/]+)/confirm", lambda b, ref, p: b.confirm(ref, p)),
    ("POST", "/v1/payment_intents/(pi_[^/]+)/capture", lambda b, ref, p: b.capture(ref, p)),
    ("POST", "/v1/payment_intents/(pi_[^/]+)/cancel", lambda b, ref, _: b.cancel(ref)),
    ("POST", "/v1/refunds", lambda b, _, p: b.refund(p)),
    ("GET", "/v1/refunds", lambda b, _, p: b.listed("refund", p)),
    ("GET", "/v1/disputes", lambda b, _, p: b.listed("dispute", p)),
    ("POST", "/v1/disputes/(dp_[^/]+)/close", lambda b, ref, _: b.close_dispute(ref)),
    ("POST", "/v1/accounts", lambda b, _, p: b.create_account(p)),
    ("GET", "/v1/accounts/(acct_[^/]+)", lambda b, ref, _: b.get(ref, "account")),
    ("POST", "/v1/account_links", lambda b, _, p: b.account_link(p)),
    ("POST", "/v1/transfers", lambda b, _, p: b.transfer(p)),
    ("GET", "/v1/transfers", lambda b, _, p: b.listed("transfer", p)),
    ("POST", "/v1/transfers/(tr_[^/]+)/reversals", lambda b, ref, p: b.reverse(ref, p)),
    (
        "GET",
        "/v1/transfers/(tr_[^/]+)/reversals",
        lambda b, ref, p: b.listed("transfer_reversal", p, transfer=ref),
    ),
    ("POST", "/_fake/agree/(pi_[^/]+)", lambda b, ref, p: b.agree(ref, agrees=p.get("agrees") != "false")),
    ("POST", "/_fake/dispute/(pi_[^/]+)", lambda b, ref, p: b.open_dispute(ref, _whole(p, "amount"))),
    ("POST", "/_fake/decide/(dp_[^/]+)", lambda b, ref, p: b.close_dispute(ref, p.get("status", "lost"))),
    ("POST", "/_fake/fail/(re_[^/]+)", lambda b, ref, _: b.fail_refund(ref)),
    ("GET", "/_fake/events", lambda b, _, p: b.events),
]


When = Literal["before", "after", "slow", "error"]


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests to a path.

    ``before``: the connection breaks before anything is done; ``after``: it is done, and nobody is told; ``slow``: it
    takes a while; ``error``: a 500. ``kills``: the whole process dies there, as by SIGKILL.
    """

    path: str
    when: When
    times: int = 1
    kills: bool = False
    method: str = "POST"


@dataclass
class FakeStripe:
    """The server. Without ``port`` the system chooses one; ``deliver_to``: where messages go, or nowhere."""

    key: str = "sk_test_fake"
    secret: str = "whsec_fake"
    file: Path | None = None
    port: int = 0
    deliver_to: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.books = FakeBooks(self.file)
        self.lock = threading.RLock()
        self.under_way: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.messenger = (
            Messenger(self.deliver_to, self.secret, self._waiting, self._saved) if self.deliver_to else None
        )

    def start(self) -> FakeStripe:
        """Serve from a thread, and send messages from another."""
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        if self.messenger is not None:
            self.messenger.start()
        return self

    def stop(self) -> None:
        if self.messenger is not None:
            self.messenger.stop()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, path: str, params: Params, key: str | None) -> tuple[int, Any, bool]:
        """Return status, body and whether it is an answer that was given before."""
        fingerprint = hashlib.sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()
        if key is not None:
            with self.lock:
                if key in self.under_way:
                    return _error(409, "idempotency_error", "idempotency_key_in_use", "under way")
                self.under_way.add(key)
        try:
            if fault := self.fault(method, path, "slow"):
                time.sleep(0.5 * fault.times + 0.5)
            with self.lock:
                return self._once(method, path, params, key, fingerprint)
        finally:
            if key is not None:
                with self.lock:
                    self.under_way.discard(key)

    def fault(self, method: str, path: str, when: str) -> Fault | None:
        """Return the fault that is due here, and count it."""
        with self.lock:
            for fault in self.faults:
                is_due = fault.times > 0 and fault.when == when and fault.method == method
                if is_due and re.fullmatch(fault.path, path):
                    fault.times -= 1
                    return fault
        return None

    def _once(
        self, method: str, path: str, params: Params, key: str | None, fingerprint: str
    ) -> tuple[int, Any, bool]:
        known = self.books.answers.get(key) if key else None
        if known is not None:
            if known["fingerprint"] != fingerprint:
                return _error(
                    400, "idempotency_error", "", "Keys for idempotent requests go with the same parameters."
                )
            return known["status"], known["body"], True
        status, body = self._do(method, path, params)
        # As at Stripe: an answer is kept with its effect; what was refused at the door may be asked again.
        if key is not None and method == "POST" and status in (200, 402):
            kept = {"fingerprint": fingerprint, "status": status, "body": json.loads(json.dumps(body))}
            self.books.answers[key] = kept
        if method == "POST":
            self.books.save()
        return status, body, False

    def _do(self, method: str, path: str, params: Params) -> tuple[int, Any]:
        for verb, pattern, act in ROUTES:
            matched = re.fullmatch(pattern, path)
            if verb == method and matched:
                try:
                    return 200, act(self.books, matched.group(1) if matched.groups() else "", params)
                except Refusal as refusal:
                    return refusal.status, {"error": refusal.error}
        return _error(404, "invalid_request_error", "url_invalid", f"unrecognized request: {method} {path}")[
            :2
        ]

    def _waiting(self) -> list[Any]:
        with self.lock:
            return [one for one in self.books.events if not one["is_delivered"]]

    def _saved(self) -> None:
        with self.lock:
            self.books.save()


def _handler(fake: FakeStripe) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            params = read_form(address.query if method == "GET" else body)
            fake.asked.append((method, address.path))
            if self._breaks(method, address.path, "before"):
                return
            if fake.fault(method, address.path, "error"):
                self._send(*_error(500, "api_error", "", "something is broken"))
                return
            is_ours = address.path.startswith(CONTROLS)
            if not is_ours and self.headers.get("Authorization") != f"Bearer {fake.key}":
                self._send(*_error(401, "invalid_request_error", "", "Invalid API Key provided"))
                return
            key = self.headers.get("Idempotency-Key") if method == "POST" else None
            answer = fake.answer(method, address.path, params, key)
            if not self._breaks(method, address.path, "after"):
                self._send(*answer)

        def _breaks(self, method: str, path: str, when: str) -> bool:
            fault = fake.fault(method, path, when)
            if fault is None:
                return False
            if fault.kills:
                os._exit(9)
            self.close_connection = True
            self.connection.close()
            return True

        def _send(self, status: int, body: Any, is_replay: bool) -> None:
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.send_header("Request-Id", f"req_{time.monotonic_ns()}")
            if is_replay:
                self.send_header("Idempotent-Replayed", "true")
            if status == 400 and "idempotency" in str(body.get("error", {}).get("type")):
                self.send_header("Stripe-Should-Retry", "false")
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: bodies may hold what is no log's business."""

    return Handler


def read_form(text: str) -> Params:
    """Read a form with brackets, "a[b]=1&c[0]=x", into nested dicts."""
    found: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *inner = re.findall(r"[^\[\]]+", name) or [name]
        place: Params = found
        for part, following in zip([first, *inner], [*inner, None], strict=False):
            if following is None:
                place[part] = value
            else:
                place = place.setdefault(part, {})
    return found


def _error(status: int, kind: str, code: str, message: str) -> tuple[int, Any, bool]:
    error = {"type": kind, "message": message} | ({"code": code} if code else {})
    return status, {"error": error}, False


def _whole(params: Mapping[str, Any], name: str) -> int | None:
    return int(params[name]) if params.get(name) else None
