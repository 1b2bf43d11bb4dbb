"""Requests and answers about notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from server.kit.http import PageQuery, Schema


class NoticesQuery(PageQuery):
    unread: bool = False


class NoticeOut(Schema):
    id: UUID
    kind: str
    text: str
    subject_kind: str
    subject_id: UUID | None
    facts: dict[str, Any]
    at: datetime
    read_at: datetime | None


class NoticesOut(Schema):
    items: list[NoticeOut]
    next: str | None
    unread: int


class ReadIn(Schema):
    """``ids``: which ones; all for null."""

    ids: list[UUID] | None = Field(default=None, max_length=500)


class UnreadOut(Schema):
    unread: int
