"""What is kept no longer than it is needed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import func, select

from server.core.notices import service as notices
from server.core.notices.jobs import forget_old as forget_old_notices
from server.core.notices.models import Notice
from server.core.people.jobs import forget_old
from server.core.people.models import HomeCode, SignInCode
from server.kit.clock import SettableClock
from server.kit.db import Base, reading, transaction
from server.kit.module import JobContext
from server.kit.reads import ReadRow, reads_of
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api

JOB = JobContext(job_id=uuid4(), community_id=None, attempt=1)


def count(table: type[Base]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_codes_are_forgotten_once_they_count_against_no_limit(
    visitor: Api, clock: SettableClock, community: CommunityRef
) -> None:
    visitor.post("/api/auth/code", {"phone": "12000000001"})
    clock.advance(hours=23)
    forget_old(JOB, {})
    assert count(SignInCode) == 1
    clock.advance(hours=2)
    forget_old(JOB, {})
    assert count(SignInCode) == 0


def test_looks_and_home_codes_and_notices_go_when_their_time_is_over(
    sign_in: Callable[..., Api], clock: SettableClock, community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    resident = make_resident(community, home)
    officer = sign_in("officer")
    officer.post("/api/c/wutong/people/home-codes", {"home_ids": [str(home)]})
    officer.get(f"/api/c/wutong/people/homes/{home}")
    with transaction() as session:
        kind = notices.NoticeKind.NEED_DROPPED
        notices.tell(session, community.id, [resident], kind, ("need", uuid4()))
        assert reads_of(session, community.id, resident)
    clock.advance(days=15)
    forget_old(JOB, {})
    forget_old_notices(JOB, {})
    assert (count(HomeCode), count(ReadRow), count(Notice)) == (0, 1, 1)
    clock.advance(days=166)
    forget_old(JOB, {})
    forget_old_notices(JOB, {})
    assert (count(ReadRow), count(Notice)) == (0, 0)
