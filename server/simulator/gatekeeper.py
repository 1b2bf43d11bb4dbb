"""Passes and who looks at them: people who go out and come home, and a guard who scans their phones."""

from __future__ import annotations

import struct
import uuid
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.simulator.officer import Officer
from server.simulator.resident import Resident
from server.simulator.town import Town

GOES_OUT_SHARE = 0.3
AGAIN_SHARE = 0.2
SCREENSHOT_SHARE = 0.15
AWAY_S = 40 * 60
TRIES = 3
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIGNATURE, STEP_S = 64, 30
LATE = frozenset({"clock_off", "code_old", "code_early"})


async def set_rules(officer: Officer) -> None:
    """Let each home out once a day to shop; such passes need nobody's hand."""
    api = officer.town.api
    now = await officer.session.get(f"{api}/gate/rules")
    rules = {**now["rules"], "quota": {"most_exits": 1, "per_days": 1}, "approved_by_rule": ["shopping"]}
    body = {"rules": rules, "why": "每户每天一人", "on_version": now["version"]}
    await officer.session.post(f"{api}/gate/rules", body)


class Gatekeeper:
    """A guard with a scanner at the first gate."""

    def __init__(self, town: Town, phone: str) -> None:
        self.town, self.phone = town, phone
        self.session = town.new_session("gatekeeper")
        self.gate_id = ""

    async def begin(self) -> None:
        """Sign in and see which gate this is."""
        await self.town.sign_in(self.session, self.phone)
        gates = (await self.session.get(f"{self.town.api}/gate/gates"))["items"]
        self.gate_id = next((gate["id"] for gate in gates if gate["is_open"]), gates[0]["id"])

    async def scan(self, direction: str, text: str) -> list[str]:
        """Scan what somebody shows; return the reasons against them, none if they may pass."""
        body = {"ref": str(uuid.uuid4()), "gate_id": self.gate_id, "direction": direction, "text": text}
        how = "code" if text else "none"
        verdict = await self.session.post(f"{self.town.api}/gate/scans", {**body, "how": how})
        reasons = [reason["code"] for reason in verdict["reasons"]]
        count = self.town.ledger.gate
        count["scans"] += 1
        count["denied" if verdict["outcome"] == "deny" else "allowed"] += 1
        count["double_use"] += "double_use" in reasons
        return reasons if verdict["outcome"] == "deny" else []


class Walker:
    """A resident who asks for a pass, goes out and comes home; some show a picture of a code that was used."""

    def __init__(self, town: Town, resident: Resident, gatekeeper: Gatekeeper) -> None:
        self.town, self.resident, self.gatekeeper = town, resident, gatekeeper
        self.source = town.choices.source("walker", resident.household.number)
        self.key = Ed25519PrivateKey.generate()
        self.signed = b""

    async def live(self) -> None:
        """Go out at some time of the morning; whoever is refused stays."""
        await self.town.clock.sleep(self.source.uniform(0, 90 * 60))
        await self._fetch_pass()
        if await self._pass("out"):
            return
        await self.town.clock.sleep(self.source.uniform(0.5, 1.5) * AWAY_S)
        await self._pass("in")
        if self.source.random() < AGAIN_SHARE:
            await self._pass("out")

    async def _fetch_pass(self) -> None:
        session, now = self.resident.session, self.town.clock.now()
        asked = {"purpose": "shopping", **_period(now)}
        made = await session.post(f"{self.town.api}/gate/passes", asked)
        # An isolated home's application waits for somebody's hand, and nobody gives it.
        if made["state"] != "active":
            self.town.ledger.happened["passes not given by rule"] += 1
            return
        body = {"public_key": self.key.public_key().public_bytes_raw().hex()}
        given = await session.post(f"{self.town.api}/gate/passes/{made['id']}/phone", body)
        self.signed = from_base45(given["signed"])

    async def _pass(self, direction: str) -> list[str]:
        """Show the phone; in hurried time a code may be old before it is read, and the next one is shown."""
        for _ in range(TRIES):
            code = self._code()
            reasons = await self.gatekeeper.scan(direction, code)
            if not LATE & set(reasons):
                break
        if not reasons and code and direction == "out" and self.source.random() < SCREENSHOT_SHARE:
            await self.gatekeeper.scan("out", code)
        return reasons

    def _code(self) -> str:
        if not self.signed:
            return ""
        step = struct.pack(">I", int(self.town.clock.now().timestamp()) // STEP_S)
        signature = self.key.sign(b"linli gate step 1" + self.signed[:-SIGNATURE] + step)
        return to_base45(self.signed + step + signature)


def walkers(town: Town, residents: list[Resident], gatekeeper: Gatekeeper) -> list[Walker]:
    """Return those of the residents who go out."""
    return [
        Walker(town, resident, gatekeeper)
        for resident in residents
        if town.choices.happens(GOES_OUT_SHARE, "goes out", resident.household.number)
    ]


def to_base45(raw: bytes) -> str:
    """Encode (RFC 9285)."""
    text = ""
    for at in range(0, len(raw), 2):
        pair = raw[at : at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text += LETTERS[digit]
    return text


def from_base45(text: str) -> bytes:
    """Decode what the server has encoded."""
    raw = b""
    for at in range(0, len(text), 3):
        part = text[at : at + 3]
        value = sum(LETTERS.index(letter) * 45**n for n, letter in enumerate(part))
        raw += value.to_bytes(len(part) - 1, "big")
    return raw


def _period(now: datetime) -> dict[str, Any]:
    return {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=12)).isoformat()}
