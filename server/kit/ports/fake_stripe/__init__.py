"""A server of ours that speaks Stripe's wire protocol for the calls we make: for development, tests and simulations.

Faithful where it matters to us: idempotency keys (same answer, 400 for a changed body, 409 while under way), declines
by test cards, manual capture, a second step for the payer, refunds that fail, disputes, Connect transfers, reversals,
signed messages with retries. It keeps its books in a file, so that it can be killed at any step and go on.
"""

from server.kit.ports.fake_stripe.books import FakeBooks, Refusal
from server.kit.ports.fake_stripe.messages import Messenger, sign
from server.kit.ports.fake_stripe.serving import FakeStripe, Fault, When

__all__ = ["FakeBooks", "FakeStripe", "Fault", "Messenger", "Refusal", "When", "sign"]
