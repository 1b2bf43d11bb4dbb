"""The manifest of a capability: everything it adds to the house, in one declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

import click
from apiflask import APIBlueprint
from sqlalchemy.orm import Session

from server.kit.db import Base
from server.kit.events import Event
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef

E = TypeVar("E", bound=Event)
MayWatch = Callable[[Session, Actor, CommunityRef, str], bool]


@dataclass(frozen=True)
class Subscription(Generic[E]):
    """Hear an event: ``handler(session, event)`` must be idempotent.

    It runs in a transaction with other handlers; if one of these fails, it runs again in one of its own.
    """

    event: type[E]
    handler: Callable[[Session, E], None]
    even_when_disabled: bool = False

    @property
    def name(self) -> str:
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


@dataclass(frozen=True)
class LiveMessage:
    """A message to whoever watches ``room``; ids, states and times only, no personal data."""

    room: str
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class LiveFact(Generic[E]):
    """Turn an event into live messages: a pure function."""

    event: type[E]
    messages: Callable[[E], list[LiveMessage]]


@dataclass(frozen=True)
class JobContext:
    """What a job is given besides its payload."""

    job_id: UUID
    community_id: UUID | None
    attempt: int


@dataclass(frozen=True)
class Job:
    """Background work. ``every_s``: also run by itself, per community that has the module on if ``per_community``."""

    name: str
    run: Callable[[JobContext, dict[str, Any]], None]
    every_s: int | None = None
    per_community: bool = False
    queue: str = "small"
    max_attempts: int = 5


@dataclass(frozen=True)
class NavEntry:
    """An entry of the navigation; the web app has its text under ``nav.<key>``."""

    key: str
    path: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """One capability. ``texts``: problem code → (Chinese, English). ``provides``: extension point → implementation.

    ``commands`` run within the application, on an up-to-date database; ``programs`` have neither.
    """

    name: str
    requires: tuple[str, ...] = ()
    is_core: bool = False
    blueprints: tuple[APIBlueprint, ...] = ()
    models: tuple[type[Base], ...] = ()
    permissions: tuple[Permission, ...] = ()
    emits: tuple[type[Event], ...] = ()
    hears: tuple[Subscription[Any], ...] = ()
    live: tuple[LiveFact[Any], ...] = ()
    rooms: Mapping[str, MayWatch] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    navigation: tuple[NavEntry, ...] = ()
    commands: tuple[click.Command, ...] = ()
    programs: tuple[click.Command, ...] = ()
    provides: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    seeds: Callable[[CommunityRef], None] | None = None
