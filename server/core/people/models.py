"""People, households, grants of roles, and codes."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText

# What stands where an erased person had a name.
ERASED = "已注销 / Erased"


class Person(Base):
    """A person; also Flask-Security's user (``fs_uniquifier``, ``active``, ``password``, columns for later factors)."""

    __tablename__ = "people_person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name = SealedText(whose="id", when_erased=ERASED)
    phone = SealedOptional(whose="id")
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    login: Mapped[str | None] = mapped_column(String(80), unique=True)
    password: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(8), default="zh-CN")
    wants_elder_mode: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(32))
    # Second factors come later; Flask-Security finds their columns here.
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret = SealedOptional(whose="id")
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    mf_recovery_codes: Mapped[list[Any] | None]
    created_at: Mapped[datetime]

    # What Flask-Login asks of a user.
    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def is_anonymous(self) -> bool:
        return False

    def get_id(self) -> str:
        return self.fs_uniquifier


class Household(Base):
    """The people of one home."""

    __tablename__ = "people_household"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "home_id"),
        tenant_ref("home_id", "places_home"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID]


class Member(Base):
    """A person in a household. ``traits``: sealed, with commas: elder, alone, disabled, pregnant, chronic, under14."""

    __tablename__ = "people_member"
    __table_args__ = (
        UniqueConstraint("household_id", "person_id"),
        tenant_ref("household_id", "people_household"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    household_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), index=True)
    traits = SealedText(whose="person_id")
    joined_at: Mapped[datetime]


class RoleGrant(Base):
    """A role at a place: one community, or an area of the five levels and all below it."""

    __tablename__ = "people_grant"
    __table_args__ = (
        CheckConstraint("(community_id IS NULL) <> (area_id IS NULL)", name="one_place"),
        Index("ix_people_grant_community", "community_id", "role"),
        Index("ix_people_grant_until", "until_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("communities_community.id"))
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("communities_area.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    granted_by: Mapped[UUID | None]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class SignInCode(Base):
    """A one-time code that was sent to a phone; kept as a hash."""

    __tablename__ = "people_code"
    __table_args__ = (Index("ix_people_code_phone", "phone_index", "sent_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    phone_index: Mapped[str] = mapped_column(String(64))
    address_index: Mapped[str] = mapped_column(String(64), index=True)
    browser: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordTry(Base):
    """A password that was tried and has not been right. Login and address are blind indexes."""

    __tablename__ = "people_password_try"
    __table_args__ = (
        Index("ix_people_password_try_login", "login_index", "at"),
        Index("ix_people_password_try_address", "address_index", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login_index: Mapped[str] = mapped_column(String(64))
    address_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class HomeCode(Base):
    """A paper code that lets the people of one home join it; found by a keyed hash."""

    __tablename__ = "people_home_code"
    __table_args__ = (tenant_ref("home_id", "places_home"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    home_id: Mapped[UUID]
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    uses_left: Mapped[int] = mapped_column(default=8)
