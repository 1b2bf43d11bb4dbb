"""Buildings, entrances, homes, gates, and the lanes between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref


class Network(Base):
    """One row a community: the map as a whole. ``version`` counts every change that a plan must know of."""

    __tablename__ = "places_network"
    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities_community.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    outline: Mapped[list[Any]] = mapped_column(default=list)
    attribution: Mapped[str] = mapped_column(String(200), default="")
    findings: Mapped[list[Any]] = mapped_column(default=list)
    scenery: Mapped[list[Any]] = mapped_column(default=list)


class Node(Base):
    """A point of the lane network, in local metres. ``ref``: its stable name in the map."""

    __tablename__ = "places_node"
    __table_args__ = (UniqueConstraint("community_id", "id"), UniqueConstraint("community_id", "ref"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[str] = mapped_column(String(120))
    x_m: Mapped[float] = mapped_column(Float)
    y_m: Mapped[float] = mapped_column(Float)


class Lane(Base):
    """A lane between two nodes. ``is_marked``: somebody set its marks by hand; an import leaves them alone."""

    __tablename__ = "places_lane"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "ref"),
        CheckConstraint("width_cm BETWEEN 30 AND 6000", name="width"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        tenant_ref("from_node", "places_node"),
        tenant_ref("to_node", "places_node"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[str] = mapped_column(String(160))
    from_node: Mapped[UUID]
    to_node: Mapped[UUID]
    points: Mapped[list[Any]]
    length_m: Mapped[float] = mapped_column(Float)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), default="")
    surface: Mapped[str] = mapped_column(String(40), default="")
    width_cm: Mapped[int]
    is_fire_lane: Mapped[bool] = mapped_column(default=False)
    is_oneway: Mapped[bool] = mapped_column(default=False)
    steps: Mapped[int] = mapped_column(default=0)
    is_marked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(8), default="open")
    closed_by: Mapped[UUID | None]
    closed_reason: Mapped[str | None] = mapped_column(Text)
    closed_until: Mapped[datetime | None]


class StandingPoint(Base):
    """A marked place where a cart may stand without blocking the lane. ``is_proposed``: by the program, not by hand."""

    __tablename__ = "places_standing_point"
    __table_args__ = (UniqueConstraint("community_id", "node_id"), tenant_ref("node_id", "places_node"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    node_id: Mapped[UUID]
    width_cm: Mapped[int] = mapped_column(default=200)
    is_proposed: Mapped[bool] = mapped_column(default=True)


class Building(Base):
    """A building. ``is_named``: somebody gave it its label by hand; an import leaves that alone."""

    __tablename__ = "places_building"
    __table_args__ = (UniqueConstraint("community_id", "id"), UniqueConstraint("community_id", "ref"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(40))
    outline: Mapped[list[Any]]
    levels: Mapped[int] = mapped_column(default=0)
    use: Mapped[str] = mapped_column(String(40), default="yes")
    is_named: Mapped[bool] = mapped_column(default=False)


class Entrance(Base):
    """A building's door (单元), where goods are dropped.

    ``shelf_parcels``: how many its shelf holds; 0: no shelf. ``is_named``: labelled by hand, which an import leaves.
    """

    __tablename__ = "places_entrance"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "ref"),
        CheckConstraint("shelf_parcels BETWEEN 0 AND 1000", name="shelf"),
        tenant_ref("building_id", "places_building"),
        tenant_ref("node_id", "places_node"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[str] = mapped_column(String(80))
    building_id: Mapped[UUID]
    node_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(String(20))
    is_assumed: Mapped[bool] = mapped_column(default=False)
    shelf_parcels: Mapped[int] = mapped_column(default=24)
    is_named: Mapped[bool] = mapped_column(default=False)


class Gate(Base):
    """A gate in the compound's wall. ``hours``: [[from, until], …] in minutes of the local day; empty: always."""

    __tablename__ = "places_gate"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "ref"),
        tenant_ref("node_id", "places_node"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    ref: Mapped[str] = mapped_column(String(80))
    node_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(20), default="gate")
    is_open: Mapped[bool] = mapped_column(default=True)
    takes_goods: Mapped[bool] = mapped_column(default=True)
    hours: Mapped[list[Any]] = mapped_column(default=list)


class Home(Base):
    """One home behind a door. ``label``: building-entrance-door, as people write it."""

    __tablename__ = "places_home"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "entrance_id", "door"),
        tenant_ref("entrance_id", "places_entrance"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    entrance_id: Mapped[UUID]
    floor: Mapped[int]
    door: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(90), index=True)
    grid_area_id: Mapped[UUID | None] = mapped_column(ForeignKey("communities_area.id"))
