"""Codes: how long they are, what they say, and that not one bit of them may be another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from server.modules.gate.rules import codes
from server.modules.gate.rules.codes import CodeKind, from_base45, is_genuine, read_code, to_base45

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
COMMUNITY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PHONE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=5)


def rotating(at: datetime = NOW) -> str:
    key = PHONE.public_key().public_bytes_raw()
    body = codes.certificate(CodeKind.ROTATING, 12345, UNTIL, device_key=key)
    return codes.rotating_code(codes.sign_certificate(COMMUNITY, HERE, body), codes.step_at(at), PHONE)


def paper() -> str:
    return to_base45(codes.sign_certificate(COMMUNITY, HERE, codes.certificate(CodeKind.PAPER, 7, UNTIL)))


def holds(text: str, community: UUID = HERE) -> bool:
    code = read_code(text)
    return code is not None and is_genuine(code, community, COMMUNITY.public_key())


def test_a_rotating_code_is_174_bytes_and_fits_a_qr_code_of_version_9() -> None:
    text = rotating()
    raw = from_base45(text)
    assert raw is not None
    assert (len(raw), len(text)) == (174, 261)
    assert segno.make(text, error="m", boost_error=False).version == 9


def test_a_code_says_what_was_signed() -> None:
    code = read_code(rotating())
    assert code is not None
    assert (code.serial, code.until, code.step, code.is_exempt) == (12345, UNTIL, codes.step_at(NOW), False)
    assert holds(rotating())
    assert holds(paper())


@pytest.mark.parametrize("text", [rotating(), paper()], ids=["rotating", "paper"])
def test_a_code_with_any_bit_flipped_is_refused(text: str) -> None:
    raw = from_base45(text)
    assert raw is not None
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not holds(to_base45(bytes(flipped))), bit


@pytest.mark.parametrize("text", [rotating(), paper()], ids=["rotating", "paper"])
def test_a_code_with_any_letter_flipped_is_refused(text: str) -> None:
    for at, letter in enumerate(text):
        for bit in range(7):
            assert not holds(text[:at] + chr(ord(letter) ^ 1 << bit) + text[at + 1 :]), (at, bit)


def test_another_communitys_gate_finds_the_code_forged() -> None:
    assert not holds(rotating(), ELSEWHERE)


def test_a_pass_signed_by_anybody_else_is_refused() -> None:
    body = codes.certificate(CodeKind.PAPER, 7, UNTIL)
    assert not holds(to_base45(codes.sign_certificate(PHONE, HERE, body)))


def test_a_phone_cannot_show_another_phones_pass() -> None:
    body = codes.certificate(
        CodeKind.ROTATING, 1, UNTIL, device_key=COMMUNITY.public_key().public_bytes_raw()
    )
    assert not holds(codes.rotating_code(codes.sign_certificate(COMMUNITY, HERE, body), 1, PHONE))


@given(st.text(max_size=300))
def test_whatever_is_typed_is_no_code_and_no_error(text: str) -> None:
    assert not holds(text)


@given(st.text(alphabet=codes.ALPHABET, min_size=111, max_size=270))
def test_whatever_looks_like_base45_is_no_code_and_no_error(text: str) -> None:
    assert not holds(text)


@given(st.binary(max_size=200))
def test_base45_gives_back_what_it_was_given(raw: bytes) -> None:
    assert from_base45(to_base45(raw)) == raw


def test_base45_is_that_of_the_rfc() -> None:
    assert to_base45(b"Hello!!") == "%69 VD92EX0"
    assert from_base45("QED8WEX0") == b"ietf!"
    assert from_base45("GGX") is None
    assert from_base45("gGW") is None


@pytest.mark.parametrize(
    ("off_s", "code", "says"),
    [
        (0, None, None),
        (-30, None, None),
        (30, None, None),
        (-480, "clock_off", -480),
        (480, "clock_off", 480),
        (-600, "clock_off", -600),
        (600, "clock_off", 600),
        (-630, "code_old", None),
        (630, "code_early", None),
    ],
)
def test_a_clock_that_is_off_is_named_with_how_much(off_s: int, code: str | None, says: int | None) -> None:
    reason = codes.check_step(codes.step_at(NOW + timedelta(seconds=off_s)), at=NOW)
    assert (reason.code if reason else None) == code
    assert (reason.facts.get("off_s") if reason else None) == says
