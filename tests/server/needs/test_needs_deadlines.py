"""Nothing waits for ever."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.core.helpers import service as helpers
from server.core.needs import jobs
from server.core.needs import service as needs
from server.core.needs.models import Need
from server.kit.clock import SettableClock
from server.kit.db import new_id, reading, transaction
from server.kit.module import JobContext
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper, make_homes, make_resident


def run_deadlines(community: CommunityRef) -> None:
    jobs.pass_deadlines(JobContext(new_id(), community.id, 1), {})


def post(community: CommunityRef, home_id: UUID, kind: needs.NeedKind = needs.NeedKind.REPAIR) -> UUID:
    with transaction() as session:
        return needs.post_need(session, SYSTEM, community, kind=kind, home_id=home_id).id


def state_of(community: CommunityRef, need_id: UUID) -> tuple[str, str]:
    with reading() as session:
        need = needs.find_need(session, community.id, need_id)
        return need.state, need.level


def visited(community: CommunityRef, home_id: UUID) -> UUID:
    """Post a need and have it visited."""
    _, person_id = make_helper(community, "repair", "listening")
    need_id = post(community, home_id)
    needs.match_community(community.id)
    with transaction() as session:
        offer = needs.offers_of(session, community.id, _helper(community, person_id))[0][0]
        needs.accept_as_helper(session, Actor(person_id), community, offer.id)
        needs.visited_by_helper(session, Actor(person_id), community, need_id)
    return need_id


def _helper(community: CommunityRef, person_id: UUID) -> UUID:
    with reading() as session:
        mine = helpers.helper_of_person(session, community.id, person_id)
        assert mine is not None
        return mine.id


def test_a_need_that_nobody_takes_goes_up_one_level_an_hour(
    community: CommunityRef, clock: SettableClock
) -> None:
    need_id = post(community, make_homes(community, 1)[0])
    seen = []
    for _ in range(6):
        run_deadlines(community)
        seen.append(state_of(community, need_id)[1])
        clock.advance(minutes=61)
    assert seen == ["grid", "committee", "street", "district", "district", "district"]


def test_a_deadline_passed_once_escalates_once(community: CommunityRef, clock: SettableClock) -> None:
    need_id = post(community, make_homes(community, 1)[0])
    clock.advance(minutes=61)
    for _ in range(3):
        run_deadlines(community)
    assert state_of(community, need_id) == ("triaged", "committee")


def test_a_visit_nobody_confirms_closes_by_itself_after_a_day(
    community: CommunityRef, clock: SettableClock
) -> None:
    home = make_homes(community, 1)[0]
    make_resident(community, home)
    need_id = visited(community, home)
    clock.advance(hours=23)
    run_deadlines(community)
    assert state_of(community, need_id)[0] == "visited"
    clock.advance(hours=2)
    run_deadlines(community)
    assert state_of(community, need_id)[0] == "closed"


def test_an_elder_who_does_not_confirm_is_called_and_the_call_confirms(
    community: CommunityRef, clock: SettableClock
) -> None:
    home = make_homes(community, 1)[0]
    make_resident(community, home, "elder")
    need_id = visited(community, home)
    clock.advance(hours=25)
    run_deadlines(community)
    run_deadlines(community)
    assert state_of(community, need_id)[0] == "visited"
    with transaction() as session:
        call = session.scalars(select(Need).where(Need.follow_up_of == need_id)).one()
        assert (call.kind, call.priority) == ("company", 0)
        needs.move_lines(session, community.id, call.id, "offered", by=needs.Party.SYSTEM)
        needs.move_lines(session, community.id, call.id, "accepted", by=needs.Party.SERVER)
        needs.move_lines(session, community.id, call.id, "scheduled", by=needs.Party.SERVER)
        needs.move_lines(session, community.id, call.id, "visited")
        needs.confirm(session, SYSTEM, community, call.id)
    assert state_of(community, need_id)[0] == "confirmed"


def test_a_confirmed_need_can_be_disputed_for_a_day_and_is_closed_after_it(
    community: CommunityRef, clock: SettableClock
) -> None:
    home = make_homes(community, 1)[0]
    make_resident(community, home)
    need_id = visited(community, home)
    with transaction() as session:
        needs.confirm(session, SYSTEM, community, need_id)
    clock.advance(hours=25)
    run_deadlines(community)
    assert state_of(community, need_id)[0] == "closed"
    with reading() as session:
        assert needs.find_need(session, community.id, need_id).closed_because == "done"


def test_moving_lines_twice_leaves_one_entry(community: CommunityRef) -> None:
    home = make_homes(community, 1)[0]
    need_id = visited(community, home)
    with transaction() as session:
        before = len(needs.timeline(session, need_id))
        needs.move_lines(session, community.id, need_id, "visited")
        assert len(needs.timeline(session, need_id)) == before
