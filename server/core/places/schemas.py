"""Requests and answers about places. Coordinates are local metres, x to the east, y to the north."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from server.kit.http import Schema

# A label begins and ends with something to be seen, and holds nothing invisible.
NAME = r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$"


class Bounds(Schema):
    min_x_m: float
    min_y_m: float
    max_x_m: float
    max_y_m: float


class BuildingOut(Schema):
    id: UUID
    label: str
    outline: list[list[float]]
    levels: int
    use: str


class EntranceOut(Schema):
    id: UUID
    building_id: UUID
    label: str
    is_assumed: bool
    shelf_parcels: int
    x_m: float
    y_m: float


class GateOut(Schema):
    """``is_open``: now; ``is_open_by_hand``: not closed by anybody, whatever its hours."""

    id: UUID
    label: str
    is_open: bool
    is_open_by_hand: bool
    takes_goods: bool
    hours: list[list[int]]
    x_m: float
    y_m: float


class SceneryOut(Schema):
    """Something to find one's way by: water, green, play or sport; the largest first."""

    kind: str
    label: str
    outline: list[list[float]]


class LaneOut(Schema):
    id: UUID
    ref: str
    points: list[list[float]]
    kind: str
    name: str
    width_cm: int
    length_m: float
    is_fire_lane: bool
    is_oneway: bool
    steps: int
    state: str
    closed_reason: str | None
    closed_until: datetime | None


class StandingPointOut(Schema):
    id: UUID
    is_proposed: bool
    width_cm: int
    x_m: float
    y_m: float


class MapOut(Schema):
    community: str
    attribution: str
    network_version: int
    bounds: Bounds
    outline: list[list[float]]
    scenery: list[SceneryOut]
    findings: list[dict[str, Any]]
    buildings: list[BuildingOut]
    entrances: list[EntranceOut]
    gates: list[GateOut]
    lanes: list[LaneOut]
    standing_points: list[StandingPointOut]


class HomeOut(Schema):
    id: UUID
    entrance_id: UUID
    label: str
    floor: int
    door: str


class HomesOut(Schema):
    items: list[HomeOut]


class HomesQuery(Schema):
    query: str = Field(default="", max_length=60)
    entrance: UUID | None = None
    limit: int = Field(default=50, ge=1, le=5000)


class LaneIn(Schema):
    """``is_whole_way``: all pieces of the street that the map draws as one."""

    is_fire_lane: bool | None = None
    width_cm: int | None = None
    is_oneway: bool | None = None
    is_whole_way: bool = False


class CloseIn(Schema):
    reason: str = Field(max_length=300)
    until: AwareDatetime | None = None


class SpotIn(Schema):
    x_m: float
    y_m: float


class PointOut(Schema):
    id: UUID


class BuildingIn(Schema):
    label: str = Field(min_length=1, max_length=40, pattern=NAME)


class BuildingNamedOut(Schema):
    id: UUID
    label: str


class EntranceIn(Schema):
    label: str | None = Field(default=None, min_length=1, max_length=20, pattern=NAME)
    shelf_parcels: int | None = Field(default=None, ge=0, le=1000)


class EntranceStateOut(Schema):
    """``shelf_parcels``: how many parcels the shelf holds; 0: no shelf."""

    id: UUID
    label: str
    shelf_parcels: int


class GateIn(Schema):
    label: str | None = Field(default=None, max_length=40)
    is_open: bool | None = None
    takes_goods: bool | None = None
    hours: list[tuple[int, int]] | None = Field(default=None, max_length=6)


class GateStateOut(Schema):
    """``is_open``: not closed by hand; ``hours``: minutes of the local day, none for always."""

    id: UUID
    label: str
    is_open: bool
    takes_goods: bool
    hours: list[list[int]]


class CountOut(Schema):
    count: int
