"""Requests and answers about communities."""

from __future__ import annotations

from uuid import UUID

from server.kit.http import Schema


class AreaOut(Schema):
    id: UUID
    level: str
    code: str
    name: str
    name_en: str
    parent_id: UUID | None


class AreasOut(Schema):
    items: list[AreaOut]


class AreasQuery(Schema):
    parent: UUID | None = None


class CommunityOut(Schema):
    id: UUID
    slug: str
    name: str
    name_en: str
    timezone: str
    modules: list[str]


class SwitchIn(Schema):
    is_on: bool


class SwitchOut(Schema):
    name: str
    is_core: bool
    is_on: bool
    requires: list[str]


class SwitchesOut(Schema):
    items: list[SwitchOut]
