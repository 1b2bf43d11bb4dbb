"""Scanners without network: their logs come twice, shuffled and in pieces, and there is one history."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from server.core.flags import service as flags
from server.kit import clock as kit_clock
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.errors import Problem
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Finding, Pass, Scan
from server.modules.gate.rules.leaving import Direction, Outcome, Quota, Rules
from server.modules.gate.rules.passes import PassStep
from tests.factories.gatehouse import Phone, make_phone
from tests.factories.neighbourhood import make_resident
from tests.server.conftest import Api

LOG = "/api/c/wutong/gate/log"
ALLOW, DENY = Outcome.ALLOW, Outcome.DENY


def logged(
    gate_id: UUID, text: str, at: datetime, outcome: Outcome = ALLOW, *, how: str = "code", **more: Any
) -> service.Logged:
    values = {"list_issued_at": at - timedelta(minutes=1), **more}
    return service.Logged(uuid4(), Direction.OUT, service.How(how), text, at, outcome, gate_id, **values)


def take_in(community: CommunityRef, rows: Sequence[service.Logged]) -> service.TakenIn:
    with transaction() as session:
        return service.take_in(session, service.By(Actor(None)), community, rows)


def history() -> tuple[set[tuple[Any, ...]], set[tuple[str, str]]]:
    """Everything that anybody is shown of scans, and all findings."""
    with reading() as session:
        scans = {
            (s.ref, s.gate_id, s.pass_id, s.direction, s.how, s.step, s.outcome, str(s.reasons), s.at)
            for s in session.scalars(select(Scan))
        }
        return scans, {(f.kind, f.key) for f in session.scalars(select(Finding))}


def forget_all() -> None:
    with transaction() as session:
        session.execute(delete(Finding))
        session.execute(delete(Scan))
        session.execute(update(Pass).values(out_at=None, in_at=None))


def kinds() -> list[str]:
    return sorted(kind for kind, _ in history()[1])


def test_a_code_used_at_two_gates_without_network_is_found(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    code, at = phone.code(), clock.now()
    done = take_in(community, [logged(gates[0], code, at)])
    assert (done, kinds()) == (service.TakenIn(new=1, known=0), [])
    take_in(community, [logged(gates[1], code, at + timedelta(seconds=20))])
    assert kinds() == ["double_use"]


def test_a_code_used_online_and_offline_is_found(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    code = phone.code()
    with transaction() as session:
        presented = service.Presented(uuid4(), Direction.OUT, service.How.CODE, code, gate_id=gates[0])
        assert service.scan(session, service.By(Actor(None)), community, presented).outcome == "allow"
    take_in(community, [logged(gates[1], code, clock.now())])
    assert kinds() == ["double_use"]


def test_a_refusal_that_came_too_late_for_the_scanner_is_found(
    community: CommunityRef, gates: list[UUID], homes: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="an order")
        presented = service.Presented(
            uuid4(), Direction.OUT, service.How.CODE, phone.code(), gate_id=gates[0]
        )
        assert service.scan(session, service.By(Actor(None)), community, presented).outcome == "deny"
    row = logged(gates[0], phone.code(), clock.now())
    take_in(community, [replace(row, ref=presented.ref)])
    assert kinds() == ["let_out_anyway"]


def test_refused_and_tried_again_within_the_half_minute_is_no_double_use(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    code, at = phone.code(), clock.now()
    missing = logged(gates[0], code, at, DENY, reasons=("reading_missing",))
    take_in(community, [missing, logged(gates[0], code, at + timedelta(seconds=5))])
    assert kinds() == []


def test_who_left_though_isolated_revoked_or_with_a_forged_code_is_found(
    community: CommunityRef, gates: list[UUID], homes: list[UUID], clock: SettableClock
) -> None:
    held, revoked = (make_phone(community, make_resident(community, home)) for home in homes)
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="an order")
        service.step(session, SYSTEM, community, revoked.pass_id, PassStep.REVOKE, ground="lost")
    at = clock.advance(minutes=2)
    rows = [logged(gates[0], phone.code(at), at) for phone in (held, revoked)]
    take_in(community, [*rows, logged(gates[0], "FORGED", at)])
    assert kinds() == ["ended_out", "forged_out", "held_out"]


def test_who_left_before_the_isolation_did_no_wrong_however_late_the_log_comes(
    community: CommunityRef, gates: list[UUID], homes: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    row = logged(gates[0], phone.code(), clock.now())
    clock.advance(minutes=1)
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="an order")
        service.step(session, SYSTEM, community, phone.pass_id, PassStep.REVOKE, ground="lost")
    take_in(community, [row])
    assert kinds() == []


def test_a_scanner_that_let_out_by_a_stale_list_is_found(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    at = clock.now()
    take_in(community, [logged(gates[0], phone.code(), at, list_issued_at=at - timedelta(minutes=31))])
    assert kinds() == ["stale_out"]


def test_a_scanner_whose_clock_is_off_is_named(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    for minutes in (-10, 10):
        at = clock.now() + timedelta(minutes=minutes)
        take_in(community, [logged(gates[0], phone.code(at), at)])
    assert kinds() == []
    at = clock.now() + timedelta(minutes=11)
    take_in(community, [logged(gates[0], phone.code(at), at)])
    assert kinds() == ["clock_off"]


def test_two_of_a_home_at_two_gates_without_network_are_over_quota(
    community: CommunityRef, gates: list[UUID], homes: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    with transaction() as session:
        service.set_rules(session, SYSTEM, community, Rules(quota=Quota(1, 2)), why="test", on=0)
    other = make_phone(community, make_resident(community, homes[0]))
    at = clock.advance(minutes=1)
    take_in(community, [logged(gates[0], phone.code(), at), logged(gates[1], other.code(), at)])
    assert history()[1] == {("over_quota", f"{homes[0]}:2026-03-02")}


def test_a_copied_sheet_at_two_gates_is_found(
    community: CommunityRef, gates: list[UUID], phone: Phone, resident: UUID, clock: SettableClock
) -> None:
    with transaction() as session:
        row = service.find(session, community.id, phone.pass_id)
        paper = service.print_paper(session, Actor(resident), community, row)
    at = clock.now()
    take_in(community, [logged(gate, paper, at, how="paper") for gate in gates])
    assert kinds() == ["paper_twice"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scans=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 1),
            st.integers(0, 5),
            st.sampled_from(["allow", "allow", "deny", "in"]),
        ),
        min_size=1,
        max_size=14,
    ),
    seed=st.integers(0, 10**6),
)
def test_logs_replayed_twice_and_shuffled_give_one_history(
    scans: list[tuple[int, int, int, str]],
    seed: int,
    community: CommunityRef,
    gates: list[UUID],
    homes: list[UUID],
    crowd: list[Phone],
) -> None:
    """And every code that went through twice is found, by a count of our own."""
    start = kit_clock.now()
    rows, codes = [], []
    for who, gate, half_minute, what in scans:
        at = start + timedelta(seconds=30 * half_minute)
        text = crowd[who].code(at)
        row = logged(gates[gate], text, at, DENY if what == "deny" else ALLOW)
        if what == "in":
            row = service.Logged(
                row.ref, Direction.IN, row.how, text, at, Outcome.ADMIT, gates[gate], list_issued_at=start
            )
        rows.append(row)
        if what != "deny":
            codes.append((crowd[who].pass_id, text))
    forget_all()
    take_in(community, rows)
    in_order = history()
    twice = {key for key in codes if codes.count(key) > 1}
    assert len([kind for kind, _ in in_order[1] if kind == "double_use"]) == len(twice)
    forget_all()
    shuffled = rows * 2
    random.Random(seed).shuffle(shuffled)
    for at in range(0, len(shuffled), 3):
        take_in(community, shuffled[at : at + 3])
    assert history() == in_order


def test_a_log_over_http_tells_what_was_new(
    sign_in: Callable[..., Api], gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    guard = sign_in("guard")
    row = {
        "ref": str(uuid4()),
        "gate_id": str(gates[0]),
        "direction": "out",
        "how": "code",
        "text": phone.code(),
        "at": "2026-03-02T09:00:00Z",
        "outcome": "allow",
        "list_issued_at": "2026-03-02T08:55:00Z",
    }
    assert guard.post(LOG, {"scans": [row]}).get_json() == {"new": 1, "known": 0}
    assert guard.post(LOG, {"scans": [row, row]}).get_json() == {"new": 0, "known": 2}
    override = {**row, "ref": str(uuid4()), "outcome": "override"}
    assert guard.post(LOG, {"scans": [override]}).status_code == 422
    assert guard.post(LOG, {"scans": [{**override, "why": "fire"}]}).status_code == 200
    officer = sign_in("officer")
    found = officer.get("/api/c/wutong/gate/findings?kind=override").get_json()["items"]
    assert [(one["why"], one["gate_id"]) for one in found] == [("fire", str(gates[0]))]
    assert len(officer.get("/api/c/wutong/gate/scans").get_json()["items"]) == 2


def test_an_exit_logged_as_admitted_is_refused(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock
) -> None:
    try:
        take_in(community, [logged(gates[0], phone.code(), clock.now(), Outcome.ADMIT)])
    except Problem as problem:
        assert problem.code == "gate.bad_log"
    assert history() == (set(), set())
