"""Sensitive fields: encrypted one by one with AES-GCM; a blind index where equality must be found."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_key: bytes = b""
NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed field was written with another key, moved from another column, or damaged."""


def use_key(key: bytes) -> None:
    """Set the process's 32-byte field key. Raises ValueError for another length."""
    if len(key) != 32:
        raise ValueError("the field key must have 32 bytes")
    global _key
    _key = key


def seal(text: str, bound_to: str) -> str:
    """Encrypt ``text``; only ``open_sealed`` with the same ``bound_to`` gives it back."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key).encrypt(nonce, text.encode(), bound_to.encode())
    return base64.b64encode(nonce + sealed).decode()


def open_sealed(sealed: str, bound_to: str) -> str:
    """Decrypt. Raises CannotOpen."""
    raw = base64.b64decode(sealed)
    try:
        return AESGCM(_key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode()).decode()
    except InvalidTag:
        raise CannotOpen(bound_to) from None


def blind_index(text: str, purpose: str) -> str:
    """Return a keyed hash by which equal texts can be found without being readable."""
    return hmac.new(_key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


class Sealed(TypeDecorator[str]):
    """A text column, encrypted at rest. ``bound_to``: "table.column", so that a value cannot be moved elsewhere."""

    impl = Text
    cache_ok = True

    def __init__(self, bound_to: str) -> None:
        super().__init__()
        self.bound_to = bound_to

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(value, self.bound_to)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else open_sealed(value, self.bound_to)
