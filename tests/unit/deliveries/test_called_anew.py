"""When a home is called to fetch what lies on its entrance's shelf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.core.deliveries import rules

CALLED = datetime(2026, 3, 2, 17, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_goods_in_time_are_fetched_when_the_home_was_told() -> None:
    assert rules.called_anew(CALLED, CALLED - 3 * MINUTE) == CALLED
    assert rules.called_anew(CALLED, CALLED) == CALLED


def test_goods_that_come_later_are_called_for_whole_intervals_later() -> None:
    assert rules.called_anew(CALLED, CALLED + MINUTE) == CALLED + 10 * MINUTE
    assert rules.called_anew(CALLED, CALLED + 10 * MINUTE) == CALLED + 10 * MINUTE
    assert rules.called_anew(CALLED, CALLED + 11 * MINUTE) == CALLED + 20 * MINUTE
