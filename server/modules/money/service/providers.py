"""The provider outside, as the application has it."""

from __future__ import annotations

from typing import cast

from flask import current_app

from server.kit.errors import Refused
from server.kit.ports.payments import Payments


def outside() -> Payments:
    """Return the provider for cards, Alipay and WeChat Pay; it may be off."""
    return cast(Payments, current_app.extensions["linli"].ports["payments"])


def cards_off() -> str | None:
    """Return why nothing can be paid by card, Alipay or WeChat Pay; None where it can."""
    return outside().why_off()


def refuse_if_off() -> None:
    """Raise Refused("money.cards_off") with the reason where no provider is set up."""
    why = cards_off()
    if why is not None:
        raise Refused("money.cards_off", why=why)
