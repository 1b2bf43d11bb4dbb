"""A compound of three buildings with two doors each, a family in the first, and officers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_resident
from tests.factories.zone_lists import Door, make_compound


@pytest.fixture
def compound(community: CommunityRef) -> dict[Door, list[UUID]]:
    return make_compound(community)


@pytest.fixture
def family(community: CommunityRef, compound: dict[Door, list[UUID]]) -> list[UUID]:
    return [make_resident(community, compound[1, 1][0]) for _ in range(2)]


@pytest.fixture
def resident(family: list[UUID], sign_in: Callable[..., Any]) -> Any:
    return sign_in("resident", person_id=family[0])


@pytest.fixture
def officer(sign_in: Callable[..., Any]) -> Any:
    return sign_in("officer")


@pytest.fixture
def second(sign_in: Callable[..., Any]) -> Any:
    return sign_in("officer")
