"""Request and response types of zones."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from server.kit.http import Instant, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.zones.rules.lifecycle import ListState, RowState
from server.modules.zones.rules.structure import Level, Unclear

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Basis = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ListName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
Year = Annotated[int, Field(ge=2019, le=2100)]


class ZoneListIn(Schema):
    """``level``, ``year``: where the list says none; ``other_names``: what it calls this compound besides its name."""

    name: ListName
    text: Annotated[str, Field(min_length=1, max_length=1_000_000)]
    level: Level | None = None
    year: Year | None = None
    other_names: Annotated[list[Called], Field(max_length=5)] = []


class ZoneUploadQuery(Schema):
    name: ListName
    level: Level | None = None
    year: Year | None = None
    other_name: Called | None = None


class RowDecisionIn(Schema):
    """``door_ids``: the entrances that the row means; none: it is not about us."""

    door_ids: Annotated[list[UUID], Field(max_length=2000)]
    why: Words
    level: Level | None = None
    from_on: date | None = None
    until_on: date | None = None


class ZoneProposalIn(Schema):
    reason: Words
    legal_basis: Basis
    until_on: date


class ZoneWhyIn(Schema):
    why: Words


class ZoneLiftIn(ZoneWhyIn):
    """``entrance_ids``: whose zones end; none: all of the list."""

    entrance_ids: Annotated[list[UUID], Field(max_length=2000)] = []


class ZoneAnswerIn(Schema):
    grants: bool
    answer: Words


class ZoneGroupsOut(Schema):
    understood: int
    review: int
    not_ours: int
    over: int


class ZoneListRowOut(Schema):
    """A list of zones in a list of lists."""

    id: UUID
    name: str
    state: ListState
    groups: ZoneGroupsOut
    until_on: date | None
    imported_at: Instant
    imported_by_name: str


class ZoneListsOut(Schema):
    items: list[ZoneListRowOut]


class ReadPlaceOut(Schema):
    """A building, or some entrances of it. ``is_whole``: all of them."""

    building_id: UUID
    building: str
    doors: list[str]
    is_whole: bool


class DoorLevelOut(Schema):
    """An entrance and the strictest level that it is or would be in."""

    entrance_id: UUID
    building_id: UUID
    level: Level


class ZoneOut(Schema):
    """``state``: what the clock and people have made of it."""

    entrance_id: UUID
    building_id: UUID
    label: str
    level: Level
    from_at: Instant
    until_at: Instant
    state: Literal["to_come", "standing", "ended"]
    ended_why: str


class ZoneListOut(ZoneListRowOut):
    """``homes``: behind the doors; ``may_approve``: whether the reader had no hand in it."""

    other_names: list[str]
    reason: str
    legal_basis: str
    confirmed_by_name: str | None
    approved_by_name: str | None
    approved_why: str
    ended_at: Instant | None
    ended_by_name: str | None
    ended_why: str
    may_approve: bool
    homes: int
    doors: list[DoorLevelOut]
    zones: list[ZoneOut]


class ReadDoubtOut(Schema):
    why: Unclear
    words: str


class ReadPartOut(Schema):
    """What was read: a place, which of it, and what is left out."""

    name: str
    spots: list[str]
    excepted: list[str]
    except_levels: list[Level]


class ReadRowOut(Schema):
    id: UUID
    line: int
    text: str
    district: str
    street: str
    level: Level | None
    from_on: date | None
    until_on: date | None
    state: RowState
    parts: list[ReadPartOut]
    doubts: list[ReadDoubtOut]
    places: list[ReadPlaceOut]
    door_ids: list[UUID]
    decided_by_name: str | None
    decided_why: str


class ReadRowsOut(Schema):
    items: list[ReadRowOut]
    next: int | None


class ReadRowsQuery(Schema):
    group: Literal["understood", "review", "not_ours", "over"] = "review"
    after: int | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ZoneAppealOut(AboutPerson):
    id: UUID
    zone_home_id: UUID
    home_label: str
    state: Literal["open", "granted", "refused"]
    words: Sensitive[str]
    answer: Sensitive[str | None]
    made_at: Instant


class ZonesStandingOut(Schema):
    """The zones that hold now, for the map; and what waits for an officer."""

    doors: list[DoorLevelOut]


class ZoneDeskOut(ZonesStandingOut):
    waiting: int
    appeals: list[ZoneAppealOut]


class MyZoneOut(Schema):
    """A zone around my home. ``is_red``: deliveries come to the door, and the gate may keep us in."""

    zone_home_id: UUID
    level: Level
    is_red: bool
    from_at: Instant
    until_at: Instant
    list_name: str
    reason: str
    legal_basis: str
    proposed_by_name: str
    approved_by_name: str
    appeals: list[ZoneAppealOut]


class MyZonesOut(Schema):
    items: list[MyZoneOut]
