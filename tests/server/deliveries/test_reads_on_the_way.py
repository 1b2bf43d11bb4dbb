"""Notes that couriers and officers read on the way are recorded for whom they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.core.needs.models import Need
from server.kit.db import reading, transaction
from server.kit.reads import ReadRow
from tests.factories.wave_desk import BASE, loaded, released, route_of
from tests.factories.wave_yard import Yard, bring, move_in, put_on


def rows() -> list[ReadRow]:
    with reading() as session:
        return list(session.scalars(select(ReadRow).order_by(ReadRow.id)))


def say(notes: dict[UUID, str]) -> None:
    """Let the needs say this and no other word."""
    with transaction() as session:
        for need in session.scalars(select(Need)):
            need.note = notes.get(need.id)


def test_a_couriers_route_shows_a_note_and_says_so(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    resident = move_in(yard, "1-101")
    need = bring(yard, "1-101")
    bring(yard, "3-201")
    say({need: "门口有狗"})
    released(officer, drain)
    courier = sign_in("volunteer", person_id=person_id)
    before = len(rows())
    assert "门口有狗" in {stop["note"] for stop in route_of(courier)["stops"]}
    new = rows()[before:]
    assert [(row.viewer_id, row.fields, row.purpose) for row in new] == [(person_id, ["note"], "deliveries")]
    assert new[0].subject_id == resident


def test_a_courier_without_notes_and_an_officer_without_failures_read_nothing(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    move_in(yard, "1-101")
    bring(yard, "1-101")
    say({})
    wave = released(officer, drain)
    loaded(sign_in("volunteer", person_id=person_id))
    officer.get(f"{BASE}/waves/{wave['id']}")
    assert rows() == []


def test_what_a_courier_wrote_of_a_home_is_a_read_for_the_officer(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard)
    resident = move_in(yard, "1-101")
    bring(yard, "1-101")
    say({})
    wave = released(officer, drain)
    courier = sign_in("volunteer", person_id=person_id)
    stop = loaded(courier)["stops"][0]
    answer = courier.post(f"{BASE}/stops/{stop['id']}/fail", {"reason": "not_home", "note": "发烧，没开门"})
    assert answer.status_code == 200, answer.get_json()
    officer.get(f"{BASE}/waves/{wave['id']}")
    assert [(row.viewer_id, row.subject_id, row.fields) for row in rows()] == [
        (officer.person_id, resident, ["note"])
    ]
