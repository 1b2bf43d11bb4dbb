"""A browser or phone without its screen: a session with cookie, CSRF token and Idempotency-Keys."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from server.simulator.ledger import Ledger

TIMEOUT_S = 60
TRIES = 4
SAFE = frozenset({"GET", "HEAD"})


class Surprised(Exception):
    """The server answered what the person did not expect; it is in the ledger already."""


@dataclass(frozen=True)
class Answer:
    """``code``: the problem's stable code, empty for success. ``body``: JSON, or text if it is none."""

    status: int
    code: str
    body: Any


class Network:
    """The way to the server. Every household has an address of its own, as it would have outside.

    Linux answers to all of 127.0.0.0/8: the server sees its visitors come from as many addresses, and its limits for
    each address hold as they are.
    """

    def __init__(self, base_url: str, ledger: Ledger) -> None:
        self.base_url = base_url
        self.ledger = ledger
        self._ways: list[httpx.AsyncHTTPTransport] = []

    def session(self, name: str, address: str) -> Session:
        """Return a new browser at an address such as 127.0.3.9."""
        way = httpx.AsyncHTTPTransport(
            local_address=address, limits=httpx.Limits(max_connections=4, keepalive_expiry=1.0), verify=False
        )
        self._ways.append(way)
        client = httpx.AsyncClient(base_url=self.base_url, transport=way, timeout=TIMEOUT_S, trust_env=False)
        return Session(name, client, self.ledger)

    async def close(self) -> None:
        """Close every connection."""
        for way in self._ways:
            await way.aclose()


class Session:
    """One person's session. ``token``: what unsafe requests carry."""

    def __init__(self, name: str, client: httpx.AsyncClient, ledger: Ledger) -> None:
        self.name = name
        self.ledger = ledger
        self.me: dict[str, Any] = {}
        self._client = client
        self._token = ""

    def cookies(self) -> str:
        """Return the Cookie header, for the live channel."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._client.cookies.jar)

    async def get(self, path: str, *, expect: tuple[str, ...] = (), **query: Any) -> Any:
        """Return the body of a GET."""
        return (await self.ask("GET", path, query=query, expect=expect)).body

    async def post(self, path: str, body: Any = None, *, expect: tuple[str, ...] = ()) -> Any:
        """Return the body of a POST with an Idempotency-Key of its own."""
        return (await self.ask("POST", path, body={} if body is None else body, expect=expect)).body

    async def look_who(self) -> dict[str, Any]:
        """Ask who I am here; keeps the token."""
        return self.remember(await self.get("/api/session"))

    def remember(self, session: dict[str, Any]) -> dict[str, Any]:
        """Keep what GET /session or signing in answered."""
        self.me, self._token = session, session["csrf_token"]
        return session

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: tuple[str, bytes] | None = None,
        file: bytes | None = None,
        expect: tuple[str, ...] = (),
    ) -> Answer:
        """Send a request and return its answer.

        ``content``: (type, bytes) instead of JSON; ``file``: a photo as multipart. ``expect``: codes of problems that
        the person reckons with. Any other answer above 299 is an error of the run; raises Surprised.
        """
        headers = (
            {} if method in SAFE else {"X-CSRF-Token": self._token, "Idempotency-Key": str(uuid.uuid4())}
        )
        sent: dict[str, Any] = {"headers": headers}
        if query:
            sent["params"] = {key: value for key, value in query.items() if value is not None}
        if content is not None:
            headers["Content-Type"], sent["content"] = content
        elif file is not None:
            sent["files"] = {"file": ("photo.jpg", file, "image/jpeg")}
        elif body is not None:
            sent["json"] = body
        response = await self._send(method, path, sent)
        # An answer without content may still name a type.
        is_json = bool(response.content) and "json" in response.headers.get("Content-Type", "")
        found: Any = response.json() if is_json else response.text
        code = "" if response.is_success else (found.get("code", "") if is_json else "?")
        if not response.is_success and (response.status_code >= 500 or code not in expect):
            detail = str(found.get("facts", "") if is_json else found)[:200]
            self.ledger.error(f"{self.name}: {method} {path}: {response.status_code} {code} {detail}")
            raise Surprised(code)
        return Answer(response.status_code, code, found)

    async def _send(self, method: str, path: str, sent: dict[str, Any]) -> httpx.Response:
        """Send; a connection that breaks is tried again under the same key, which has one effect."""
        for attempt in range(1, TRIES + 1):
            self.ledger.requests += 1
            try:
                return await self._client.request(method, path, **sent)
            except httpx.TransportError as error:
                if attempt == TRIES:
                    self.ledger.error(f"{self.name}: {method} {path}: {type(error).__name__}")
                    raise Surprised(type(error).__name__) from error
                self.ledger.retries += 1
                await asyncio.sleep(0.05 * attempt)
        raise AssertionError("unreachable")
