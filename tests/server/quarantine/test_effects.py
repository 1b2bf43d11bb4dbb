"""What an order does elsewhere, from the instant it is issued: at the gate, and to a courier who is on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from server.kit.clock import SettableClock
from server.kit.tenancy import CommunityRef
from tests.factories import gate_racers
from tests.factories.gatehouse import make_gates, make_phone
from tests.factories.isolation import BASE, isolate
from tests.factories.wave_desk import loaded, released
from tests.factories.wave_yard import bring, make_yard, put_on


def test_a_pass_opens_until_the_order_and_again_after_the_release(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any, clock: SettableClock
) -> None:
    gate = make_gates(community, "东门")[0]
    phone = make_phone(community, family[0])
    made = isolate(officer, homes[0])
    assert gate_racers.show(community.id, gate, "code", phone.code()).startswith("deny held")
    assert officer.post(f"{BASE}/orders/{made['id']}/release", {"ground": "over"}).status_code == 200
    clock.advance(seconds=30)
    assert gate_racers.show(community.id, gate, "code", phone.code()) == "allow"


def test_an_order_whose_time_is_over_holds_nobody_back_at_the_gate(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any, clock: SettableClock
) -> None:
    gate = make_gates(community, "东门")[0]
    phone = make_phone(community, family[0])
    isolate(officer, homes[0], days=1)
    clock.advance(days=1)
    assert gate_racers.show(community.id, gate, "code", phone.code()) == "allow"


def test_a_courier_on_the_way_is_sent_to_the_isolated_door_last(
    community: CommunityRef, officer: Any, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    yard = make_yard(community)
    _, person_id = put_on(yard)
    for home in ("1-101", "2-101", "3-101"):
        bring(yard, home)
    released(officer, drain)
    courier = sign_in("volunteer", person_id=person_id)
    before = [stop["label"] for stop in loaded(courier)["stops"]]
    isolate(officer, yard.homes[_door(before[0])])
    drain()
    after = courier.get("/api/c/wutong/deliveries/routes/mine").get_json()["stops"]
    assert (after[-1]["label"], after[-1]["protocol"], after[-1]["spot"]) == (before[0], "red", "door")
    assert {stop["protocol"] for stop in after[:-1]} == {"green"}


def _door(label: str) -> str:
    """Return the yard's name of a home: its building and door."""
    building, _, door = label.split("-")
    return f"{building}-{door}"
