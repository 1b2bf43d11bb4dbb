"""Visits in waves: who accepted one makes it, on a round or alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from server.core.deliveries import helping
from server.core.deliveries import service as deliveries
from server.core.needs import service as needs
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from tests.factories.wave_desk import (
    BASE,
    loaded,
    planned,
    released,
    state_of,
)
from tests.factories.wave_yard import Yard, bring, put_on


def ask_for_repair(yard: Yard) -> UUID:
    with transaction() as session:
        return needs.post_need(
            session,
            SYSTEM,
            yard.community,
            kind=needs.NeedKind.REPAIR,
            lines=[needs.WantedLine("水龙头", 1, None)],
            home_id=yard.homes["2-101"],
        ).id


def test_a_visit_goes_to_whoever_accepted_it(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    put_on(yard)
    helper_id, person_id = put_on(yard, skills=("repair",))
    need = ask_for_repair(yard)
    needs.match_community(yard.community.id)
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get("/api/c/wutong/needs/offers").get_json()["items"][0]
    helper.post(f"/api/c/wutong/needs/offers/{offer['id']}/accept")
    wave = released(officer, drain)
    assert [(route["helper_id"], route["stops"][0]["kind"]) for route in wave["routes"]] == [
        (str(helper_id), "visit")
    ]
    stop = loaded(helper)["stops"][0]
    helper.post(f"{BASE}/stops/{stop['id']}/finish", {})
    assert state_of(yard, need) == "visited"


def test_a_visit_that_was_claimed_off_shift_is_made_without_a_wave(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    put_on(yard)
    _, person_id = put_on(yard, skills=("repair",), hours=0)
    need = ask_for_repair(yard)
    helper = sign_in("volunteer", person_id=person_id)
    assert helper.post(f"/api/c/wutong/needs/{need}/claim").status_code == 200
    wave = planned(officer, drain)
    assert (wave["routes"], wave["unserved"]) == ([], [])
    assert helper.post(f"/api/c/wutong/needs/{need}/visited").get_json()["state"] == "visited"


def test_a_visit_waits_while_its_helper_is_out(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard, skills=("repair",))
    bring(yard, "1-101")
    released(officer, drain)
    need = ask_for_repair(yard)
    helper = sign_in("volunteer", person_id=person_id)
    assert helper.post(f"/api/c/wutong/needs/{need}/claim").status_code == 200
    wave = planned(officer, drain)
    assert wave["unserved"] == []
    assert state_of(yard, need) == "scheduled"


def test_one_more_courier_is_no_help_for_a_visit_that_is_somebodys(
    yard: Yard, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    _, person_id = put_on(yard, skills=("repair",))
    ask_for_repair(yard)
    needs.match_community(yard.community.id)
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get("/api/c/wutong/needs/offers").get_json()["items"][0]
    helper.post(f"/api/c/wutong/needs/offers/{offer['id']}/accept")
    wave = planned(officer, drain)
    with reading() as session:
        asked = deliveries.gather_help(session, UUID(wave["id"]), 1)
    assert asked is not None
    # Were the shift too short for it, only a longer one would do.
    inputs = asked.inputs
    short = replace(inputs.helpers[0], works_until=inputs.starts_at + timedelta(minutes=9))
    found = helping.find_help(replace(inputs, helpers=(short,)), [], 1.0, is_apart=False)
    assert [(one["kind"], one["serves_more"]) for one in found] == [("lengthen_shift", 1)]
