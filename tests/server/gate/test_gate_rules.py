"""Rules over HTTP, looking back, and what open pages are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from server.core.communities import service as communities
from server.core.flags import service as flags
from server.core.places import service as places
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.live import LiveRow
from server.kit.permissions import SYSTEM, Actor
from server.kit.relay import Relay
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Scan
from server.modules.gate.rules.leaving import Direction
from tests.factories.gatehouse import Phone, make_gates
from tests.factories.neighbourhood import make_homes
from tests.server.conftest import Api

GATE = "/api/c/wutong/gate"


def go_out(community: CommunityRef, gate_id: UUID, phone: Phone) -> str:
    presented = service.Presented(uuid4(), Direction.OUT, service.How.CODE, phone.code(), gate_id=gate_id)
    with transaction() as session:
        return service.scan(session, service.By(Actor(None)), community, presented).outcome


def test_rules_are_versions_with_author_and_reason(
    sign_in: Callable[..., Api], gates: list[UUID], community: CommunityRef
) -> None:
    officer = sign_in("officer")
    now = officer.get(f"{GATE}/rules").get_json()
    assert now["version"] == 0
    rules = {
        **now["rules"],
        "quota": {"most_exits": 1, "per_days": 2},
        "gates": [str(gates[0])],
        "hours": [[420, 1200]],
    }
    body = {"rules": rules, "why": "street order 12", "on_version": 0}
    made = officer.post(f"{GATE}/rules", body)
    assert (made.status_code, made.get_json()["version"]) == (201, 1)
    assert officer.get(f"{GATE}/rules").get_json()["rules"] == rules
    assert officer.post(f"{GATE}/rules", body).status_code == 409
    assert officer.post(f"{GATE}/rules", {**body, "on_version": 1, "why": " "}).status_code == 422
    bad = {**rules, "hours": [[600, 500]]}
    assert officer.post(f"{GATE}/rules", {**body, "on_version": 1, "rules": bad}).status_code == 422
    versions = officer.get(f"{GATE}/rules/versions").get_json()["items"]
    assert [(one["version"], one["why"]) for one in versions] == [(1, "street order 12")]
    assert sign_in("resident").get(f"{GATE}/rules").status_code == 200


def test_a_preview_says_how_many_exits_a_rule_would_have_stopped(
    sign_in: Callable[..., Api],
    gates: list[UUID],
    phone: Phone,
    community: CommunityRef,
    clock: SettableClock,
) -> None:
    for _ in range(4):
        assert go_out(community, gates[0], phone) == "allow"
        clock.advance(days=1)
    officer = sign_in("officer")
    rules = {**officer.get(f"{GATE}/rules").get_json()["rules"], "quota": {"most_exits": 1, "per_days": 2}}
    effect = officer.post(f"{GATE}/rules/preview", {"rules": rules, "days": 7}).get_json()
    assert (effect["exits"], effect["stopped"], effect["stopped_by"]) == (4, 2, {"quota": 2})
    assert officer.get(f"{GATE}/rules").get_json()["version"] == 0


def test_the_flow_counts_each_gate_and_hour(
    sign_in: Callable[..., Api],
    gates: list[UUID],
    phone: Phone,
    community: CommunityRef,
    clock: SettableClock,
) -> None:
    go_out(community, gates[0], phone)
    go_out(community, gates[0], phone)
    clock.advance(hours=1)
    go_out(community, gates[1], phone)
    flow = sign_in("officer").get(f"{GATE}/flow").get_json()
    assert [(r["gate_id"], r["hour"], r["out"], r["denied"]) for r in flow["rows"]] == [
        (str(gates[0]), 17, 1, 1),
        (str(gates[1]), 18, 1, 0),
    ]
    assert [gate["label"] for gate in flow["gates"]] == ["东门", "西门"]


def test_old_scans_are_deleted_and_it_is_said_how_many(
    app: APIFlask,
    gates: list[UUID],
    phone: Phone,
    community: CommunityRef,
    clock: SettableClock,
) -> None:
    go_out(community, gates[0], phone)
    clock.advance(days=14, seconds=1)
    linli = app.extensions["linli"]
    with transaction() as session:
        linli.jobs.enqueue(session, "gate.forget_scans", community.id)
    with app.app_context():
        linli.jobs.run_pending()
    with reading() as session:
        assert session.scalars(select(Scan)).all() == []
        said = session.scalars(select(AuditRow).where(AuditRow.action == "gate.scans_forgotten")).one()
        assert said.facts == {"count": 1}


def test_scanners_are_told_of_an_isolation_and_not_whose(
    community: CommunityRef, homes: list[UUID], drain: Callable[[], None]
) -> None:
    drain()
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="x")
    drain()
    with reading() as session:
        told = session.scalars(select(LiveRow).where(LiveRow.room == "passes")).all()
        assert [(one.kind, one.data) for one in told] == [("list.changed", {})]


@pytest.mark.parametrize(
    ("role", "room", "status"),
    [
        ("guard", "passes", 200),
        ("officer", "passes", 200),
        ("resident", "passes", 404),
        ("guard", "gate-desk", 404),
        ("officer", "gate-desk", 200),
    ],
)
def test_who_may_watch(role: str, room: str, status: int, sign_in: Callable[..., Api]) -> None:
    assert sign_in(role).get(f"/api/c/wutong/live/{room}").status_code == status


def test_an_isolation_reaches_the_scanners_within_two_seconds_of_its_commit(
    app: APIFlask, community: CommunityRef, homes: list[UUID]
) -> None:
    """Over a relay in a thread of its own, as in a running house; here the bound itself is what is promised."""
    heard: list[float] = []

    def publish(room: str, message: dict[str, Any]) -> None:
        if room.endswith("/passes"):
            heard.append(time.monotonic())

    relay = Relay(app.extensions["linli"].registry, publish, communities.modules_of)
    thread = threading.Thread(target=relay.run_forever, daemon=True)
    thread.start()
    delays = []
    for nth in range(40):
        with transaction() as session:
            flags.raise_flag(session, SYSTEM, community.id, home_id=homes[nth % 2], kind="red", ground="x")
        committed = time.monotonic()
        while len(heard) <= nth and time.monotonic() < committed + 10:
            time.sleep(0.005)
        delays.append(heard[nth] - committed)
    relay.stop()
    thread.join(timeout=10)
    assert max(delays) < 2.0


def test_exits_are_counted_by_entrance_and_nothing_else_is_told(
    community: CommunityRef, clock: SettableClock
) -> None:
    home, other = make_homes(community, 2)
    gate = make_gates(community, "南门")[0]
    for home_id, direction, outcome, days in (
        (home, "out", "allow", 1),
        (other, "out", "override", 2),
        (home, "out", "deny", 1),
        (home, "in", "admit", 1),
        (None, "out", "allow", 1),
        (home, "out", "allow", 9),
    ):
        at = clock.now() - timedelta(days=days)
        with transaction() as session:
            session.add(
                Scan(
                    community_id=community.id,
                    ref=uuid4(),
                    gate_id=gate,
                    home_id=home_id,
                    author_id=uuid4(),
                    direction=direction,
                    how="code",
                    outcome=outcome,
                    why="test",
                    reasons=[],
                    was_measured=False,
                    is_offline=False,
                    rule_version=0,
                    at=at,
                    received_at=at,
                )
            )
    since = clock.now() - timedelta(days=7)
    with reading() as session:
        doors = {site.entrance_id for site in places.sites_of_homes(session, community.id, [home]).values()}
        counted = service.exits_by_entrance(session, community.id, since)
    assert counted == dict.fromkeys(doors, 2)
