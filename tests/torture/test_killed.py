"""All processes are killed at some moment: what was acknowledged is there, the rest is all or nothing.

Residents post while every process of the house is killed with SIGKILL; it starts again from the same home, and each
request is sent once more under its Idempotency-Key. A killed process loses nothing that the system's cache holds: power
loss would need a disk that forgets, which this test has not.
"""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from tests.house import doomed_house

ROUNDS, RESIDENTS = 2, 3
MOST_POSTS = 300


class Poster:
    """A resident's browser. ``sent``: Idempotency-Key → the need it made, or None while nothing was answered."""

    def __init__(self) -> None:
        self.sent: dict[str, str | None] = {}
        self.surprises: list[str] = []

    def sign_in(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=20)
        self._token = self._client.get("/api/session").json()["csrf_token"]
        headers = {"X-CSRF-Token": self._token}
        me = self._client.post("/api/auth/demo", json={"key": "resident"}, headers=headers)
        assert me.status_code == 200, me.text
        self._token = me.json()["csrf_token"]
        self._needs = f"/api/c/{me.json()['communities'][0]['slug']}/needs"

    def post(self, key: str) -> httpx.Response:
        body = {"kind": "repair", "lines": [{"text": key}]}
        headers = {"X-CSRF-Token": self._token, "Idempotency-Key": key}
        return self._client.post(self._needs, json=body, headers=headers)

    def post_until_nobody_answers(self) -> None:
        for _ in range(MOST_POSTS):
            key = str(uuid.uuid4())
            self.sent[key] = None
            try:
                answer = self.post(key)
            except httpx.TransportError:
                return
            if answer.status_code != 201:
                self.surprises.append(f"{answer.status_code} {answer.text[:200]}")
                return
            self.sent[key] = answer.json()["id"]

    def send_again(self) -> list[str]:
        """Send everything once more; return what was not answered as it was the first time."""
        wrong = []
        for key, need_id in list(self.sent.items()):
            answer = self.post(key)
            made = answer.json()["id"] if answer.status_code == 201 else None
            if made is None or need_id not in (None, made):
                wrong.append(f"{key}: {need_id} became {answer.status_code} {made}")
            self.sent[key] = made
        return wrong

    def needs(self) -> list[dict[str, Any]]:
        """Return the home's needs, all pages."""
        found: list[dict[str, Any]] = []
        query = {"mine": "true", "limit": "100"}
        while True:
            page = self._client.get(self._needs, params=query).json()
            found += page["items"]
            if not page.get("next"):
                return found
            query["after"] = page["next"]


def test_what_was_acknowledged_is_there_after_a_kill_and_nothing_is_there_twice(tmp_path: Path) -> None:
    moment = random.Random(20200210)
    posters = [Poster() for _ in range(RESIDENTS)]
    for _ in range(ROUNDS):
        with doomed_house(tmp_path) as address:
            threads = [Thread(target=poster.post_until_nobody_answers) for poster in posters]
            for poster, thread in zip(posters, threads, strict=True):
                poster.sign_in(address)
                thread.start()
            time.sleep(moment.uniform(0.3, 2.0))
        for thread in threads:
            thread.join(timeout=30)
    with doomed_house(tmp_path) as address:
        for poster in posters:
            poster.sign_in(address)
            assert poster.send_again() == []
        found = [need["id"] for need in posters[0].needs() if need["lines"][0]["text"] in _all(posters)]
    assert [poster.surprises for poster in posters] == [[]] * RESIDENTS
    assert sorted(found) == sorted(need_id for p in posters for need_id in p.sent.values() if need_id)
    assert len(found) == len(_all(posters)) >= ROUNDS * RESIDENTS


def _all(posters: list[Poster]) -> set[str]:
    return {key for poster in posters for key in poster.sent}
