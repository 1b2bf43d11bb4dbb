"""What a device decides by itself, without network; the same as web/src/features/gate/judging.ts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.modules.gate.rules.codes import LIST_DOMAIN, Code, check_step, is_genuine, read_code

SERIAL, NUMBER, DIGITS = 5, 8, 6
AGAIN_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class OfflineList:
    """A list whose signature was right. ``said``: its payload; docs/gate-port.md describes it."""

    said: Mapping[str, Any]
    issued_at: datetime
    key: Ed25519PublicKey
    blocked: frozenset[bytes]
    numbers: frozenset[bytes]

    def is_stale(self, now: datetime) -> bool:
        return now - self.issued_at > timedelta(minutes=self.said["limit_min"])


def open_list(payload: str, signature: str, known_key: str | None = None) -> OfflineList | None:
    """Open a list; None if its signature is wrong, or made with another key than ``known_key`` (base64)."""
    said = json.loads(payload)
    if known_key not in (None, said["key"]):
        return None
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said["key"]))
    try:
        key.verify(base64.b64decode(signature), LIST_DOMAIN + payload.encode())
    except InvalidSignature:
        return None
    issued_at = datetime.fromisoformat(said["issued_at"].replace("Z", "+00:00"))
    return OfflineList(
        said, issued_at, key, _pieces(said["blocked"], SERIAL), _pieces(said["numbers"], NUMBER)
    )


def judge(
    text: str, known: OfflineList | None, seen: Mapping[str, datetime], *, gate_id: str | None, now: datetime
) -> tuple[list[str], str | None]:
    """Return (reasons against letting out, what it uses up). ``seen``: what was used here, and when."""
    if known is None or known.is_stale(now):
        return ["stale"], None
    code = read_code(text)
    if code is not None:
        reasons = _about_code(code, known, now)
        use = f"{code.serial}:{code.step}" if code.step is not None else str(code.serial)
    elif len(text) == DIGITS and text.isdecimal():
        digest = hashlib.sha256(f"{known.said['salt']}{text}".encode()).digest()[:NUMBER]
        reasons, use = ([] if digest in known.numbers else ["unknown"]), text
    else:
        return ["unreadable" if text else "no_pass"], None
    if use in seen and (code is not None and code.step is not None):
        reasons.append("double_use")
    elif use in seen and now - seen[use] < AGAIN_AFTER:
        reasons.append("already_out")
    return reasons + _about_rules(code, known, gate_id, now), use


def _about_code(code: Code, known: OfflineList, now: datetime) -> list[str]:
    if not is_genuine(code, UUID(known.said["community"]), known.key):
        return ["forged"]
    reasons = ["blocked"] if code.serial.to_bytes(SERIAL, "big") in known.blocked else []
    if code.until <= now:
        reasons.append("expired")
    off = check_step(code.step, at=now) if code.step is not None else None
    return reasons + ([off.code] if off else [])


def _about_rules(code: Code | None, known: OfflineList, gate_id: str | None, now: datetime) -> list[str]:
    said, reasons = known.said, []
    if gate_id in said["closed_gates"]:
        reasons.append("gate_closed")
    if said["needs_reading"]:
        reasons.append("reading_missing")
    if code is not None and code.is_exempt:
        return reasons
    local = now.astimezone(ZoneInfo(said["zone"]))
    minute = local.hour * 60 + local.minute
    if said["hours"] and not any(start <= minute < end for start, end in said["hours"]):
        reasons.append("hours")
    if said["gates"] and gate_id not in said["gates"]:
        reasons.append("gate")
    return reasons


def _pieces(packed: str, size: int) -> frozenset[bytes]:
    raw = base64.b64decode(packed)
    return frozenset(raw[at : at + size] for at in range(0, len(raw), size))
