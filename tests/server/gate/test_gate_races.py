"""Several gates and several people of one home at the same moment, in processes of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.kit.clock import SettableClock
from server.kit.db import database, reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Scan
from server.modules.gate.rules import codes
from server.modules.gate.rules.leaving import Quota, Rules
from server.modules.gate.service import scanning
from tests.factories import gate_racers
from tests.factories.gatehouse import Phone, make_phone
from tests.factories.neighbourhood import make_resident
from tests.factories.racing import race


def test_four_gates_and_one_code_open_once(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock, database_url: str
) -> None:
    calls = [(community.id, gates[n % 2], "code", phone.code()) for n in range(4)]
    assert Counter(race(database_url, clock.now(), gate_racers.show, calls)) == {
        "allow": 1,
        "deny double_use": 3,
    }


def test_looking_first_and_writing_later_would_open_more_than_once(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock, database_url: str
) -> None:
    """The test above would notice: here is what the obvious program does under the same race."""
    step = codes.step_at(clock.now())
    calls = [(community.id, gates[n % 2], phone.pass_id, step) for n in range(4)]
    assert Counter(race(database_url, clock.now(), gate_racers.show_naively, calls))["allow"] > 1


def test_one_sheet_of_paper_opens_one_gate_of_four(
    community: CommunityRef, gates: list[UUID], phone: Phone, clock: SettableClock, database_url: str
) -> None:
    calls = [(community.id, gates[n % 2], "number", phone.number) for n in range(4)]
    assert Counter(race(database_url, clock.now(), gate_racers.show, calls)) == {
        "allow": 1,
        "deny already_out": 3,
    }


def test_four_people_of_a_home_and_a_quota_of_two(
    community: CommunityRef, gates: list[UUID], homes: list[UUID], clock: SettableClock, database_url: str
) -> None:
    with transaction() as session:
        service.set_rules(session, SYSTEM, community, Rules(quota=Quota(2, 2)), why="test", on=0)
    phones = [make_phone(community, make_resident(community, homes[0])) for _ in range(4)]
    calls = [(community.id, gates[n % 2], "code", phone.code()) for n, phone in enumerate(phones)]
    assert Counter(race(database_url, clock.now(), gate_racers.show, calls)) == {"allow": 2, "deny quota": 2}
    with reading() as session:
        numbers = session.scalars(select(Scan.exit_number).where(Scan.exit_number.is_not(None))).all()
    assert sorted(numbers) == [1, 2]


@pytest.mark.parametrize("looks_at", ["local_days", "trips"])
def test_who_leaves_while_somebody_else_is_being_judged_takes_the_last_exit(
    looks_at: str,
    community: CommunityRef,
    gates: list[UUID],
    homes: list[UUID],
    phone: Phone,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worst moment, on purpose: while the first one is looked at, the second one leaves and is committed.

    Somebody of the same home after its exits were counted, or the same six digits before their trips are.
    """
    if database().is_sqlite:
        pytest.skip("SQLite has one writer: nobody leaves meanwhile")
    if looks_at == "local_days":
        with transaction() as session:
            service.set_rules(session, SYSTEM, community, Rules(quota=Quota(1, 2)), why="test", on=0)
    other = make_phone(community, make_resident(community, homes[0]))
    second = ("number", phone.number) if looks_at == "trips" else ("code", other.code())
    look: Callable[..., Any] = getattr(scanning, looks_at)
    meanwhile: list[str] = []

    def leave() -> None:
        if not meanwhile:
            meanwhile.append("")
            with ThreadPoolExecutor(1) as thread:
                call = thread.submit(gate_racers.show, community.id, gates[1], *second)
                meanwhile[0] = call.result(timeout=30)

    def look_and_be_late(*args: Any, **kwargs: Any) -> Any:
        if looks_at == "trips":
            leave()
        seen = look(*args, **kwargs)
        leave()
        return seen

    monkeypatch.setattr(scanning, looks_at, look_and_be_late)
    first = gate_racers.show(community.id, gates[0], "number", phone.number)
    assert meanwhile == ["allow"]
    assert first.startswith("deny")


@pytest.mark.parametrize("change", [{"used_step": 1}, {"exit_number": 1}])
def test_the_database_itself_refuses_a_second_use(
    change: dict[str, int], community: CommunityRef, gates: list[UUID], phone: Phone, homes: list[UUID]
) -> None:
    with reading() as session:
        like = service.find(session, community.id, phone.pass_id)
    with pytest.raises(IntegrityError), transaction() as session:
        for ref in (UUID(int=1), UUID(int=2)):
            session.add(
                Scan(
                    community_id=community.id,
                    ref=ref,
                    gate_id=gates[0],
                    pass_id=like.id,
                    home_id=homes[0],
                    direction="out",
                    how="code",
                    step=1,
                    outcome="allow",
                    reasons=[],
                    was_measured=False,
                    is_offline=False,
                    rule_version=0,
                    at=like.from_at,
                    received_at=like.from_at,
                    **change,
                )
            )


def test_the_database_itself_keeps_nobody_from_home(
    community: CommunityRef, gates: list[UUID], phone: Phone
) -> None:
    with reading() as session:
        like = service.find(session, community.id, phone.pass_id)
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(
            Scan(
                community_id=community.id,
                ref=UUID(int=1),
                gate_id=gates[0],
                direction="in",
                how="none",
                outcome="deny",
                reasons=[],
                was_measured=False,
                is_offline=False,
                rule_version=0,
                at=like.from_at,
                received_at=like.from_at,
            )
        )
