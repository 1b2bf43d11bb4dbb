"""A role that ends closes the sockets of whoever had it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from server.core.people import service as people
from server.core.people.models import RoleGrant
from server.kit.clock import SettableClock
from server.kit.db import transaction
from server.kit.live_rights import LiveRights, OpenSockets
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.server.conftest import Api


class Watch:
    """Two people, each with a socket of their own."""

    def __init__(self, community: CommunityRef) -> None:
        self.community = community
        self.closed: list[str] = []
        sockets = OpenSockets()
        with transaction() as session:
            self.guard = people.create_person(session, name="门卫", phone=None).id
            self.other = people.create_person(session, name="邻居", phone=None).id
        sockets.opened("guard-1", self.guard)
        sockets.opened("guard-2", self.guard)
        sockets.opened("other", self.other)
        self.rights = LiveRights(sockets, people.ended_grants, self.closed.append)


@pytest.fixture
def watch(community: CommunityRef) -> Watch:
    return Watch(community)


def test_a_grant_that_is_ended_closes_every_socket_of_that_person_once(
    watch: Watch, clock: SettableClock
) -> None:
    with transaction() as session:
        grant = people.grant_role(session, watch.guard, "guard", community_id=watch.community.id)
    clock.advance(seconds=1)
    assert watch.rights.look() == 0
    with transaction() as session:
        people.end_grant(session, SYSTEM, watch.community, grant.id)
    watch.rights.look()
    assert sorted(watch.closed) == ["guard-1", "guard-2"]
    clock.advance(seconds=1)
    watch.rights.look()
    assert len(watch.closed) == 2


def test_a_grant_that_ends_by_its_date_closes_them_too(watch: Watch, clock: SettableClock) -> None:
    until = clock.now() + timedelta(seconds=30)
    with transaction() as session:
        people.grant_role(session, watch.guard, "guard", community_id=watch.community.id, until_at=until)
    watch.rights.look()
    assert watch.closed == []
    clock.advance(seconds=31)
    watch.rights.look()
    assert sorted(watch.closed) == ["guard-1", "guard-2"]


def test_the_socket_itself_is_closed(
    app: APIFlask, sign_in: Callable[..., Api], community: CommunityRef, clock: SettableClock
) -> None:
    linli = app.extensions["linli"]
    guard = sign_in("guard")
    page = linli.socketio.test_client(app, flask_test_client=guard.client)
    assert page.is_connected()
    clock.advance(seconds=1)
    with transaction() as session:
        grant_id = session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == guard.person_id)).one()
        people.end_grant(session, SYSTEM, community, grant_id)
    linli.live_rights.look()
    assert not page.is_connected()
