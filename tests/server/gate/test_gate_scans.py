"""Scans over HTTP, as a guard makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.core.flags import service as flags
from server.core.places import service as places
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.outbox import OutboxRow
from server.kit.permissions import SYSTEM, Actor
from server.kit.reads import ReadRow
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Scan
from server.modules.gate.rules.leaving import Quota, Rules
from server.modules.gate.rules.passes import PassStep
from tests.factories.gatehouse import Phone, make_gates, make_pass, make_phone, put_on_phone
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api

SCANS = "/api/c/wutong/gate/scans"


@pytest.fixture
def guard(sign_in: Callable[..., Api]) -> Api:
    return sign_in("guard")


def show(guard: Api, gate_id: UUID, text: str, *, how: str = "code", **more: Any) -> dict[str, Any]:
    body = {
        "ref": str(uuid4()),
        "gate_id": str(gate_id),
        "direction": "out",
        "how": how,
        "text": text,
        **more,
    }
    answer = guard.post(SCANS, body)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def verdict(answer: dict[str, Any]) -> list[str]:
    return [answer["outcome"], *(reason["code"] for reason in answer["reasons"])]


def set_rules(community: CommunityRef, rules: Rules) -> None:
    with transaction() as session:
        version, _ = service.rules_at(session, community.id)
        service.set_rules(session, SYSTEM, community, rules, why="test", on=version)


def isolate(community: CommunityRef, home_id: UUID) -> UUID:
    with transaction() as session:
        return flags.raise_flag(
            session, SYSTEM, community.id, home_id=home_id, kind="red", ground="an order"
        ).id


def test_a_code_opens_once(guard: Api, gates: list[UUID], phone: Phone) -> None:
    code = phone.code()
    assert verdict(show(guard, gates[0], code)) == ["allow"]
    assert verdict(show(guard, gates[1], code)) == ["deny", "double_use"]


def test_the_next_code_opens_again(guard: Api, gates: list[UUID], phone: Phone, clock: SettableClock) -> None:
    show(guard, gates[0], phone.code())
    clock.advance(seconds=30)
    assert verdict(show(guard, gates[0], phone.code())) == ["allow"]


def test_a_scan_that_is_sent_twice_happens_once(guard: Api, gates: list[UUID], phone: Phone) -> None:
    body = {
        "ref": str(uuid4()),
        "gate_id": str(gates[0]),
        "direction": "out",
        "how": "code",
        "text": phone.code(),
    }
    first, second = guard.post(SCANS, body).get_json(), guard.post(SCANS, body).get_json()
    assert first == second
    with reading() as session:
        assert len(session.scalars(select(Scan)).all()) == 1


@pytest.mark.parametrize(
    ("off_s", "says"),
    [
        (-30, ["allow"]),
        (30, ["allow"]),
        (-480, ["deny", "clock_off"]),
        (600, ["deny", "clock_off"]),
        (-660, ["deny", "code_old"]),
        (660, ["deny", "code_early"]),
    ],
)
def test_a_phone_whose_clock_is_off_is_told_so(
    off_s: int, says: list[str], guard: Api, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    answer = show(guard, gates[0], phone.code(clock.now() + timedelta(seconds=off_s)))
    assert verdict(answer) == says
    if says[-1] == "clock_off":
        assert answer["reasons"][0]["off_s"] == off_s


def test_an_isolated_home_opens_nothing_from_the_commit_on_and_comes_home_all_the_same(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef, homes: list[UUID]
) -> None:
    isolate(community, homes[0])
    answer = show(guard, gates[0], phone.code())
    assert verdict(answer) == ["deny", "held"]
    # The guard is told that, and not why.
    assert "red" not in str(answer)
    assert verdict(show(guard, gates[0], phone.code(), direction="in")) == ["admit", "held"]


def test_who_comes_home_is_admitted_whatever_they_show(
    guard: Api, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    for how, text in (("code", "no code"), ("none", ""), ("number", "000000"), ("document", "X")):
        assert show(guard, gates[0], text, how=how, direction="in")["outcome"] == "admit"
    clock.advance(days=30)
    assert verdict(show(guard, gates[0], phone.code(), direction="in"))[0] == "admit"


def test_an_emergency_passes_and_is_logged_with_its_author(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef, homes: list[UUID]
) -> None:
    isolate(community, homes[0])
    assert verdict(show(guard, gates[0], phone.code(), override="chest pain")) == ["override", "held"]
    with reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "gate.override")).one()
        assert (row.actor_id, row.why) == (guard.person_id, "chest pain")
    body = {"ref": str(uuid4()), "gate_id": str(gates[0]), "direction": "out", "how": "none", "override": " "}
    assert guard.post(SCANS, body).status_code == 422


def test_a_revoked_pass_opens_nothing(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef
) -> None:
    with transaction() as session:
        service.step(session, SYSTEM, community, phone.pass_id, PassStep.REVOKE, ground="lost")
    assert verdict(show(guard, gates[0], phone.code())) == ["deny", "revoked"]


def test_a_pass_that_moved_to_another_phone_is_worth_nothing_on_the_first(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef, resident: UUID
) -> None:
    newer = put_on_phone(community, resident, phone.pass_id)
    assert verdict(show(guard, gates[0], phone.code())) == ["deny", "replaced"]
    assert verdict(show(guard, gates[0], newer.code())) == ["allow"]


def test_another_communitys_code_is_forged_here(
    guard: Api, gates: list[UUID], other_community: CommunityRef
) -> None:
    person = make_resident(other_community, make_homes(other_community, 1)[0])
    stranger = make_phone(other_community, person)
    assert verdict(show(guard, gates[0], stranger.code())) == ["deny", "forged"]
    assert verdict(show(guard, gates[0], stranger.number, how="number")) == ["deny", "unknown"]


def test_another_communitys_gate_is_not_there(
    guard: Api, other_community: CommunityRef, phone: Phone
) -> None:
    theirs = make_gates(other_community, "南门")[0]
    body = {
        "ref": str(uuid4()),
        "gate_id": str(theirs),
        "direction": "out",
        "how": "code",
        "text": phone.code(),
    }
    assert guard.post(SCANS, body).status_code == 404
    logged = {**body, "at": "2026-03-02T08:59:00Z", "outcome": "allow"}
    assert guard.post("/api/c/wutong/gate/log", {"scans": [logged]}).status_code == 404


def test_the_second_of_a_home_is_refused_where_one_may_leave(
    guard: Api,
    gates: list[UUID],
    phone: Phone,
    community: CommunityRef,
    homes: list[UUID],
    clock: SettableClock,
) -> None:
    set_rules(community, Rules(quota=Quota(1, 2)))
    other = make_phone(community, make_resident(community, homes[0]))
    assert verdict(show(guard, gates[0], phone.code())) == ["allow"]
    answer = show(guard, gates[0], other.code())
    assert verdict(answer) == ["deny", "quota"]
    assert answer["reasons"][0]["next_on"] == "2026-03-04"
    clock.advance(days=2)
    assert verdict(show(guard, gates[0], other.code())) == ["allow"]


def test_a_closed_gate_and_its_hours_hold_at_once(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef
) -> None:
    with transaction() as session:
        places.change_gate(session, SYSTEM, community, gates[0], is_open=False)
    assert verdict(show(guard, gates[0], phone.code())) == ["deny", "gate_closed"]
    assert verdict(show(guard, gates[1], phone.code())) == ["allow"]


def test_a_fever_is_refused_told_to_others_and_kept_nowhere(
    guard: Api, gates: list[UUID], phone: Phone
) -> None:
    assert verdict(show(guard, gates[0], phone.code(), reading_tenths=381)) == ["deny", "reading_high"]
    with reading() as session:
        scan = session.scalars(select(Scan)).one()
        assert "381" not in str([getattr(scan, column.key) for column in Scan.__table__.columns])
        events = session.scalars(select(OutboxRow).where(OutboxRow.kind == "gate.reading_high")).all()
        assert len(events) == 1
        assert "381" not in str(events[0].payload)


def test_six_digits_and_a_document_find_the_pass_and_leave_a_look(
    guard: Api, gates: list[UUID], phone: Phone, community: CommunityRef, resident: UUID, clock: SettableClock
) -> None:
    answer = show(guard, gates[0], phone.number, how="number")
    assert verdict(answer) == ["allow"]
    assert (answer["name"], answer["home"]) == ("小梅", "1号楼-1单元-101")
    make_pass(community, make_resident(community, make_second(community)), document="11010519491231002X")
    assert verdict(show(guard, gates[0], "1101 0519 4912 31002x", how="document")) == ["allow"]
    with reading() as session:
        reads = session.scalars(select(ReadRow).where(ReadRow.subject_id == resident)).all()
        assert [(read.viewer_id, read.purpose) for read in reads] == [(guard.person_id, "gate")]


def make_second(community: CommunityRef) -> UUID:
    with reading() as session:
        return places.homes_page(session, community.id)[1].id


def test_paper_leaves_once_until_it_has_come_back(
    guard: Api, gates: list[UUID], community: CommunityRef, resident: UUID, clock: SettableClock
) -> None:
    pass_id = make_pass(community, resident)
    with transaction() as session:
        row = service.find(session, community.id, pass_id)
        paper = service.print_paper(session, Actor(resident), community, row)
    assert verdict(show(guard, gates[0], paper, how="paper")) == ["allow"]
    clock.advance(minutes=5)
    assert verdict(show(guard, gates[1], paper, how="paper")) == ["deny", "already_out"]
    assert verdict(show(guard, gates[1], paper, how="paper", direction="in")) == ["admit"]
    clock.advance(minutes=5)
    assert verdict(show(guard, gates[0], paper, how="paper")) == ["allow"]
    with transaction() as session:
        row = service.find(session, community.id, pass_id)
        service.print_paper(session, Actor(resident), community, row)
    assert verdict(show(guard, gates[0], paper, how="paper"))[:2] == ["deny", "replaced"]


def test_vehicles_goods_and_visitors_have_passes_too(
    guard: Api, gates: list[UUID], community: CommunityRef, resident: UUID
) -> None:
    for kind, subject in (("vehicle", "沪A12345"), ("visitor", "王师傅"), ("goods", "旧冰箱")):
        phone = make_phone(community, resident, kind=kind, subject=subject)
        answer = show(guard, gates[0], phone.code())
        assert (answer["outcome"], answer["kind"], answer["subject"]) == ("allow", kind, subject)


def test_a_body_without_bounds_is_refused(guard: Api, gates: list[UUID]) -> None:
    body = {
        "ref": str(uuid4()),
        "gate_id": str(gates[0]),
        "direction": "out",
        "how": "code",
        "text": "A" * 301,
    }
    assert guard.post(SCANS, body).status_code == 422
    assert guard.post(SCANS, {**body, "text": "", "direction": "up"}).status_code == 422
    logged = {**body, "text": "", "at": "2026-03-02T08:59:00Z", "outcome": "allow"}
    assert guard.post("/api/c/wutong/gate/log", {"scans": [logged] * 501}).status_code == 422
