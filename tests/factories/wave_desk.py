"""What an officer and a courier do with a wave over HTTP, in the yard of wave_yard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.core.deliveries.models import Parcel
from server.core.flags import service as flags
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from tests.factories.wave_yard import Yard

BASE = "/api/c/wutong/deliveries"


def planned(officer: Any, drain: Callable[[], None]) -> dict[str, Any]:
    """Start a wave, let it be planned, and return it."""
    answer = officer.post(f"{BASE}/waves")
    assert answer.status_code == 202, answer.get_json()
    drain()
    wave: dict[str, Any] = officer.get(f"{BASE}/waves/{answer.get_json()['id']}").get_json()
    return wave


def released(officer: Any, drain: Callable[[], None]) -> dict[str, Any]:
    """Plan a wave and send its couriers out."""
    wave = planned(officer, drain)
    assert wave["state"] == "planned", wave
    answer = officer.post(f"{BASE}/waves/{wave['id']}/release").get_json()
    assert answer["state"] == "released", answer
    drain()
    return dict(answer)


def route_of(courier: Any) -> dict[str, Any]:
    answer = courier.get(f"{BASE}/routes/mine")
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def loaded(courier: Any) -> dict[str, Any]:
    route = route_of(courier)
    answer = courier.post(f"{BASE}/routes/{route['id']}/load", {"counted": route["parcels_expected"]})
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def labels(route: dict[str, Any]) -> list[str]:
    return [stop["label"] for stop in route["stops"]]


def raise_red(yard: Yard, home: str) -> None:
    with transaction() as session:
        flags.raise_flag(
            session, SYSTEM, yard.community.id, home_id=yard.homes[home], kind="red", ground="test"
        )


def close(yard: Yard, lane: str) -> None:
    with transaction() as session:
        places.close_lane(session, SYSTEM, yard.community, yard.lanes[lane], reason="pipe burst", until=None)


def custodians(need_id: UUID) -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Parcel.custodian_kind).where(Parcel.need_id == need_id)))


def state_of(yard: Yard, need_id: UUID) -> str:
    with reading() as session:
        return needs.find_need(session, yard.community.id, need_id).state
