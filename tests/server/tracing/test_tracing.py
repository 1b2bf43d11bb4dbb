"""Cases over HTTP: asked for a reason, ranked, decided by a person, told without a name, forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from server.core.flags.models import Flag
from server.core.notices.models import Notice
from server.kit import clock as kit_clock
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import Base, reading, transaction
from server.kit.module import JobContext
from server.kit.reads import ReadRow
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Scan
from server.modules.tracing import jobs
from server.modules.tracing.models import Candidate, Case
from tests.factories.gatehouse import make_gates
from tests.factories.neighbourhood import make_homes, make_resident

BASE = "/api/c/wutong/tracing"


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 3)


@pytest.fixture
def neighbour(community: CommunityRef, homes: list[UUID]) -> UUID:
    """Somebody who was at the gate three minutes after the case, three times."""
    gate = make_gates(community, "东门")[0]
    make_resident(community, homes[0])
    person = make_resident(community, homes[1])
    with transaction() as session:
        for hour in (1, 2, 3):
            at = kit_clock.now() - timedelta(hours=hour)
            session.add_all([scan(community, gate, homes[0], at), scan(community, gate, homes[1], at, 3)])
    return person


def scan(community: CommunityRef, gate: UUID, home: UUID, at: Any, minutes: int = 0) -> Scan:
    when = at + timedelta(minutes=minutes)
    return Scan(
        community_id=community.id, ref=uuid4(), gate_id=gate, home_id=home, direction="in", how="code",
        outcome="admit", reasons=[], was_measured=False, is_offline=False, rule_version=0, at=when, received_at=when,
    )  # fmt: skip


def question(home: UUID, **changed: Any) -> dict[str, Any]:
    now = kit_clock.now()
    window = {"from_at": (now - timedelta(days=1)).isoformat(), "until_at": now.isoformat()}
    return {"number": "T-17", "purpose": "test purpose", "home_id": str(home), **window, **changed}


def count(table: type[Base]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_case_is_asked_confirmed_and_told_and_no_route_sets_a_flag(
    homes: list[UUID], neighbour: UUID, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    made = officer.post(f"{BASE}/cases", question(homes[0]))
    assert made.status_code == 201, made.get_json()
    (found,) = made.get_json()["candidates"]
    reason = found["overlaps"][0]
    assert (reason["source"], reason["place_label"], reason["times"]) == ("gate", "东门", 3)
    assert count(Notice) == 0
    path = f"{BASE}/candidates/{found['id']}"
    assert officer.post(f"{path}/confirm").get_json()["state"] == "confirmed"
    for step in ("confirm", "dismiss"):
        again = officer.post(f"{path}/{step}")
        assert (again.status_code, again.get_json()["code"]) == (409, "tracing.decided")
    assert officer.get(f"{BASE}/cases/{made.get_json()['id']}").status_code == 200
    assert officer.get(f"{BASE}/cases").status_code == 200
    other = officer.post(f"{BASE}/cases", question(homes[0])).get_json()["candidates"][0]
    assert officer.post(f"{BASE}/candidates/{other['id']}/dismiss").get_json()["state"] == "dismissed"
    assert count(Flag) == 0
    with reading() as session:
        (notice,) = session.scalars(select(Notice)).all()
        assert (notice.person_id, notice.kind, notice.facts) == (neighbour, "tracing_contact", {})
        actions = session.scalars(select(AuditRow.action).where(AuditRow.action.like("tracing.%"))).all()
        assert sorted(actions) == ["tracing.asked", "tracing.asked", "tracing.confirmed", "tracing.dismissed"]
        read = session.scalars(select(ReadRow).where(ReadRow.subject_id == neighbour)).all()
        assert {row.purpose for row in read} == {"tracing"} and len(read) == 5


@pytest.mark.parametrize("lack", [{"number": " "}, {"purpose": ""}, {"number": None}])
def test_no_question_without_number_and_purpose(
    homes: list[UUID], neighbour: UUID, sign_in: Callable[..., Any], lack: dict[str, Any]
) -> None:
    assert sign_in("officer").post(f"{BASE}/cases", question(homes[0], **lack)).status_code == 422
    assert count(Case) == 0


def test_no_question_about_what_is_to_be_forgotten(homes: list[UUID], sign_in: Callable[..., Any]) -> None:
    old = (kit_clock.now() - timedelta(days=15)).isoformat()
    answer = sign_in("officer").post(f"{BASE}/cases", question(homes[0], from_at=old))
    assert answer.get_json()["code"] == "tracing.bad_window"


@pytest.mark.parametrize("role", ["resident", "guard", "grid_worker", "courier", "clinic", "volunteer"])
def test_others_are_refused(homes: list[UUID], sign_in: Callable[..., Any], role: str) -> None:
    api = sign_in(role)
    assert api.get(f"{BASE}/cases").status_code == 403
    assert api.post(f"{BASE}/cases", question(homes[0])).status_code == 403
    assert api.post(f"{BASE}/candidates/{uuid4()}/confirm").status_code == 403


def test_another_community_sees_and_decides_nothing(
    homes: list[UUID], neighbour: UUID, other_community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    made = sign_in("officer").post(f"{BASE}/cases", question(homes[0])).get_json()
    stranger = sign_in("officer", at=other_community)
    there = "/api/c/guihua/tracing"
    assert stranger.get(f"{there}/cases").get_json()["items"] == []
    assert stranger.get(f"{there}/cases/{made['id']}").status_code == 404
    assert stranger.post(f"{there}/candidates/{made['candidates'][0]['id']}/confirm").status_code == 404
    assert stranger.post(f"{there}/cases", question(homes[0])).status_code == 404
    assert stranger.get(f"{BASE}/cases").status_code in (403, 404)


def test_after_fourteen_days_all_is_deleted_and_it_is_said(
    community: CommunityRef,
    homes: list[UUID],
    neighbour: UUID,
    sign_in: Callable[..., Any],
    clock: SettableClock,
) -> None:
    sign_in("officer").post(f"{BASE}/cases", question(homes[0]))
    clock.advance(days=14)
    jobs.forget(JobContext(uuid4(), community.id, 1), {})
    assert count(Case) == 1
    clock.advance(seconds=1)
    jobs.forget(JobContext(uuid4(), community.id, 1), {})
    assert (count(Case), count(Candidate)) == (0, 0)
    with reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "tracing.forgotten")).one()
        assert row.facts == {"cases": 1, "candidates": 1}
