"""What an order does elsewhere, from the instant it is issued: at the gate, and to a courier who is on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from server.kit.clock import SettableClock
from server.kit.db import new_id
from server.kit.module import JobContext
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.jobs import order_doors
from tests.factories import gate_racers
from tests.factories.gatehouse import make_gates, make_phone
from tests.factories.isolation import BASE, isolate, look_at_checks
from tests.factories.neighbourhood import make_resident
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


def test_doors_come_in_the_order_of_the_walk_and_new_ones_are_put_in(
    community: CommunityRef, officer: Any, worker: Any, clock: SettableClock
) -> None:
    """Round the yard from the gate, building 3 lies behind the two others, whichever way one walks."""
    yard = make_yard(community)
    job = JobContext(new_id(), community.id, 1)
    for home in ("3-101", "1-101"):
        make_resident(community, yard.homes[home])
        isolate(officer, yard.homes[home])
    clock.advance(hours=6)
    look_at_checks(community)
    order_doors(job, {})
    assert set(_walk(worker)) == {"1", "3"}
    make_resident(community, yard.homes["2-101"])
    isolate(officer, yard.homes["2-101"])
    clock.advance(hours=15)
    look_at_checks(community)
    # Until the job has come round, the new door stands last; nobody waits for a solver.
    assert _walk(worker)[-1] == "2"
    order_doors(job, {})
    walk = _walk(worker)
    assert set(walk) == {"1", "2", "3"} and walk[1] == "3"


def _walk(worker: Any) -> list[str]:
    items = worker.get(f"{BASE}/tasks").get_json()["items"]
    return [item["home_label"][0] for item in items if item["rung"] == "door"]


def _door(label: str) -> str:
    """Return the yard's name of a home: its building and door."""
    building, _, door = label.split("-")
    return f"{building}-{door}"
