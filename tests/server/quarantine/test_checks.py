"""Two checks a day, the ladder of missed ones, fever and second readings; raced by processes."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from server.core.communities import service as communities
from server.core.communities.models import Area
from server.core.places.models import Home
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import database, new_id, reading, transaction
from server.kit.module import JobContext
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.jobs import forget_readings
from server.modules.quarantine.models import Check, Referral, Task
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.service import doors
from tests.factories import isolation_racers
from tests.factories.isolation import BASE, checks, isolate, look_at_checks, rungs
from tests.factories.racing import doom, race

RACERS = 4


@pytest.fixture
def isolated(homes: list[UUID], family: list[UUID], officer: Any, clock: SettableClock) -> str:
    """An order issued at 17:00 in Shanghai; the first checks are due at 19:00."""
    return str(isolate(officer, homes[0])["id"])


def test_each_person_is_asked_twice_a_day_once(
    community: CommunityRef, isolated: str, clock: SettableClock
) -> None:
    for _ in range(30):
        look_at_checks(community)
        clock.advance(hours=1)
    assert len(checks()) == 3 * 2
    assert len({due for _, _, due in checks()}) == 3


def test_a_clockwork_that_was_down_asks_and_climbs_what_it_missed(
    community: CommunityRef, isolated: str, clock: SettableClock
) -> None:
    clock.advance(hours=9)
    look_at_checks(community)
    assert Counter(rungs()) == {"reminder": 2, "call": 2, "door": 2, "committee": 2}
    assert [state for _, state, _ in checks()] == ["missed", "missed"]


def test_each_rung_comes_in_its_time_and_a_clock_that_steps_back_repeats_none(
    community: CommunityRef, isolated: str, clock: SettableClock
) -> None:
    seen = []
    for hours in (2, 1, 2, 1, 2):
        clock.advance(hours=hours)
        look_at_checks(community)
        seen.append(len(rungs()) // 2)
        clock.advance(minutes=-10)
        look_at_checks(community)
        clock.advance(minutes=10)
    assert seen == [0, 1, 2, 3, 4]


def test_a_check_in_time_asks_nothing_of_anybody(
    community: CommunityRef, isolated: str, resident: Any, family: list[UUID], clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    mine = resident.get(f"{BASE}/mine").get_json()["order"]["checks"]
    assert {check["state"] for check in mine} == {"due"}
    for check in mine:
        answer = resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 366})
        assert (answer.get_json()["state"], answer.get_json()["temperature"]) == ("done", "36.6")
    clock.advance(hours=8)
    look_at_checks(community)
    assert rungs() == []
    again = resident.post(f"{BASE}/checks/{mine[0]['id']}", {"tenths": 366})
    assert again.get_json()["code"] == "quarantine.check_over"


def test_a_fever_asks_for_a_second_reading_and_a_clinician_at_once(
    community: CommunityRef, isolated: str, resident: Any, officer: Any, clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check = resident.get(f"{BASE}/mine").get_json()["order"]["checks"][0]
    assert resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 373}).get_json()["is_alarming"]
    again = [c for c in resident.get(f"{BASE}/mine").get_json()["order"]["checks"] if c["is_second"]]
    assert len(again) == 1
    assert again[0]["due_at"] == (clock.now() + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    referral = officer.get(f"{BASE}/desk").get_json()["referrals"][0]
    assert "temperature" not in referral
    assert officer.post(f"{BASE}/referrals/{referral['id']}/close").get_json()["closed_at"]
    early = resident.post(f"{BASE}/checks/{again[0]['id']}", {"tenths": 366})
    assert (early.status_code, early.get_json()["code"]) == (409, "quarantine.too_early")
    # A second reading that alarms too refers once more, and asks for no third.
    clock.advance(minutes=30)
    assert resident.post(f"{BASE}/checks/{again[0]['id']}", {"tenths": 385}).status_code == 200
    with reading() as session:
        assert len(session.scalars(select(Referral.id)).all()) == 2
        assert len(session.scalars(select(Check.id).where(Check.second_of.is_not(None))).all()) == 1


def test_workers_enter_calls_and_doors_and_see_no_temperature(
    community: CommunityRef, isolated: str, worker: Any, resident: Any, clock: SettableClock
) -> None:
    clock.advance(hours=6)
    look_at_checks(community)
    tasks = worker.get(f"{BASE}/tasks").get_json()["items"]
    assert [task["rung"] for task in tasks] == ["door", "door"]
    path = f"{BASE}/checks/{tasks[0]['check_id']}"
    assert worker.post(path, {"tenths": 367, "how": "app"}).status_code == 404
    assert resident.post(path, {"tenths": 367, "how": "door"}).status_code == 404
    assert worker.post(path, {"tenths": 367, "how": "door"}).get_json()["state"] == "done"
    left = worker.get(f"{BASE}/tasks").get_json()["items"]
    assert [task["check_id"] for task in left] == [tasks[1]["check_id"]]
    assert not {"temperature", "symptoms"} & set(left[0])
    assert worker.post(f"{BASE}/tasks/{left[0]['id']}/done").status_code == 200
    assert worker.post(f"{BASE}/tasks/{left[0]['id']}/done").get_json()["code"] == "quarantine.task_done"


def test_what_was_measured_is_sealed_in_the_table(
    community: CommunityRef, isolated: str, resident: Any, clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check = resident.get(f"{BASE}/mine").get_json()["order"]["checks"][0]
    resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 371, "symptoms": ["cough"]})
    with database().engine.connect() as connection:
        cells = connection.execute(text("SELECT temperature, symptoms FROM quarantine_check")).all()
    assert not any(cell[:2] == "37" or "cough" in cell for row in cells for cell in row if cell)


def test_the_checks_of_a_neighbour_are_out_of_reach(
    community: CommunityRef,
    isolated: str,
    homes: list[UUID],
    sign_in: Callable[..., Any],
    other_community: CommunityRef,
    clock: SettableClock,
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check_id = checks()[0][0]
    assert sign_in("resident").post(f"{BASE}/checks/{check_id}", {"tenths": 366}).status_code == 404
    elsewhere = sign_in("officer", at=other_community)
    path = f"/api/c/guihua/quarantine/checks/{check_id}"
    assert elsewhere.post(path, {"tenths": 366, "how": "door"}).status_code == 404


def test_an_order_that_has_ended_asks_for_nothing_more(
    community: CommunityRef, isolated: str, officer: Any, worker: Any, clock: SettableClock
) -> None:
    clock.advance(hours=6)
    look_at_checks(community)
    officer.post(f"{BASE}/orders/{isolated}/release", {"ground": "over"})
    clock.advance(hours=30)
    look_at_checks(community)
    assert len(checks()) == 2
    assert worker.get(f"{BASE}/tasks").get_json()["items"] == []


@pytest.mark.parametrize("are_asked", [True, False])
def test_workers_of_four_processes_open_one_task_a_rung(
    community: CommunityRef, isolated: str, clock: SettableClock, database_url: str, are_asked: bool
) -> None:
    if are_asked:
        clock.advance(hours=2)
        look_at_checks(community)
    clock.advance(hours=7 if are_asked else 9)
    results = race(database_url, clock.now(), isolation_racers.look, [(community.id, 3)] * RACERS)
    assert sum(results) == 8, results
    assert Counter(rungs()) == {"reminder": 2, "call": 2, "door": 2, "committee": 2}
    assert len(checks()) == 2


def test_workers_killed_in_the_middle_leave_each_rung_once_and_none_out(
    community: CommunityRef, isolated: str, clock: SettableClock, database_url: str
) -> None:
    """Each begins where the clock stands, or an hour before, steps on, and dies somewhere on the way."""
    moment = random.Random(20200210)
    signals = []
    for _ in range(6):
        start = clock.now() - timedelta(hours=moment.choice((0, 0, 1)))
        call = (community.id, 10_000, 7)
        doomed = doom(database_url, start, isolation_racers.look_on, call, after_s=moment.uniform(0.02, 0.6))
        signals.append(doomed.exitcode)
        clock.advance(hours=5)
    assert signals == [-signal.SIGKILL] * 6
    clock.advance(days=3)
    look_at_checks(community)
    climbed = Counter((task.check_id, task.rung) for task in _tasks())
    assert set(climbed.values()) == {1}
    waiting = {check_id for check_id, state, _ in checks() if state == "missed"}
    assert waiting and {(check_id, rung) for check_id in waiting for rung in Rung} <= set(climbed)
    due = Counter(due_at for _, _, due_at in checks())
    assert set(due.values()) == {2}


def _tasks() -> list[Task]:
    with reading() as session:
        return list(session.scalars(select(Task)))


def test_one_check_entered_at_four_doors_counts_once(
    community: CommunityRef, isolated: str, officer: Any, clock: SettableClock, database_url: str
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check_id = checks()[0][0]
    calls = [(community.id, officer.person_id, check_id)] * RACERS
    results = Counter(race(database_url, clock.now(), isolation_racers.enter, calls))
    assert results == {"done": 1, "quarantine.check_over": RACERS - 1}
    with reading() as session:
        assert len(session.scalars(select(Referral.id)).all()) == 1


def test_nobody_is_skipped_however_long_the_clockwork_was_down(
    community: CommunityRef, isolated: str, clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    clock.advance(days=3)
    look_at_checks(community)
    # 19:00 of four days and 9:00 of three, for two people.
    assert len(checks()) == 7 * 2
    assert Counter(rungs())["committee"] == 6 * 2


def test_the_tables_themselves_refuse_a_second_check_and_a_second_task(
    community: CommunityRef, isolated: str, clock: SettableClock
) -> None:
    """SQLite's writers take turns, so that no race of ours can show there what these constraints are for."""
    clock.advance(hours=4)
    look_at_checks(community)
    with reading() as session:
        task, check = session.scalars(select(Task)).first(), session.scalars(select(Check)).first()
    assert task is not None and check is not None
    for row in (
        Task(
            community_id=community.id,
            check_id=task.check_id,
            order_id=task.order_id,
            home_id=task.home_id,
            rung=task.rung,
            opened_at=clock.now(),
        ),
        Check(
            community_id=community.id,
            order_id=check.order_id,
            person_id=check.person_id,
            due_at=check.due_at,
        ),
    ):
        with pytest.raises(IntegrityError), transaction() as session:
            session.add(row)


def test_the_days_are_counted_where_the_homes_are(
    community: CommunityRef, isolated: str, resident: Any, officer: Any, clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check = resident.get(f"{BASE}/mine").get_json()["order"]["checks"][0]
    resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 366})
    clock.advance(hours=8)
    look_at_checks(community)
    before, today = officer.get(f"{BASE}/days?days=2").get_json()["items"]
    # Past midnight in Shanghai: the check of the evening before is that day's.
    assert (before["done"], before["missed"], before["waiting"], before["doors"]) == (1, 1, 0, 1)
    assert (today["done"], today["missed"], today["committee"]) == (0, 0, 0)
    assert resident.get(f"{BASE}/days").status_code == 403


def test_the_clinic_sees_the_reading_and_the_person_sees_who_looked(
    community: CommunityRef,
    isolated: str,
    resident: Any,
    officer: Any,
    worker: Any,
    sign_in: Callable[..., Any],
    clock: SettableClock,
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    mine = resident.get(f"{BASE}/mine").get_json()["order"]["checks"]
    check = next(c for c in mine if c["person_id"] == str(resident.person_id))
    resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 384, "symptoms": ["cough"]})
    clinic = sign_in("clinic")
    patient = clinic.get(f"{BASE}/referrals").get_json()["items"][0]
    assert (patient["temperature"], patient["symptoms"]) == ("38.4", ["cough"])
    looks = resident.get("/api/c/wutong/people/looks").get_json()["items"]
    assert ["symptoms", "temperature"] in [sorted(look["fields"]) for look in looks]
    assert {one.get(f"{BASE}/referrals").status_code for one in (officer, worker, resident)} == {403}
    assert clinic.post(f"{BASE}/referrals/{patient['id']}/close").status_code == 200
    assert clinic.get(f"{BASE}/referrals").get_json()["items"] == []


def test_a_worker_asks_at_the_door_how_long_the_food_lasts(
    community: CommunityRef, isolated: str, worker: Any, clock: SettableClock
) -> None:
    clock.advance(hours=6)
    look_at_checks(community)
    task = worker.get(f"{BASE}/tasks").get_json()["items"][0]
    assert not task["is_supply_asked"]
    said = {"food_days": 9, "medicine_days": 9}
    answer = worker.post(f"{BASE}/orders/{task['order_id']}/supply", said)
    assert answer.get_json() == {"order_id": task["order_id"], **said}
    assert worker.get(f"{BASE}/tasks").get_json()["items"][0]["is_supply_asked"]


def test_a_worker_sees_the_doors_of_one_grid(
    community: CommunityRef, homes: list[UUID], isolated: str, worker: Any, clock: SettableClock
) -> None:
    with transaction() as session:
        compound = session.scalars(select(Area).where(Area.level == "compound")).first()
        grid = communities.add_area(session, "grid", "g-1", "第一网格", parent=compound)
        session.execute(update(Home).where(Home.id == homes[0]).values(grid_area_id=grid.id))
        grid_id = grid.id
    clock.advance(hours=6)
    look_at_checks(community)
    listed = worker.get(f"{BASE}/tasks?grid={grid_id}").get_json()
    assert len(listed["items"]) == 2
    assert listed["grids"] == [{"id": str(grid_id), "name": "第一网格", "name_en": "", "homes": 1}]
    other = worker.get(f"{BASE}/tasks?grid={homes[0]}").get_json()
    assert (other["items"], other["grids"]) == ([], listed["grids"])


def test_readings_go_28_days_after_the_release_and_the_trail_says_so(
    community: CommunityRef, isolated: str, resident: Any, officer: Any, clock: SettableClock
) -> None:
    clock.advance(hours=2)
    look_at_checks(community)
    check = resident.get(f"{BASE}/mine").get_json()["order"]["checks"][0]
    resident.post(f"{BASE}/checks/{check['id']}", {"tenths": 384, "symptoms": ["cough"]})
    referral = officer.get(f"{BASE}/desk").get_json()["referrals"][0]
    officer.post(f"{BASE}/orders/{isolated}/release", {"ground": "over"})
    officer.post(f"{BASE}/referrals/{referral['id']}/close")
    job = JobContext(new_id(), community.id, 1)
    clock.advance(days=27)
    forget_readings(job, {})
    assert _measured() == 1
    clock.advance(days=2)
    forget_readings(job, {})
    forget_readings(job, {})
    assert _measured() == 0
    with reading() as session:
        assert session.scalars(select(Check.state).where(Check.id == UUID(check["id"]))).one() == "done"
        facts = session.scalars(select(AuditRow.facts).where(AuditRow.action == "quarantine.forgotten")).all()
    assert facts == [{"readings": 1, "referrals": 1}]


def _measured() -> int:
    with database().engine.connect() as connection:
        wanted = "SELECT count(*) FROM quarantine_check WHERE temperature IS NOT NULL OR symptoms IS NOT NULL"
        return int(connection.execute(text(wanted)).scalar_one())


def test_one_reading_at_the_door_answers_for_the_checks_before_it(
    community: CommunityRef, isolated: str, worker: Any, officer: Any, clock: SettableClock
) -> None:
    """19:00 and 9:00 were missed; at 13:30 the worker knocks once, and the committee still has the evening before."""
    clock.advance(hours=20, minutes=30)
    look_at_checks(community)
    tasks = worker.get(f"{BASE}/tasks").get_json()["items"]
    assert [(task["rung"], task["due_at"][11:16]) for task in tasks] == [("door", "01:00")] * 2
    for task in tasks:
        worker.post(f"{BASE}/checks/{task['check_id']}", {"tenths": 366, "how": "door"})
    assert worker.get(f"{BASE}/tasks").get_json()["items"] == []
    assert [task["rung"] for task in officer.get(f"{BASE}/tasks").get_json()["items"]] == ["committee"] * 2


def test_what_is_old_does_not_push_the_doors_off_the_page(
    community: CommunityRef,
    isolated: str,
    officer: Any,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page is bounded after the choice: the evening's missed checks are older than the morning's doors."""
    clock.advance(hours=20, minutes=30)
    look_at_checks(community)
    monkeypatch.setattr(doors, "MOST", 2)
    assert [task["rung"] for task in officer.get(f"{BASE}/tasks").get_json()["items"]] == ["door", "door"]
