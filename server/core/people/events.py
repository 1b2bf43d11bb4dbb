"""Facts about people and households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class MemberJoined(Event):
    kind: ClassVar[str] = "people.member_joined"
    household_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class PersonErased(Event):
    """Somebody is no more: hear it even when disabled, and forget what no key of theirs sealed."""

    kind: ClassVar[str] = "people.person_erased"
    person_id: UUID


@dataclass(frozen=True)
class RoleGranted(Event):
    kind: ClassVar[str] = "people.role_granted"
    person_id: UUID
    role: str
