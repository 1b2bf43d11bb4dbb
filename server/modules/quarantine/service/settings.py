"""What a community has set."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.permissions import Actor
from server.modules.quarantine.models import SettingsRow
from server.modules.quarantine.rules.ladder import Settings, check_settings


def settings_of(session: Session, community_id: UUID) -> Settings:
    """Return the community's settings."""
    row = _row(session, community_id)
    kept: dict[str, Any] = row.settings if row else {}
    values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items()}
    return Settings(**values)


def change_settings(session: Session, actor: Actor, community_id: UUID, settings: Settings) -> Settings:
    """Set them anew. Raises Refused for settings that make no sense."""
    check_settings(settings)
    row = _row(session, community_id)
    if row is None:
        row = SettingsRow(id=new_id(), community_id=community_id)
        session.add(row)
    row.settings = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(settings).items()}
    row.author_id, row.at = actor.person_id, clock.now()
    session.flush()
    record(
        session, actor, community_id, "quarantine.settings_changed", ("settings", row.id), facts=row.settings
    )
    return settings


def _row(session: Session, community_id: UUID) -> SettingsRow | None:
    return session.scalars(select(SettingsRow).where(SettingsRow.community_id == community_id)).first()
