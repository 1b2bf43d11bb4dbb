"""The codes on phones and on paper: a pass that the community signed, and the phone's signature over the half minute.

A rotating code is 174 bytes, 261 characters of base45 (RFC 9285), a QR code of version 9 at level M:

    kind 1 | serial 5 | until 4 | device's key 32 | community's signature 64 | step 4 | device's signature 64

A paper code has neither key nor step: 74 bytes, 111 characters. Numbers are big-endian; ``until`` is in Unix seconds,
``step`` counts half minutes. The community's id is signed with the pass but not sent: another community's gate finds
the signature wrong. Signatures are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.modules.gate.rules.leaving import Reason

STEP_S = 30
# A neighbouring step is right: people need a moment, and clocks are never quite alike.
STEPS_AROUND = 1
# A code that is off by no more than that comes from a phone with a wrong clock: we can say so and by how much.
CLOCK_OFF_S = 600
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIGNATURE, KEY = 64, 32
PASS_DOMAIN, STEP_DOMAIN, LIST_DOMAIN = b"linli gate pass 1", b"linli gate step 1", b"linli gate list 1"
# In the high half of the first byte.
EXEMPT = 0x10


class CodeKind(IntEnum):
    ROTATING = 1
    PAPER = 2


BODY = {CodeKind.ROTATING: 10 + KEY, CodeKind.PAPER: 10}
LENGTH = {
    CodeKind.ROTATING: BODY[CodeKind.ROTATING] + SIGNATURE + 4 + SIGNATURE,
    CodeKind.PAPER: BODY[CodeKind.PAPER] + SIGNATURE,
}


@dataclass(frozen=True)
class Code:
    """What a code says; nothing of it holds before ``is_genuine``. ``certificate``: the pass without its signature."""

    kind: CodeKind
    is_exempt: bool
    serial: int
    until: datetime
    certificate: bytes
    signature: bytes
    device_key: bytes | None = None
    step: int | None = None
    device_signature: bytes | None = None


def certificate(
    kind: CodeKind, serial: int, until: datetime, *, device_key: bytes = b"", is_exempt: bool = False
) -> bytes:
    """Return the bytes of a pass that are signed. Raises ValueError for a key of another length."""
    if len(device_key) != (KEY if kind is CodeKind.ROTATING else 0):
        raise ValueError("a rotating pass holds a key of 32 bytes, a paper pass none")
    first = kind | (EXEMPT if is_exempt else 0)
    return bytes([first]) + serial.to_bytes(5, "big") + struct.pack(">I", int(until.timestamp())) + device_key


def sign_certificate(key: Ed25519PrivateKey, community_id: UUID, body: bytes) -> bytes:
    """Return the pass with the community's signature."""
    return body + key.sign(PASS_DOMAIN + community_id.bytes + body)


def rotating_code(signed: bytes, step: int, device: Ed25519PrivateKey) -> str:
    """Return the code that a phone shows in a step; ``signed``: the pass as the community signed it."""
    body, at = signed[:-SIGNATURE], struct.pack(">I", step)
    return to_base45(signed + at + device.sign(STEP_DOMAIN + body + at))


def read_code(text: str) -> Code | None:
    """Return what a code says, or None if it is none of ours."""
    raw = from_base45(text)
    if not raw:
        return None
    try:
        kind = CodeKind(raw[0] & 0x0F)
    except ValueError:
        return None
    if len(raw) != LENGTH[kind] or raw[0] & 0xE0:
        return None
    body, rest = raw[: BODY[kind]], raw[BODY[kind] :]
    step = device_key = device_signature = None
    if kind is CodeKind.ROTATING:
        device_key = body[10:]
        step = int(struct.unpack(">I", rest[SIGNATURE : SIGNATURE + 4])[0])
        device_signature = rest[SIGNATURE + 4 :]
    return Code(
        kind=kind,
        is_exempt=bool(raw[0] & EXEMPT),
        serial=int.from_bytes(body[1:6], "big"),
        until=datetime.fromtimestamp(struct.unpack(">I", body[6:10])[0], UTC),
        certificate=body,
        signature=rest[:SIGNATURE],
        device_key=device_key,
        step=step,
        device_signature=device_signature,
    )


def is_genuine(code: Code, community_id: UUID, public_key: Ed25519PublicKey) -> bool:
    """Tell whether this community signed the pass and the phone it was given to signed the step."""
    try:
        public_key.verify(code.signature, PASS_DOMAIN + community_id.bytes + code.certificate)
        if code.device_key is not None and code.device_signature is not None and code.step is not None:
            signed = STEP_DOMAIN + code.certificate + struct.pack(">I", code.step)
            Ed25519PublicKey.from_public_bytes(code.device_key).verify(code.device_signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def step_at(at: datetime) -> int:
    """Return the half minute of an instant."""
    return int(at.timestamp()) // STEP_S


def check_step(step: int, *, at: datetime) -> Reason | None:
    """Return what is wrong with a code's time: nothing, a phone whose clock is off, or an old code."""
    off = step - step_at(at)
    if abs(off) <= STEPS_AROUND:
        return None
    if abs(off) * STEP_S <= CLOCK_OFF_S:
        return Reason("clock_off", {"off_s": off * STEP_S})
    return Reason("code_old" if off < 0 else "code_early")


def to_base45(raw: bytes) -> str:
    """Encode (RFC 9285)."""
    text = []
    for at in range(0, len(raw), 2):
        pair = raw[at : at + 2]
        value, count = int.from_bytes(pair, "big"), len(pair) + 1
        for _ in range(count):
            value, digit = divmod(value, 45)
            text.append(ALPHABET[digit])
    return "".join(text)


def from_base45(text: str) -> bytes | None:
    """Decode (RFC 9285); None for what is no base45. Each text has one meaning: nothing is trimmed or folded."""
    if len(text) % 3 == 1 or any(letter not in ALPHABET for letter in text):
        return None
    raw = bytearray()
    for at in range(0, len(text), 3):
        part = text[at : at + 3]
        value = sum(ALPHABET.index(letter) * 45**n for n, letter in enumerate(part))
        size = len(part) - 1
        if value >= 256**size:
            return None
        raw += value.to_bytes(size, "big")
    return bytes(raw)
