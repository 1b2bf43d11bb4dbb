"""Several processes at one list: one effect, whoever was first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from server.core.flags.models import Flag
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading
from server.kit.tenancy import CommunityRef
from server.modules.zones.models import Zone, ZoneHome
from tests.factories import zone_racers
from tests.factories.racing import race
from tests.factories.zone_lists import Door, propose, put_in_force

Compound = dict[Door, list[UUID]]


def test_of_officers_who_approve_at_once_one_does(
    community: CommunityRef,
    compound: Compound,
    officer: Any,
    sign_in: Callable[..., Any],
    database_url: str,
    clock: SettableClock,
) -> None:
    seconds = [sign_in("officer").person_id for _ in range(3)]
    for _ in range(4):
        made = propose(officer, "梧桐里1号楼", "梧桐里3号楼1单元")
        calls = [(community.id, person_id, UUID(made["id"])) for person_id in seconds]
        done = race(database_url, clock.now(), zone_racers.approve, calls)
        assert Counter(done) == {"approved": 1, "zones.moved_on": 2}
        with reading() as session:
            zones = session.scalars(select(Zone.id).where(Zone.list_id == UUID(made["id"]))).all()
            homes = session.scalars(select(ZoneHome.flag_id).where(ZoneHome.zone_id.in_(zones))).all()
            trail = session.scalars(
                select(AuditRow.id).where(
                    AuditRow.action == "zones.approved", AuditRow.subject_id == UUID(made["id"])
                )
            ).all()
        assert (len(zones), len(homes), len(trail)) == (3, 3, 1)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Flag)) == 4 * 3


def test_a_named_end_and_the_clocks_end_are_one_end(
    community: CommunityRef,
    compound: Compound,
    officer: Any,
    second: Any,
    database_url: str,
    clock: SettableClock,
) -> None:
    made = put_in_force(officer, second, "梧桐里1号楼", days=1)
    lifts = [(community.id, who.person_id, UUID(made["id"])) for who in (officer, second)]
    done = race(database_url, clock.now(), zone_racers.lift, lifts)
    assert Counter(done) == {"lifted": 1, "zones.moved_on": 1}
    put_in_force(officer, second, "梧桐里2号楼", days=1)
    clock.advance(days=3)
    ended = race(database_url, clock.now(), zone_racers.end_due, [(community.id,)] * 3)
    assert sorted(ended)[:2] == [0, 0] and sum(ended) == 2
