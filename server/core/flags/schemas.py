"""Requests and answers about flags."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from server.kit.http import Schema
from server.kit.reads import AboutPerson, Sensitive


class FlagIn(Schema):
    home_id: UUID
    kind: str = Field(default="red", max_length=20)
    ground: str = Field(max_length=500)
    until_at: AwareDatetime | None = None


class EndIn(Schema):
    why: str = Field(max_length=500)


class FlagOut(AboutPerson):
    id: UUID
    home_id: UUID | None
    kind: str
    ground: Sensitive[str]
    from_at: datetime
    until_at: datetime | None
    ended_at: datetime | None


class FlagsOut(Schema):
    items: list[FlagOut]


class FlagsQuery(Schema):
    home_id: UUID | None = None
