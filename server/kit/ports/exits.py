"""The port of exits: a module that counts who goes out of the gates provides ``deliveries.exits``.

A provider is a function of (session, community id, since) that returns entrance id → how many went out from the homes
behind it: counts of doors that many use, never of a home or a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

EXTENSION_POINT = "deliveries.exits"
CountsExits = Callable[[Session, UUID, datetime], Mapping[UUID, int]]
