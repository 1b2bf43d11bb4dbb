"""The payments port: authorise, capture, release, refund, pay out, reverse; and read what the provider has done.

The embedded default is vouchers and the community fund, without any network. Stripe is on where the environment has
LINLI_STRIPE_KEY and LINLI_STRIPE_WEBHOOK_SECRET.
"""

from server.kit.ports.payments.port import (
    Authorisation,
    Declined,
    Effect,
    ForgedEvent,
    Intent,
    NotTaken,
    Payments,
    ProviderMessage,
)

__all__ = [
    "Authorisation",
    "Declined",
    "Effect",
    "ForgedEvent",
    "Intent",
    "NotTaken",
    "Payments",
    "ProviderMessage",
]
