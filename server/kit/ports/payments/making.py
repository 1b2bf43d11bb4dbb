"""Which provider the environment names. Keys come from there and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping

from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.settings import Settings, UnsafeSettings


def make_payments(settings: Settings, environ: Mapping[str, str] | None = None) -> StripePayments:
    """Return the adapter for Stripe; off without LINLI_STRIPE_KEY and LINLI_STRIPE_WEBHOOK_SECRET.

    LINLI_STRIPE_API: another address, for the fake server; a production installation refuses it, and test keys too.
    """
    env = os.environ if environ is None else environ
    key, api = env.get("LINLI_STRIPE_KEY") or None, env.get("LINLI_STRIPE_API") or None
    if settings.mode == "production" and api is not None:
        raise UnsafeSettings("LINLI_STRIPE_API is set: payments would not go to Stripe; unset it")
    if settings.mode == "production" and key is not None and not key.startswith(("sk_live_", "rk_live_")):
        raise UnsafeSettings("LINLI_STRIPE_KEY is a test key: nobody would be paid; give a live one or none")
    return StripePayments(key, env.get("LINLI_STRIPE_WEBHOOK_SECRET") or None, api)
