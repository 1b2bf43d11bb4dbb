"""Codes, names, traits and grants, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.people import rules
from server.kit.errors import Refused, TooMany

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sent(**changes: object) -> rules.SentCode:
    """A code that opens, with some facts changed."""
    facts: dict[str, object] = {
        "sent_at": NOW - timedelta(minutes=1),
        "tries": 1,
        "is_used": False,
        "is_right": True,
    }
    return rules.SentCode(**{**facts, **changes})  # type: ignore[arg-type]  # the tests name real fields


def test_a_fresh_code_opens() -> None:
    rules.check_code(sent(), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_used": True},
        {"is_right": False},
        {"tries": 6},
        {"sent_at": NOW - timedelta(minutes=10, seconds=1)},
    ],
)
def test_a_code_does_not_open_when_anything_is_amiss(changes: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_code(sent(**changes), now=NOW)
    # All failures read alike, or they would tell which phones are known.
    assert (refused.value.code, refused.value.facts) == ("people.code_wrong", {})


def test_no_code_at_all_fails_like_a_wrong_one() -> None:
    with pytest.raises(Refused, match="code_wrong"):
        rules.check_code(None, now=NOW)


def test_a_second_code_has_to_wait_a_minute() -> None:
    with pytest.raises(TooMany) as refused:
        rules.check_may_send([NOW - timedelta(seconds=20)], 1, now=NOW)
    assert refused.value.facts["retry_after_s"] == 41


def test_a_phone_gets_five_codes_a_day_and_an_address_two_hundred() -> None:
    of_the_day = [NOW - timedelta(hours=h) for h in range(1, 6)]
    rules.check_may_send(of_the_day[:4], 199, now=NOW)
    with pytest.raises(TooMany):
        rules.check_may_send(of_the_day, 5, now=NOW)
    with pytest.raises(TooMany):
        rules.check_may_send([], 200, now=NOW)


def test_codes_are_hard_to_guess() -> None:
    assert {len(rules.new_sign_in_code()) for _ in range(50)} == {7}
    assert len({rules.new_home_code() for _ in range(200)}) == 200


def test_a_home_code_may_be_typed_as_people_type() -> None:
    code = rules.new_home_code()
    typed = f" {code.lower().replace('-', ' ')} "
    assert rules.code_hash(typed, "salt") == rules.code_hash(code, "salt")


@pytest.mark.parametrize("text", ["", "12", "call me", "+", "1" * 14, "+" + "1" * 16, "+86 138x"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bad_phone"):
        rules.normal_phone(text)


def test_a_phone_is_the_same_however_it_is_written() -> None:
    assert rules.normal_phone("120 0000-0001") == rules.normal_phone("+8612000000001")


@given(st.text(alphabet="+0123456789 -()", max_size=20))
def test_a_normal_phone_stays_as_it_is(text: str) -> None:
    try:
        phone = rules.normal_phone(text)
    except Refused:
        return
    assert rules.normal_phone(phone) == phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("林半夏", "半夏"),
        ("欧阳丁香", "阳丁香"),
        ("Ada Lovelace", "Ada"),
        ("林半夏 / Lin Banxia", "半夏"),
        ("", ""),
    ],
)
def test_couriers_see_a_given_name_only(name: str, shown: str) -> None:
    assert rules.first_name(name) == shown


def test_one_member_on_the_guarantee_list_puts_the_home_on_it() -> None:
    assert rules.guarantee_tier([[], ["under14"], ["chronic"]]) == 0
    assert rules.guarantee_tier([[], ["under14"]]) is None


def test_nobody_grants_more_than_they_have() -> None:
    rules.check_may_grant({"officer"}, "courier")
    rules.check_may_grant({"admin"}, "admin")
    for roles, role in ((set(), "guard"), ({"grid_worker"}, "guard"), ({"officer"}, "officer")):
        with pytest.raises(Refused, match="may_not_grant"):
            rules.check_may_grant(roles, role)


def test_only_the_last_digits_of_a_phone_are_shown() -> None:
    assert rules.masked_phone("+8612000000001") == "**********0001"
