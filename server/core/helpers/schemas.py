"""What the helpers' endpoints take and give."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from server.core.helpers.rules import HelperKind, HelperState, Skill, Vehicle
from server.kit.http import Instant, Schema


class HelperIn(Schema):
    """An application to help. A capacity left out is the vehicle's usual one."""

    kind: HelperKind
    vehicle: Vehicle = Vehicle.WALK
    skills: list[Skill] = Field(default_factory=list, max_length=len(Skill))
    languages: list[str] = Field(default_factory=lambda: ["zh"], max_length=10)
    capacity_g: int | None = Field(default=None, ge=0, le=2_000_000)
    capacity_ml: int | None = Field(default=None, ge=0, le=10_000_000)
    capacity_parcels: int | None = Field(default=None, ge=0, le=1_000)
    entrance_id: UUID | None = None


class SuspendIn(Schema):
    why: str = Field(min_length=1, max_length=300)


class RestIn(Schema):
    """A rest that begins between two instants; it must be over before its shift is."""

    from_at: Instant
    until_at: Instant
    minutes: int = Field(ge=5, le=120)


class ShiftIn(Schema):
    from_at: Instant
    until_at: Instant
    rest: RestIn | None = None


class ShiftRestIn(Schema):
    """The shift's rest; null: none any more."""

    rest: RestIn | None


class RestOut(Schema):
    from_at: Instant
    until_at: Instant
    minutes: int


class ShiftOut(Schema):
    id: UUID
    from_at: Instant
    until_at: Instant
    rest: RestOut | None


class HelperOut(Schema):
    """A helper as officers and the helper see it."""

    id: UUID
    label: str
    kind: HelperKind
    vehicle: Vehicle
    capacity_g: int
    capacity_ml: int
    capacity_parcels: int
    skills: list[Skill]
    languages: list[str]
    state: HelperState
    entrance_id: UUID | None
    shifts: list[ShiftOut]
    hours: float


class HelpersOut(Schema):
    items: list[HelperOut]
    next: str | None
