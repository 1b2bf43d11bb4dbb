"""Requests and answers about people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from server.kit.http import Schema
from server.kit.reads import AboutPerson, Sensitive

Locale = Literal["zh-CN", "en"]


class PersonOut(Schema):
    id: UUID
    name: str
    locale: str
    wants_elder_mode: bool


class HomeRef(Schema):
    id: UUID
    label: str


class MyCommunityOut(Schema):
    slug: str
    name: str
    name_en: str
    timezone: str
    roles: list[str]
    modules: list[str]
    home: HomeRef | None
    helper_id: UUID | None
    merchant_id: UUID | None


class DemoRoleOut(Schema):
    key: str
    role: str
    name_zh: str
    name_en: str
    community: str | None


class SessionOut(Schema):
    person: PersonOut | None
    csrf_token: str
    is_demo: bool
    demo_roles: list[DemoRoleOut]
    communities: list[MyCommunityOut]
    now: datetime


class CodeIn(Schema):
    phone: str = Field(max_length=32)


class VerifyIn(Schema):
    phone: str = Field(max_length=32)
    code: str = Field(max_length=12)


class PasswordIn(Schema):
    login: str = Field(max_length=80)
    password: str = Field(max_length=200)


class DemoIn(Schema):
    key: str = Field(max_length=40)


class MeIn(Schema):
    name: str | None = Field(default=None, max_length=60)
    locale: Locale | None = None
    wants_elder_mode: bool | None = None


class EraseIn(Schema):
    """``is_sure``: must be true, so that nothing is erased by a request without a body."""

    is_sure: Literal[True]


class DoneOut(Schema):
    done: bool = True


class JoinIn(Schema):
    home_code: str = Field(max_length=20)
    name: str = Field(default="", max_length=60)


class MemberOut(AboutPerson):
    person_id: UUID
    name: Sensitive[str]
    phone: Sensitive[str | None]
    traits: Sensitive[list[str]]


class HouseholdOut(Schema):
    home: HomeRef
    members: list[MemberOut]


class HomeCodesIn(Schema):
    """Homes by their ids, or all behind an entrance."""

    home_ids: list[UUID] = Field(default_factory=list, max_length=2000)
    entrance_id: UUID | None = None


class HomeCodeOut(Schema):
    home_id: UUID
    label: str
    code: str


class HomeCodesOut(Schema):
    items: list[HomeCodeOut]


class GrantIn(Schema):
    phone: str = Field(max_length=32)
    role: str = Field(max_length=20)
    name: str = Field(default="", max_length=60)


class GrantOut(Schema):
    id: UUID
    person_id: UUID
    role: str


class MemberIn(Schema):
    phone: str | None = Field(default=None, max_length=32)
    name: str = Field(max_length=60)
    traits: list[str] = Field(default_factory=list, max_length=6)


class LookOut(Schema):
    """Somebody was shown ``fields`` of me. ``role``: as what they looked, "" if unknown; ``purpose``: where and why."""

    viewer_name: str
    role: str
    fields: list[str]
    purpose: str
    at: datetime


class LooksOut(Schema):
    items: list[LookOut]
