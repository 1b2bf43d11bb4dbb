"""The community a request, job or event is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g, has_app_context

from server.kit.errors import NotFound


@dataclass(frozen=True)
class CommunityRef:
    """What everyone may know of a community. ``area_path`` names the five levels above it, "/" between."""

    id: UUID
    slug: str
    name: str
    name_en: str
    timezone: str
    area_path: str
    modules: frozenset[str]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def current_community() -> CommunityRef:
    """Return the community in the request's address. Raises NotFound outside of one."""
    community = g.get("community")
    if community is None:
        raise NotFound("community.not_found")
    return cast(CommunityRef, community)


_only: ContextVar[UUID | None] = ContextVar("linli_only", default=None)


@contextmanager
def only(community_id: UUID | None) -> Iterator[None]:
    """Let transactions that begin in this block see one community's rows; None changes nothing."""
    token = _only.set(community_id or _only.get())
    try:
        yield
    finally:
        _only.reset(token)


def scope() -> str:
    """Return whose rows a transaction that begins here may see: the id of a community, or "*" for all.

    The request's community, or that of the ``only`` block. The clockwork, the relay and whatever is about several
    communities (who am I, and where) see all.
    """
    community = g.get("community") if has_app_context() else None
    found = community.id if community is not None else _only.get()
    return "*" if found is None else str(found)
