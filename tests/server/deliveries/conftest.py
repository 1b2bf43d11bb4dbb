"""The yard in which waves are tried, and its officer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.kit.tenancy import CommunityRef
from tests.factories.wave_yard import Yard, make_yard


@pytest.fixture
def yard(community: CommunityRef) -> Yard:
    return make_yard(community)


@pytest.fixture
def officer(sign_in: Callable[..., Any]) -> Any:
    return sign_in("officer")
