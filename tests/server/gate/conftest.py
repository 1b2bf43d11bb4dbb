"""A community with gates, a home with two people, and a phone that shows a pass."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.kit.db import transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.rules.leaving import Quota, Rules
from tests.factories.gatehouse import Phone, make_gates, make_phone
from tests.factories.neighbourhood import make_homes, make_resident


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


@pytest.fixture
def gates(community: CommunityRef) -> list[UUID]:
    return make_gates(community, "东门", "西门")


@pytest.fixture
def resident(community: CommunityRef, homes: list[UUID]) -> UUID:
    return make_resident(community, homes[0])


@pytest.fixture
def phone(community: CommunityRef, resident: UUID) -> Phone:
    return make_phone(community, resident)


@pytest.fixture
def crowd(community: CommunityRef, homes: list[UUID]) -> list[Phone]:
    """Three phones of two homes, where each home may send out one a day."""
    with transaction() as session:
        service.set_rules(session, SYSTEM, community, Rules(quota=Quota(1, 1)), why="test", on=0)
    return [make_phone(community, make_resident(community, homes[nth % 2])) for nth in range(3)]
