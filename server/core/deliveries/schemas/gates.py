"""Request and response types of the choice of gates."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from server.core.deliveries import rules
from server.kit.http import Instant, Schema


class GatesAskedIn(Schema):
    """How many guards there are, how many people pass one gate in an hour, and which gates stay open in any case."""

    guards: int = Field(ge=1, le=100)
    people_per_hour: int = Field(default=rules.PEOPLE_PER_HOUR, ge=10, le=2000)
    stay_open: list[UUID] = Field(default_factory=list, max_length=50)


class GatesFiguresOut(Schema):
    """An hour with some gates open. ``queue``: how many wait on average; ``contacts``: how often two meet in a line."""

    people: int
    walk_m: int
    wait_s: int
    queue: float
    contacts: int
    deliveries: int
    haul_s: int
    left_people: int
    left_deliveries: int
    left_why: list[str]


class GateUseOut(Schema):
    """What passes one gate in an hour. ``percent``: people, of those who could."""

    people: int
    percent: float
    wait_s: int
    deliveries: int


class GateAloneOut(Schema):
    """What opening or closing this gate alone would do, all others as they were: hours a day; less than 0 saves."""

    change: Literal["open", "close"]
    residents_h: float
    goods_h: float
    left: int
    obstacles: list[str]


class WeighedGateOut(Schema):
    """``is_open``: nobody has closed it, now. ``stays``: why it must be open, if it must: asked, goods."""

    id: UUID
    label: str
    is_open: bool
    should_be_open: bool | None
    stays: Literal["asked", "goods"] | None
    today: GateUseOut | None
    chosen: GateUseOut | None
    alone: GateAloneOut | None


class GatesWeighedOut(Schema):
    """Which gates to open. ``saves_…_h``: hours a day; ``is_outdated``: the lanes are others since."""

    state: Literal["none", "looking", "found", "failed"]
    guards: int
    people_per_hour: int
    asked_at: Instant | None
    is_outdated: bool
    gates: list[WeighedGateOut]
    today: GatesFiguresOut | None
    chosen: GatesFiguresOut | None
    saves_residents_h: float
    saves_goods_h: float
    today_obstacles: list[str]
    is_proven: bool
    gap_percent: float
    are_people_counted: bool
    are_goods_counted: bool
