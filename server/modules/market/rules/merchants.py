"""The life of a shop: it applies, an officer checks it, its keeper opens it. Pure."""

from __future__ import annotations

from enum import StrEnum

from server.kit.errors import Conflict


class MerchantState(StrEnum):
    """CHECKED: may sell, and is closed at the moment. SUSPENDED: has to be checked again."""

    APPLIED = "applied"
    CHECKED = "checked"
    OPEN = "open"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class MerchantStep(StrEnum):
    CHECK = "check"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    OPEN = "open"
    CLOSE = "close"
    APPLY = "apply"


# The others are the keeper's.
OFFICERS = frozenset([MerchantStep.CHECK, MerchantStep.REFUSE, MerchantStep.SUSPEND])
WITH_REASON = frozenset([MerchantStep.REFUSE, MerchantStep.SUSPEND])
MERCHANT_STEPS: dict[tuple[MerchantState, MerchantStep], MerchantState] = {
    (MerchantState.APPLIED, MerchantStep.CHECK): MerchantState.CHECKED,
    (MerchantState.APPLIED, MerchantStep.REFUSE): MerchantState.REFUSED,
    (MerchantState.REFUSED, MerchantStep.APPLY): MerchantState.APPLIED,
    (MerchantState.CHECKED, MerchantStep.OPEN): MerchantState.OPEN,
    (MerchantState.OPEN, MerchantStep.CLOSE): MerchantState.CHECKED,
    (MerchantState.CHECKED, MerchantStep.SUSPEND): MerchantState.SUSPENDED,
    (MerchantState.OPEN, MerchantStep.SUSPEND): MerchantState.SUSPENDED,
    (MerchantState.SUSPENDED, MerchantStep.CHECK): MerchantState.CHECKED,
}
# Where an officer's check holds.
GOOD = (MerchantState.CHECKED, MerchantState.OPEN)


def merchant_after(state: MerchantState, step: MerchantStep) -> MerchantState:
    """Return the state that the step leads to. Raises Conflict("market.shop_moved_on") if it leads nowhere."""
    try:
        return MERCHANT_STEPS[state, step]
    except KeyError:
        raise Conflict("market.shop_moved_on", state=state, step=step) from None
