"""Two homes, one with two people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_homes, make_resident


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 3)


@pytest.fixture
def family(community: CommunityRef, homes: list[UUID]) -> list[UUID]:
    return [make_resident(community, homes[0]) for _ in range(2)]


@pytest.fixture
def resident(family: list[UUID], sign_in: Callable[..., Any]) -> Any:
    return sign_in("resident", person_id=family[0])


@pytest.fixture
def officer(sign_in: Callable[..., Any]) -> Any:
    return sign_in("officer")


@pytest.fixture
def worker(sign_in: Callable[..., Any]) -> Any:
    return sign_in("grid_worker")
