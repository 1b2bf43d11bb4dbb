"""The life of a pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.kit.errors import Conflict, Refused
from server.modules.gate.rules.passes import (
    STEPS,
    PassKind,
    PassState,
    PassStep,
    after,
    check_period,
    check_subject,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEGAL = {
    ("applied", "approve"): "active",
    ("applied", "refuse"): "refused",
    ("applied", "withdraw"): "withdrawn",
    ("applied", "expire"): "expired",
    ("active", "revoke"): "revoked",
    ("active", "withdraw"): "withdrawn",
    ("active", "expire"): "expired",
    ("refused", "appeal"): "appealed",
    ("revoked", "appeal"): "appealed",
    ("appealed", "approve"): "active",
    ("appealed", "refuse"): "refused",
    ("appealed", "withdraw"): "withdrawn",
    ("appealed", "expire"): "expired",
}


@pytest.mark.parametrize("state", PassState)
@pytest.mark.parametrize("step", PassStep)
def test_a_pass_goes_only_where_it_may(state: PassState, step: PassStep) -> None:
    target = LEGAL.get((state, step))
    if target is None:
        with pytest.raises(Conflict):
            after(state, step, ground="because")
    else:
        assert after(state, step, ground="because") == target
    assert len(STEPS) == len(LEGAL)


@pytest.mark.parametrize("step", [PassStep.REFUSE, PassStep.REVOKE, PassStep.APPEAL])
def test_who_cuts_freedom_or_appeals_says_why(step: PassStep) -> None:
    state = next(before for before, wanted in STEPS if wanted is step)
    with pytest.raises(Refused):
        after(state, step, ground=" ")


def test_a_pass_ends_later_than_it_begins_and_within_a_month() -> None:
    check_period(NOW, NOW + timedelta(days=31), now=NOW)
    for from_at, until_at in (
        (NOW, NOW),
        (NOW - timedelta(days=2), NOW),
        (NOW, NOW + timedelta(days=32)),
    ):
        with pytest.raises(Refused):
            check_period(from_at, until_at, now=NOW)


@pytest.mark.parametrize("kind", PassKind)
def test_a_pass_says_whom_or_what_it_is_for(kind: PassKind) -> None:
    check_subject(kind, has_person=True, visitor_name="a", plate="b", goods="c")
    with pytest.raises(Refused):
        check_subject(kind, has_person=False, visitor_name=" ", plate="", goods="")
