"""Orders over HTTP: red at once, ended by a named decision only, cared for, appealed against."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.core.flags import service as flags
from server.core.needs.models import Need
from server.core.people import service as people
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.models import Order
from tests.factories.isolation import BASE, isolate, order_body


def is_red(community: CommunityRef, home_id: UUID) -> bool:
    with reading() as session:
        return home_id in flags.red_homes(session, community.id)


def test_a_home_is_red_from_the_order_to_the_release(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any, resident: Any
) -> None:
    made = isolate(officer, homes[0])
    assert is_red(community, homes[0]) and not is_red(community, homes[1])
    assert (made["day"], made["state"]) == (1, "active")
    mine = resident.get(f"{BASE}/mine").get_json()["order"]
    assert (mine["id"], mine["ground"]) == (made["id"], "test ground")
    done = officer.post(f"{BASE}/orders/{made['id']}/release", {"ground": "two negative tests"})
    assert (done.get_json()["state"], done.get_json()["end_ground"]) == ("released", "two negative tests")
    assert not is_red(community, homes[0])


def test_time_and_missed_checks_neither_release_nor_extend(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any, clock: SettableClock
) -> None:
    made = isolate(officer, homes[0], days=3)
    clock.advance(days=4)
    row = officer.get(f"{BASE}/orders").get_json()["items"][0]
    assert (row["state"], row["is_overdue"], row["until_at"]) == ("active", True, made["until_at"])
    # Nobody is held longer than the order says, and it still waits for its named end.
    assert not is_red(community, homes[0])
    assert officer.get(f"{BASE}/desk").get_json()["overdue"] == 1


def test_an_extension_is_a_decision_and_keeps_the_home_red_throughout(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any, clock: SettableClock
) -> None:
    made = isolate(officer, homes[0], days=3)
    later = (clock.now() + timedelta(days=7)).isoformat()
    sooner = (clock.now() + timedelta(days=1)).isoformat()
    path = f"{BASE}/orders/{made['id']}/extend"
    assert (
        officer.post(path, {"ground": "?", "until_at": sooner}).get_json()["code"] == "quarantine.bad_period"
    )
    assert officer.post(path, {"ground": "a new case", "until_at": later}).status_code == 200
    clock.advance(days=5)
    assert is_red(community, homes[0])


def test_a_second_order_for_the_same_home_is_refused_and_leaves_no_flag(
    community: CommunityRef, homes: list[UUID], officer: Any
) -> None:
    isolate(officer, homes[0])
    answer = officer.post(f"{BASE}/orders", order_body(homes[0]))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "quarantine.isolated_already")
    with reading() as session:
        assert len(flags.flags_here(session, community.id, homes[0])) == 1


def test_the_table_refuses_an_end_without_a_name(homes: list[UUID], officer: Any) -> None:
    made = isolate(officer, homes[0])
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Order).where(Order.id == UUID(made["id"])).values(state="released"))


def test_care_is_not_signed_off_while_nobody_owns_the_supply(
    homes: list[UUID], family: list[UUID], officer: Any, resident: Any
) -> None:
    path = f"{BASE}/orders/{isolate(officer, homes[0])['id']}"
    assert officer.post(f"{path}/sign-off").get_json()["code"] == "quarantine.no_supply_owner"
    assert officer.post(f"{path}/owner").get_json()["has_owner"]
    assert officer.post(f"{path}/sign-off").get_json()["code"] == "quarantine.supply_not_asked"
    assert resident.post(f"{path}/supply", {"food_days": 1, "medicine_days": 9}).status_code == 200
    assert officer.post(f"{path}/sign-off").get_json()["is_signed_off"]
    with reading() as session:
        assert session.scalars(select(Need.kind).where(Need.home_id == homes[0])).all() == ["groceries"]


def test_a_warning_comes_before_a_report(homes: list[UUID], officer: Any) -> None:
    path = f"{BASE}/orders/{isolate(officer, homes[0])['id']}/violations"
    steps = [officer.post(path, {"ground": "left the home"}) for _ in range(3)]
    assert [one["step"] for one in steps[1].get_json()["violations"]] == ["warn", "report"]
    assert steps[2].get_json()["code"] == "quarantine.reported_already"


def test_an_appeal_is_judged_by_somebody_else_and_releases_when_granted(
    community: CommunityRef,
    homes: list[UUID],
    family: list[UUID],
    officer: Any,
    resident: Any,
    sign_in: Callable[..., Any],
) -> None:
    path = f"{BASE}/orders/{isolate(officer, homes[0])['id']}/appeals"
    made = resident.post(path, {"ground": "I was never there"}).get_json()
    assert resident.post(path, {"ground": "again"}).get_json()["code"] == "quarantine.appeal_open"
    answer = {"grants": True, "answer": "the list had another name"}
    own = officer.post(f"{BASE}/appeals/{made['id']}/decide", answer)
    assert own.get_json()["code"] == "quarantine.own_order"
    other = sign_in("officer").post(f"{BASE}/appeals/{made['id']}/decide", answer)
    assert other.get_json()["state"] == "granted"
    assert not is_red(community, homes[0])


def test_many_homes_need_two_people_and_neither_judges_an_appeal(
    community: CommunityRef,
    homes: list[UUID],
    family: list[UUID],
    officer: Any,
    resident: Any,
    sign_in: Callable[..., Any],
) -> None:
    isolate(officer, homes[2])
    body = order_body(homes[0], home_ids=[str(home) for home in homes])
    del body["home_id"]
    made = officer.post(f"{BASE}/bulks", body).get_json()
    assert made["homes"] == 3 and not is_red(community, homes[0])
    path = f"{BASE}/bulks/{made['id']}/decide"
    assert officer.post(path, {"approves": True}).get_json()["code"] == "quarantine.needs_second_person"
    assert sign_in("officer").post(path, {"approves": True}).get_json()["state"] == "approved"
    assert is_red(community, homes[0]) and is_red(community, homes[1])
    assert sign_in("officer").post(path, {"approves": True}).get_json()["code"] == "quarantine.bulk_decided"
    order = resident.get(f"{BASE}/mine").get_json()["order"]
    made = resident.post(f"{BASE}/orders/{order['id']}/appeals", {"ground": "wrong list"}).get_json()
    answer = {"grants": False, "answer": "it is the right one"}
    judged = officer.post(f"{BASE}/appeals/{made['id']}/decide", answer)
    assert judged.get_json()["code"] == "quarantine.own_order"
    assert sign_in("officer").post(f"{BASE}/appeals/{made['id']}/decide", answer).status_code == 200


STEPS = {
    "release": {"ground": "x"},
    "withdraw": {"ground": "x"},
    "sign-off": {},
    "violations": {"ground": "x"},
}
WITHOUT_POWER = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "clinic")


@pytest.mark.parametrize("ended_by", ["release", "withdraw"])
@pytest.mark.parametrize("step", STEPS)
def test_nothing_moves_an_order_that_has_ended(
    homes: list[UUID], officer: Any, ended_by: str, step: str
) -> None:
    path = f"{BASE}/orders/{isolate(officer, homes[0])['id']}"
    assert officer.post(f"{path}/{ended_by}", {"ground": "over"}).status_code == 200
    answer = officer.post(f"{path}/{step}", STEPS[step])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "quarantine.not_now")


@pytest.mark.parametrize("role", WITHOUT_POWER)
def test_only_officers_decide(
    homes: list[UUID], officer: Any, sign_in: Callable[..., Any], role: str
) -> None:
    made, other = isolate(officer, homes[0]), sign_in(role)
    assert other.post(f"{BASE}/orders", order_body(homes[1])).status_code == 403
    assert other.get(f"{BASE}/orders/{made['id']}").status_code == 403
    for step, body in STEPS.items():
        assert other.post(f"{BASE}/orders/{made['id']}/{step}", body).status_code == 403


def test_neighbours_and_other_communities_see_nothing(
    community: CommunityRef,
    other_community: CommunityRef,
    homes: list[UUID],
    officer: Any,
    sign_in: Callable[..., Any],
) -> None:
    made = isolate(officer, homes[0])
    neighbour = sign_in("resident")
    assert neighbour.get(f"{BASE}/mine").get_json()["order"] is None
    for body in ({"food_days": 1, "medicine_days": 1},):
        assert neighbour.post(f"{BASE}/orders/{made['id']}/supply", body).status_code == 404
    assert neighbour.post(f"{BASE}/orders/{made['id']}/appeals", {"ground": "x"}).status_code == 404
    elsewhere = sign_in("officer", at=other_community)
    path = f"/api/c/guihua/quarantine/orders/{made['id']}"
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(f"{path}/release", {"ground": "x"}).status_code == 404
    assert elsewhere.post("/api/c/guihua/quarantine/orders", order_body(homes[1])).status_code == 404
    assert officer.get(f"{BASE}/orders/{uuid4()}").status_code == 404


def test_an_officer_who_reads_an_order_is_seen_by_whom_it_is_about(
    homes: list[UUID], family: list[UUID], officer: Any, resident: Any
) -> None:
    made = isolate(officer, homes[0])
    officer.get(f"{BASE}/orders/{made['id']}")
    looks = resident.get("/api/c/wutong/people/looks").get_json()["items"]
    assert {look["purpose"] for look in looks} == {"quarantine"}
    resident.get(f"{BASE}/mine")
    assert len(resident.get("/api/c/wutong/people/looks").get_json()["items"]) == len(looks)


def test_a_grid_worker_is_shown_neither_ground_nor_reading(
    homes: list[UUID], family: list[UUID], officer: Any, worker: Any
) -> None:
    path = f"{BASE}/orders/{isolate(officer, homes[0])['id']}"
    said = worker.post(f"{path}/supply", {"food_days": 1, "medicine_days": 1}).get_json()
    assert set(said) == {"order_id", "food_days", "medicine_days"}
    assert worker.post(f"{path}/appeals", {"ground": "x"}).status_code == 404


def test_erasing_who_lives_there_takes_the_grounds_out_of_the_trail(
    community: CommunityRef, homes: list[UUID], family: list[UUID], officer: Any
) -> None:
    made = isolate(officer, homes[0])
    officer.post(f"{BASE}/orders/{made['id']}/release", {"ground": "two negative tests"})
    with transaction() as session:
        subject_id = session.get_one(Order, UUID(made["id"])).subject_id
        people.erase_person(session, SYSTEM, subject_id)
    with reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.like("quarantine.order_%"))).all()
        assert len(rows) == 2 and {row.why for row in rows} == {None}


def test_the_list_goes_on_past_its_first_page(homes: list[UUID], officer: Any) -> None:
    for home in homes:
        isolate(officer, home)
    found: list[str] = []
    after = ""
    while after is not None:
        answer = officer.get(f"{BASE}/orders?limit=2" + (f"&after={after}" if after else "")).get_json()
        found += [row["home_id"] for row in answer["items"]]
        after = answer["next"]
    assert sorted(found) == sorted(str(home) for home in homes)


def test_the_map_has_counts_by_entrance_and_no_names(homes: list[UUID], officer: Any, worker: Any) -> None:
    for home in homes[:2]:
        isolate(officer, home)
    (spot,) = officer.get(f"{BASE}/spots").get_json()["items"]
    assert (spot["homes"], spot["overdue"], spot["silent"]) == (2, 0, 0)
    assert set(spot) == {"entrance_id", "homes", "overdue", "silent"}
    assert worker.get(f"{BASE}/spots").status_code == 403
