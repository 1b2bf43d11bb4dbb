"""Which adapter stands behind each port, by the settings."""

from __future__ import annotations

from typing import Any

from server.kit.ports.geocoder import make_geocoder
from server.kit.ports.payments.making import make_payments
from server.kit.ports.photos import make_photos
from server.kit.ports.sms import make_sms
from server.kit.settings import Settings


def make_ports(settings: Settings) -> dict[str, Any]:
    """Return port name → adapter: "sms", "photos", "geocoder", "payments"."""
    return {
        "sms": make_sms(settings),
        "photos": make_photos(settings),
        "geocoder": make_geocoder(settings),
        "payments": make_payments(settings),
    }
