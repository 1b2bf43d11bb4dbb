"""What the gate and deliveries say about who was where."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from server.core.deliveries import service as deliveries
from server.core.places.models import Entrance
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.gate import service as gate
from server.modules.gate.models import Scan
from tests.factories.neighbourhood import make_homes


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


def test_a_lift_reader_is_a_lift_and_the_window_is_half_open(
    community: CommunityRef, other_community: CommunityRef, homes: list[UUID]
) -> None:
    now = clock.now()
    with transaction() as session:
        entrance = session.scalars(select(Entrance.id)).one()
        for at in (now - timedelta(hours=1), now):
            session.add(
                Scan(
                    community_id=community.id,
                    ref=uuid4(),
                    entrance_id=entrance,
                    home_id=homes[0],
                    direction="in",
                    how="code",
                    outcome="admit",
                    reasons=[],
                    was_measured=False,
                    is_offline=False,
                    rule_version=0,
                    at=at,
                    received_at=at,
                )
            )
    with reading() as session:
        (found,) = gate.sightings(session, community.id, now - timedelta(hours=1), now)
        assert (found.source, found.place_id, found.home_id) == ("lift", entrance, homes[0])
        assert found.place_label == "1号楼-1单元"
        assert gate.sightings(session, other_community.id, now - timedelta(days=1), now) == []
        assert deliveries.drop_sightings(session, community.id, now - timedelta(days=1), now) == []
