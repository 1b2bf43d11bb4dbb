"""The five levels and the communities that live at the fourth."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id


class Area(Base):
    """A governed area. ``path``: the ids of all areas above and its own, "/" between; what holds here holds below."""

    __tablename__ = "communities_area"
    __table_args__ = (
        CheckConstraint("level IN ('district', 'street', 'committee', 'compound', 'grid')", name="level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    level: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("communities_area.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), unique=True)


class Community(Base):
    """A residential compound that uses Linli; the tenant of nearly every other table."""

    __tablename__ = "communities_community"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    area_id: Mapped[UUID] = mapped_column(ForeignKey("communities_area.id"), unique=True)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ModuleSwitch(Base):
    """Whether a module is on in a community. No row: off."""

    __tablename__ = "communities_module"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities_community.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    is_on: Mapped[bool] = mapped_column(default=True)
