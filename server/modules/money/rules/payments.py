"""The life of a payment, and of each thing that is asked of a provider for it. Amounts are in ``books``."""

from __future__ import annotations

from enum import StrEnum

from server.kit.errors import Conflict


class PaymentState(StrEnum):
    """``asked``: not authorised yet. ``capturing`` and ``releasing``: the provider has not answered yet."""

    ASKED = "asked"
    DECLINED = "declined"
    AUTHORISED = "authorised"
    CAPTURING = "capturing"
    RELEASING = "releasing"
    CAPTURED = "captured"
    RELEASED = "released"


# An order has at most one of these for each source.
LIVE = (PaymentState.ASKED, PaymentState.AUTHORISED, PaymentState.CAPTURING, PaymentState.CAPTURED)


class Step(StrEnum):
    """What is asked of the provider; each is one operation."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    PAY_OUT = "pay_out"
    REVERSE = "reverse"


class OperationState(StrEnum):
    """``waiting``: the provider has it, and waits for the payer."""

    WANTED = "wanted"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


# What may be asked in which state, and the state while the answer is awaited.
STEPS: dict[tuple[PaymentState, Step], PaymentState] = {
    (PaymentState.AUTHORISED, Step.CAPTURE): PaymentState.CAPTURING,
    (PaymentState.AUTHORISED, Step.RELEASE): PaymentState.RELEASING,
    (PaymentState.CAPTURED, Step.REFUND): PaymentState.CAPTURED,
    (PaymentState.CAPTURED, Step.PAY_OUT): PaymentState.CAPTURED,
    (PaymentState.CAPTURED, Step.REVERSE): PaymentState.CAPTURED,
}
# The state once the provider has done it, and once it has refused.
DONE = {
    Step.AUTHORISE: PaymentState.AUTHORISED,
    Step.CAPTURE: PaymentState.CAPTURED,
    Step.RELEASE: PaymentState.RELEASED,
}
REFUSED = {
    Step.AUTHORISE: PaymentState.DECLINED,
    Step.CAPTURE: PaymentState.AUTHORISED,
    Step.RELEASE: PaymentState.AUTHORISED,
}
# Which column keeps the amount back while the answer is awaited: nobody else may count on it meanwhile.
BUSY = {Step.REFUND: "busy_fen", Step.PAY_OUT: "busy_fen", Step.REVERSE: "reversing_fen"}


def asked_in(state: PaymentState, step: Step) -> PaymentState:
    """Return the state that asking for ``step`` leads to. Raises Conflict("money.not_now") if it may not be asked."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise Conflict("money.not_now", state=state, step=step) from None
