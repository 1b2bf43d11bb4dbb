"""When a flag holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.core.flags import rules
from server.kit.errors import Refused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_flag_holds_from_its_start_until_just_before_its_end() -> None:
    assert not rules.holds(NOW, NOW + DAY, None, at=NOW - timedelta(seconds=1))
    assert rules.holds(NOW, NOW + DAY, None, at=NOW)
    assert not rules.holds(NOW, NOW + DAY, None, at=NOW + DAY)


def test_a_flag_that_was_ended_early_holds_no_more() -> None:
    assert rules.holds(NOW, None, NOW + DAY, at=NOW + DAY / 2)
    assert not rules.holds(NOW, None, NOW + DAY, at=NOW + DAY)


@pytest.mark.parametrize(
    ("kind", "ground", "until", "code"),
    [
        ("purple", "order 7", NOW + DAY, "flags.unknown_kind"),
        ("red", "  ", NOW + DAY, "flags.ground_missing"),
        ("red", "order 7", NOW, "flags.bad_period"),
        ("red", "order 7", NOW - DAY, "flags.bad_period"),
        ("red", "order 7", NOW + 61 * DAY, "flags.too_long"),
    ],
)
def test_a_flag_needs_a_known_kind_a_ground_and_an_end_ahead(
    kind: str, ground: str, until: datetime, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_flag(kind, ground, NOW, until, now=NOW)
    assert refused.value.code == code
