"""Homes that share a shelf are called to it a few at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.core.deliveries import rules
from server.core.deliveries.models import Wave
from server.kit.db import transaction
from server.kit.tenancy import CommunityRef
from tests.factories.wave_desk import BASE, loaded, planned, raise_red, released
from tests.factories.wave_yard import bring, make_yard, move_in, put_on

AT_ONCE = 4


def test_the_homes_of_a_shelf_are_called_apart_and_told_when(
    community: CommunityRef, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    yard = make_yard(community, floors=6, shelf_parcels=6)
    _, person_id = put_on(yard)
    homes = [f"1-{floor}01" for floor in range(1, 7)]
    needs = [(bring(yard, home), sign_in("resident", person_id=move_in(yard, home))) for home in homes]
    released(officer, drain)
    drops = [resident.get(f"/api/c/wutong/needs/{need}").get_json()["drop"] for need, resident in needs]
    starts = Counter(drop["fetch_from"] for drop in drops)
    assert sum(starts.values()) == len(homes)
    assert max(starts.values()) <= AT_ONCE
    for drop in drops:
        length = datetime.fromisoformat(drop["fetch_until"]) - datetime.fromisoformat(drop["fetch_from"])
        assert length == timedelta(seconds=rules.CALL_INTERVAL_S)

    # Who gets the goods at the door is not called.
    loaded(sign_in("volunteer", person_id=person_id))
    raise_red(yard, "1-101")
    drain()
    need, resident = needs[1]
    assert "fetch_from" not in resident.get(f"/api/c/wutong/needs/{need}").get_json()["drop"]


def test_a_wave_that_was_planned_before_there_were_calls_is_released_without(
    community: CommunityRef, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    yard = make_yard(community)
    put_on(yard)
    need, resident = bring(yard, "1-101"), sign_in("resident", person_id=move_in(yard, "1-101"))
    wave = planned(officer, drain)
    with transaction() as session:
        row = session.get_one(Wave, UUID(wave["id"]))
        older = [
            {k: v for k, v in stop.items() if k not in ("called_at", "shelf")}
            for stop in row.sheets[0]["stops"]
        ]
        row.sheets = [{**row.sheets[0], "stops": older}]
    assert officer.post(f"{BASE}/waves/{wave['id']}/release").status_code == 200
    assert "fetch_from" not in resident.get(f"/api/c/wutong/needs/{need}").get_json()["drop"]
