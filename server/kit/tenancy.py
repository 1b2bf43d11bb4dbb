"""The community a request, job or event is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g

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
