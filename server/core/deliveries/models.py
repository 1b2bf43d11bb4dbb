"""Parcels and their custody, waves, routes, stops, drops, proofs, hand-overs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key, tenant_ref
from server.kit.sealed import SealedOptional, SealedText

KINDS = "'merchant', 'gate', 'courier', 'drop_point', 'household'"


class Parcel(Base):
    """One bag or box. It has exactly one custodian; ``steps`` counts its hand-overs."""

    __tablename__ = "deliveries_parcel"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        UniqueConstraint("community_id", "code"),
        CheckConstraint(f"custodian_kind IN ({KINDS})", name="custodian"),
        CheckConstraint("load_g >= 0 AND volume_ml >= 0", name="size"),
        tenant_ref("need_id", "needs_need"),
        tenant_ref("home_id", "places_home"),
        tenant_ref("handover_id", "deliveries_handover"),
        Index("ix_deliveries_parcel_custodian", "community_id", "custodian_kind"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    code: Mapped[str] = mapped_column(String(6))
    need_id: Mapped[UUID] = mapped_column(index=True)
    home_id: Mapped[UUID]
    order_ref: Mapped[UUID | None] = mapped_column(index=True)
    merchant_id: Mapped[UUID | None]
    handover_id: Mapped[UUID | None]
    load_g: Mapped[int]
    volume_ml: Mapped[int]
    custodian_kind: Mapped[str] = mapped_column(String(12))
    custodian_id: Mapped[UUID | None]
    steps: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Custody(Base):
    """One hand-over of a parcel. (parcel, step) is unique: of two who take it at once, one fails."""

    __tablename__ = "deliveries_custody"
    __table_args__ = (
        UniqueConstraint("parcel_id", "step"),
        tenant_ref("parcel_id", "deliveries_parcel"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    parcel_id: Mapped[UUID]
    step: Mapped[int]
    giver_kind: Mapped[str | None] = mapped_column(String(12))
    giver_id: Mapped[UUID | None]
    taker_kind: Mapped[str] = mapped_column(String(12))
    taker_id: Mapped[UUID | None]
    how: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]
    device_at: Mapped[datetime | None]


class Handover(Base):
    """A delivery from a shop to the gate, opened by a link without an account; the token is kept as a hash."""

    __tablename__ = "deliveries_handover"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("state IN ('on_the_way', 'arrived', 'received')", name="state"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    merchant_id: Mapped[UUID]
    sender: Mapped[str] = mapped_column(String(80), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expected: Mapped[int]
    brought: Mapped[int | None]
    received: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12), default="on_the_way")
    has_mismatch: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Mismatch(Base):
    """What was counted at a hand-over is not what was expected: open until somebody has looked into it.

    ``place``: gate (a delivery came in) or load (a courier took goods over).
    """

    __tablename__ = "deliveries_mismatch"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("place IN ('gate', 'load')", name="place"),
        tenant_ref("handover_id", "deliveries_handover"),
        tenant_ref("route_id", "deliveries_route"),
        Index("ix_deliveries_mismatch_open", "community_id", "closed_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    place: Mapped[str] = mapped_column(String(8))
    handover_id: Mapped[UUID | None]
    route_id: Mapped[UUID | None]
    expected: Mapped[int]
    counted: Mapped[int]
    unknown_codes: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_why: Mapped[str | None] = mapped_column(Text)


class Wave(Base):
    """One round of deliveries. At most one is being planned or waits for release in a community.

    ``round`` counts how often it was planned; ``trouble`` says why the last time came to nothing; ``help``: what
    would help this round's plan, None until that is known.
    """

    __tablename__ = "deliveries_wave"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        Index(
            "uq_deliveries_wave_open",
            "community_id",
            unique=True,
            sqlite_where=text("state IN ('planning', 'planned')"),
            postgresql_where=text("state IN ('planning', 'planned')"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    state: Mapped[str] = mapped_column(String(12), default="planning")
    starts_at: Mapped[datetime]
    horizon_s: Mapped[int]
    round: Mapped[int] = mapped_column(default=0)
    network_version: Mapped[int] = mapped_column(default=0)
    sheets: Mapped[list[Any]] = mapped_column(default=list)
    unserved: Mapped[list[Any]] = mapped_column(default=list)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    help: Mapped[list[Any] | None]
    trouble: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Route(Base):
    """A courier's round. A courier has at most one that is live. ``seq`` grows with every change.

    ``breaks``: those that the courier asked for, and when each is taken. ``work_s``: what the finished round was, on
    the way and at doors, for a fair share of the next ones.
    """

    __tablename__ = "deliveries_route"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        Index(
            "uq_deliveries_route_live",
            "helper_id",
            unique=True,
            sqlite_where=text("state IN ('released', 'under_way')"),
            postgresql_where=text("state IN ('released', 'under_way')"),
        ),
        CheckConstraint("work_s >= 0", name="work"),
        tenant_ref("wave_id", "deliveries_wave"),
        tenant_ref("helper_id", "helpers_helper"),
        tenant_ref("start_node", "places_node"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    wave_id: Mapped[UUID] = mapped_column(index=True)
    helper_id: Mapped[UUID] = mapped_column(index=True)
    profile: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="released")
    seq: Mapped[int] = mapped_column(default=1)
    start_node: Mapped[UUID]
    way_home: Mapped[list[Any]] = mapped_column(default=list)
    begin_at: Mapped[datetime]
    end_at: Mapped[datetime]
    shift_end_at: Mapped[datetime]
    network_version: Mapped[int] = mapped_column(default=0)
    needs_disinfection: Mapped[bool] = mapped_column(default=False)
    breaks: Mapped[list[Any]] = mapped_column(default=list)
    work_s: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class Stop(Base):
    """One home on a route. ``leg``: the way there from the stop before. ``spec``: what the planner was told."""

    __tablename__ = "deliveries_stop"
    __table_args__ = (
        UniqueConstraint("community_id", "id"),
        CheckConstraint("state IN ('todo', 'done', 'failed')", name="state"),
        Index(
            "uq_deliveries_stop_live_visit",
            "need_id",
            unique=True,
            sqlite_where=text("is_live AND need_id IS NOT NULL"),
            postgresql_where=text("is_live AND need_id IS NOT NULL"),
        ),
        tenant_ref("route_id", "deliveries_route"),
        tenant_ref("home_id", "places_home"),
        tenant_ref("need_id", "needs_need"),
        tenant_ref("halt_node", "places_node"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    route_id: Mapped[UUID] = mapped_column(index=True)
    home_id: Mapped[UUID]
    need_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    protocol: Mapped[str] = mapped_column(String(6))
    spot: Mapped[str] = mapped_column(String(8))
    must_prove: Mapped[bool] = mapped_column(default=False)
    # Whose door it is: the first who lives there, else the home.
    subject_id: Mapped[UUID]
    door_code = SealedText(whose="subject_id")
    halt_node: Mapped[UUID]
    walk_s: Mapped[int] = mapped_column(default=0)
    leg: Mapped[list[Any]] = mapped_column(default=list)
    plan_arrive_at: Mapped[datetime]
    plan_depart_at: Mapped[datetime]
    spec: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="todo")
    is_live: Mapped[bool] = mapped_column(default=True)
    failure: Mapped[str | None] = mapped_column(String(20))
    failure_note = SealedOptional(whose="subject_id")
    done_at: Mapped[datetime | None]
    device_at: Mapped[datetime | None]
    proof_kind: Mapped[str | None] = mapped_column(String(8))
    photo_id: Mapped[UUID | None]


class StopParcel(Base):
    """A parcel on a stop. While the stop is live no other may have the parcel."""

    __tablename__ = "deliveries_stop_parcel"
    __table_args__ = (
        UniqueConstraint("stop_id", "parcel_id"),
        Index(
            "uq_deliveries_stop_parcel_live",
            "parcel_id",
            unique=True,
            sqlite_where=text("is_live"),
            postgresql_where=text("is_live"),
        ),
        tenant_ref("stop_id", "deliveries_stop"),
        tenant_ref("parcel_id", "deliveries_parcel"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    stop_id: Mapped[UUID] = mapped_column(index=True)
    parcel_id: Mapped[UUID] = mapped_column(index=True)
    is_live: Mapped[bool] = mapped_column(default=True)


class Drop(Base):
    """Goods put down without contact. ``confirmed_at``: the home said that it has them."""

    __tablename__ = "deliveries_drop"
    __table_args__ = (
        UniqueConstraint("parcel_id", "stop_id"),
        tenant_ref("stop_id", "deliveries_stop"),
        tenant_ref("parcel_id", "deliveries_parcel"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    stop_id: Mapped[UUID]
    parcel_id: Mapped[UUID]
    spot: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Photo(Base):
    """A proof's photo, re-encoded without what the camera wrote into it. ``ref``: its name at the photos port."""

    __tablename__ = "deliveries_photo"
    __table_args__ = (UniqueConstraint("community_id", "id"), tenant_ref("stop_id", "deliveries_stop"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    uploaded_by: Mapped[UUID]
    stop_id: Mapped[UUID | None]
    ref: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Position(Base):
    """Where a courier was last seen, in local metres; only the latest is kept."""

    __tablename__ = "deliveries_position"
    __table_args__ = (tenant_ref("route_id", "deliveries_route"),)
    route_id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = tenant_key()
    x_m: Mapped[float] = mapped_column(Float)
    y_m: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]


class GateChoice(Base):
    """Which gates to open, as an officer last asked: one row a community; counts and gates, no home.

    ``stay_open``: gates that were to be open whatever comes out. ``is_outdated``: the lanes are others by now.
    """

    __tablename__ = "deliveries_gate_choice"
    __table_args__ = (
        UniqueConstraint("community_id"),
        CheckConstraint("state IN ('looking', 'found', 'failed')", name="state"),
        CheckConstraint("guards BETWEEN 1 AND 100", name="guards"),
        CheckConstraint("people_per_hour BETWEEN 10 AND 2000", name="people_per_hour"),
        CheckConstraint("(state = 'looking') = (answered_at IS NULL)", name="answered"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    round: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8))
    guards: Mapped[int]
    people_per_hour: Mapped[int]
    stay_open: Mapped[list[Any]] = mapped_column(default=list)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_outdated: Mapped[bool] = mapped_column(default=False)
