"""A whole compound in isolation on SQLite: how long its pages take, and how soon a gate knows of a new order.

Everything goes over HTTP and the live channel to `linli run` on this machine: one web process, its worker, SQLite.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from bench.locked_down import SLUG, LockedDown, lock_down
from bench.report import machine, percentile, table
from seeds import DEMO_MAP, DEMO_WITHIN
from server.app import create_app
from server.kit.settings import load_settings
from server.simulator.choices import Choices
from server.simulator.client import Network, Session
from server.simulator.ledger import Ledger
from server.simulator.officer import LOGIN, PASSWORD
from server.simulator.phones import PhoneNetwork
from server.simulator.server_process import Place, Servers, place, running_server
from server.simulator.town import Town

BOUND_MS, LATE_MS = 150, 2000
THREADS = 60
# Pages by who opens them; {order} is an active order.
PAGES: dict[str, tuple[str, ...]] = {
    "officer": (
        "quarantine/desk",
        "quarantine/orders?limit=100",
        "quarantine/orders/{order}",
        "quarantine/bulks",
        "quarantine/days?days=14",
        "quarantine/spots",
        "quarantine/settings",
    ),
    "grid_worker": ("quarantine/tasks",),
    "clinic": ("quarantine/referrals",),
    "resident": ("quarantine/mine", "gate/passes/mine"),
    "guard": ("gate/list", "gate/gates"),
}
WITH_PHONES = ("grid_worker", "clinic", "resident", "guard")


def measure(residents: int, rounds: int, orders: int) -> list[str]:
    """Make the compound, measure, and return the figures as Markdown."""
    with place(1.0, THREADS, Servers(), keep=False) as where:
        where.command("import-osm", str(DEMO_MAP), "--community", SLUG, "--within", DEMO_WITHIN)
        where.command("create-officer", "--community", SLUG, "--login", LOGIN, "--password", PASSWORD)
        ledger = Ledger()
        phones = PhoneNetwork(where.home / "sms.jsonl")
        numbers = {role: phones.new_number() for role in WITH_PHONES}
        app = create_app(load_settings(where.env), has_worker=False)
        began_s = time.monotonic()
        made = lock_down(app, where.clock.now(), residents, orders, numbers)
        made_s = time.monotonic() - began_s
        with running_server(where):
            pages, gate = asyncio.run(_measure(where, ledger, phones, numbers, made, rounds))
    head = f"{made.people} people of {made.homes} homes isolated, two checks a day, on SQLite; made in {made_s:.0f} s."
    return [machine(), "", head, "", *_page_lines(pages, rounds), "", *_gate_lines(gate, ledger)]


async def _measure(
    where: Place,
    ledger: Ledger,
    phones: PhoneNetwork,
    numbers: dict[str, str],
    made: LockedDown,
    rounds: int,
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    network = Network(where.base_url, ledger)
    town = Town(SLUG, where.base_url, where.clock, network, phones, Choices(1), ledger)
    try:
        sessions = await _sign_in(town, numbers)
        pages = await _ask_for_pages(town, sessions, rounds)
        return pages, await _isolate_more(town, sessions, made.free)
    finally:
        await asyncio.gather(*(page.close() for page in town.pages), return_exceptions=True)
        await network.close()


async def _sign_in(town: Town, numbers: dict[str, str]) -> dict[str, Session]:
    sessions = {role: town.new_session(role) for role in ("officer", *numbers)}
    officer = sessions["officer"]
    await officer.look_who()
    body = {"login": LOGIN, "password": PASSWORD}
    officer.remember(await officer.post("/api/auth/password", body))
    for role, phone in numbers.items():
        await town.sign_in(sessions[role], phone)
    return sessions


async def _ask_for_pages(town: Town, sessions: dict[str, Session], rounds: int) -> dict[str, list[float]]:
    """Ask for every page in turn, one request at a time; the first round is not counted."""
    listed = await sessions["officer"].get(f"{town.api}/quarantine/orders", limit=1)
    order = listed["items"][0]["id"]
    took: dict[str, list[float]] = defaultdict(list)
    for nth in range(rounds + 1):
        for role, paths in PAGES.items():
            for path in paths:
                began_s = time.perf_counter()
                await sessions[role].get(f"{town.api}/{path.format(order=order)}")
                if nth:
                    took[f"{role}: {path}"].append((time.perf_counter() - began_s) * 1000)
    return took


async def _isolate_more(
    town: Town, sessions: dict[str, Session], free: dict[UUID, str]
) -> dict[str, list[float]]:
    """Isolate one home after another; after each commit a scan is tried and the gate's next list is looked at.

    Times in wall milliseconds. ``scan``: from the order's answer to the verdict; ``list``: to a list without the pass.
    """
    guard, officer, api = sessions["guard"], sessions["officer"], town.api
    news = asyncio.Event()
    await town.open_page(guard, lambda _: news.set(), "passes")
    gates = (await guard.get(f"{api}/gate/gates"))["items"]
    took: dict[str, list[float]] = defaultdict(list)
    for home_id, number in free.items():
        news.clear()
        await officer.post(f"{api}/quarantine/orders", _order(town, home_id))
        began_s = time.perf_counter()
        scan = {"ref": str(uuid.uuid4()), "gate_id": gates[0]["id"], "direction": "out", "how": "number"}
        verdict = await guard.post(f"{api}/gate/scans", {**scan, "text": number})
        took["scan"].append((time.perf_counter() - began_s) * 1000)
        if verdict["outcome"] != "deny":
            took["opened"].append(1.0)
        await asyncio.wait_for(news.wait(), 30)
        listed = await guard.get(f"{api}/gate/list")
        took["list"].append((time.perf_counter() - began_s) * 1000)
        if _lets_out(listed["payload"], number):
            took["still listed"].append(1.0)
    return took


def _order(town: Town, home_id: UUID) -> dict[str, Any]:
    now = town.clock.now()
    return {
        "home_id": str(home_id),
        "kind": "contact",
        "started_at": now.isoformat(),
        "until_at": (now + timedelta(days=14)).isoformat(),
        "legal_basis": "basis",
        "ground": "ground",
    }


def _lets_out(payload: str, number: str) -> bool:
    listed = json.loads(payload)
    hashes = base64.b64decode(listed["numbers"])
    wanted = hashlib.sha256(f"{listed['salt']}{number}".encode()).digest()[:8]
    return wanted in {hashes[at : at + 8] for at in range(0, len(hashes), 8)}


def _page_lines(pages: dict[str, list[float]], rounds: int) -> list[str]:
    rows = [[name, *_milliseconds(took)] for name, took in pages.items()]
    slow = [name for name, took in pages.items() if percentile(took, 0.95) > BOUND_MS]
    said = (
        f"Over {BOUND_MS} ms at p95: {', '.join(slow)}."
        if slow
        else f"Every page within {BOUND_MS} ms at p95."
    )
    head = f"{rounds} requests a page, one at a time, ms over HTTP:"
    return [head, "", *table(["page", "p50", "p95", "max"], rows), "", said]


def _gate_lines(gate: dict[str, list[float]], ledger: Ledger) -> list[str]:
    rows = [
        ["verdict of a scan begun at the order's answer", *_milliseconds(gate["scan"], 0.99)],
        ["a list without the pass, fetched on the live channel's news", *_milliseconds(gate["list"], 0.99)],
        [
            "the news itself, from the fact's instant to its arrival",
            *_milliseconds(ledger.live_delay_ms, 0.99),
        ],
    ]
    late = sum(took > LATE_MS for took in gate["list"])
    counts = (
        f"{len(gate['scan'])} orders; opened after the commit: {len(gate['opened'])}; "
        f"still on the list: {len(gate['still listed'])}; later than {LATE_MS} ms: {late}; "
        f"errors: {len(ledger.errors)}."
    )
    head = "A pass of a home that is isolated now, ms of the wall:"
    return [head, "", *table(["what", "p50", "p99", "max"], rows), "", counts]


def _milliseconds(took: Iterable[float], high: float = 0.95) -> list[str]:
    values = list(took)
    return [f"{value:.0f}" for value in (percentile(values, 0.5), percentile(values, high), max(values))]
