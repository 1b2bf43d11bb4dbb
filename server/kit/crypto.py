"""AES-GCM and keyed hashes; the two keys of an installation that lie outside of its database.

The wrapping key wraps the key of each subject (``subject_keys``) and encrypts nothing else. The index key hashes what
must be found without being readable. They differ, so that the one can be changed without losing what the other finds.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12

_wrapping: dict[str, bytes] = {}
_newest = ""
_index: bytes = b""


class CannotOpen(Exception):
    """A sealed value was written with another key, moved from another cell, or damaged."""


def use_keys(wrapping: bytes, index: bytes, *, older: Iterable[bytes] = ()) -> None:
    """Set the process's keys of 32 bytes each; ``older`` wrapping keys still unwrap. Raises ValueError otherwise."""
    global _wrapping, _newest, _index
    older = tuple(older)
    if any(len(key) != KEY_BYTES for key in (wrapping, index, *older)):
        raise ValueError("a key must have 32 bytes")
    _wrapping = {fingerprint(key): key for key in (*older, wrapping)}
    _newest, _index = fingerprint(wrapping), index


def fingerprint(key: bytes) -> str:
    """Return a name for a key that gives nothing of it away: 16 hexadecimal characters."""
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:16]


def newest_wrapping_key() -> str:
    """Return the fingerprint of the key that wraps from now on."""
    return _newest


def wrap(key: bytes, bound_to: str) -> tuple[bytes, str]:
    """Return the key, encrypted with the newest wrapping key, and that one's fingerprint."""
    return encrypt(_wrapping_key(_newest), key, f"key\0{bound_to}"), _newest


def unwrap(wrapped: bytes, wrapped_by: str, bound_to: str) -> bytes:
    """Return a wrapped key. Raises CannotOpen if its wrapping key is not here, or if it was wrapped for another row."""
    return decrypt(_wrapping_key(wrapped_by), wrapped, f"key\0{bound_to}")


def encrypt(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """Encrypt with AES-256-GCM; only ``decrypt`` with the same ``bound_to`` gives it back. Result: nonce, text, tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Decrypt what ``encrypt`` gave. Raises CannotOpen."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise CannotOpen(bound_to) from None


def blind_index(text: str, purpose: str) -> str:
    """Return a keyed hash by which equal texts can be found without being readable."""
    return hmac.new(_index, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def _wrapping_key(name: str) -> bytes:
    key = _wrapping.get(name)
    if key is None:
        raise CannotOpen(f"the wrapping key {name} is not here: see LINLI_FIELD_KEY")
    return key
