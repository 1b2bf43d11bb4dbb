"""Request and response types of quarantine."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from server.kit.http import Instant, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.quarantine.rules.checks import How, Symptom
from server.modules.quarantine.rules.orders import OrderKind, OrderState

Ground = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Basis = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Days = Annotated[int, Field(ge=0, le=60)]


class WhatIn(Schema):
    kind: OrderKind
    started_at: AwareDatetime
    until_at: AwareDatetime
    legal_basis: Basis
    ground: Ground


class IsolationIn(WhatIn):
    home_id: UUID


class BulkIn(WhatIn):
    home_ids: Annotated[list[UUID], Field(min_length=1, max_length=2000)]


class DecisionIn(Schema):
    ground: Ground


class ExtendIn(DecisionIn):
    until_at: AwareDatetime


class SupplyIn(Schema):
    food_days: Days
    medicine_days: Days


class SupplyOut(Schema):
    """What the home said: no ground, no reading, so that whoever asks at the door may enter it."""

    order_id: UUID
    food_days: int
    medicine_days: int


class OwnerIn(Schema):
    """Left out: whoever asks."""

    owner_id: UUID | None = None


class AnswerIn(Schema):
    grants: bool
    answer: Ground


class ApprovalIn(Schema):
    approves: bool


class CheckIn(Schema):
    """``tenths``: of a degree Celsius; 36.8 °C is 368."""

    tenths: Annotated[int, Field(ge=300, le=450)]
    symptoms: list[Symptom] = []
    how: How = How.APP
    device_at: AwareDatetime | None = None


class SettingsBody(Schema):
    """``rungs_min``: minutes after a check is due for reminder, call, door and committee."""

    hours: Annotated[list[int], Field(min_length=1, max_length=6)]
    rungs_min: Annotated[list[int], Field(min_length=4, max_length=4)]
    fever_tenths: int
    second_reading_min: int


class CheckOut(AboutPerson):
    id: UUID
    person_id: UUID
    first_name: str
    due_at: Instant
    state: Literal["due", "done", "missed"]
    is_second: bool
    how: How | None
    done_at: Instant | None
    is_alarming: Sensitive[bool | None]
    temperature: Sensitive[str | None]
    symptoms: Sensitive[list[str]]


class AppealOut(AboutPerson):
    id: UUID
    order_id: UUID
    home_label: str
    state: Literal["open", "granted", "refused"]
    words: Sensitive[str]
    answer: Sensitive[str | None]
    made_at: Instant
    decided_at: Instant | None


class ViolationOut(AboutPerson):
    step: Literal["warn", "report"]
    what: Sensitive[str]
    at: Instant


class IsolationRowOut(Schema):
    """An order in a list: no grounds, no readings. ``day``: of isolation, counted from its start."""

    id: UUID
    home_id: UUID
    home_label: str
    kind: OrderKind
    state: OrderState
    started_at: Instant
    until_at: Instant
    day: int
    is_overdue: bool
    has_owner: bool
    is_signed_off: bool
    last_check_at: Instant | None


class IsolationOut(IsolationRowOut, AboutPerson):
    """One order, as whoever lives there and the officers see it."""

    legal_basis: str
    ground: Sensitive[str]
    issued_by_name: str
    issued_at: Instant
    ended_at: Instant | None
    end_ground: Sensitive[str | None]
    food_days: int | None
    medicine_days: int | None
    supply_owner_name: str | None
    signed_off_at: Instant | None
    checks: list[CheckOut]
    appeals: list[AppealOut]
    violations: list[ViolationOut]


class IsolationsOut(Schema):
    items: list[IsolationRowOut]
    next: str | None = None


class MineOut(Schema):
    """``order``: of my home, the active one or the last; None if there never was one."""

    order: IsolationOut | None


class TaskOut(Schema):
    """What a missed check asks of a worker. ``check_id``: to be entered there, or on the phone.

    ``is_supply_asked``: whether the home has said how long its food and medicine last.
    """

    id: UUID
    rung: Literal["reminder", "call", "door", "committee"]
    order_id: UUID
    check_id: UUID
    home_id: UUID
    home_label: str
    floor: int
    first_name: str
    due_at: Instant
    opened_at: Instant
    is_supply_asked: bool


class GridOut(Schema):
    """A grid and how many of its homes wait; ``name_en`` may be empty."""

    id: UUID
    name: str
    name_en: str
    homes: int


class TasksOut(Schema):
    """Doors come in walking order; calls and what the committee has to see to as they opened.

    ``grids``: of all tasks, also where only one grid's were asked for.
    """

    items: list[TaskOut]
    grids: list[GridOut]
    next: str | None = None


class TasksQuery(Schema):
    """``grid``: only the homes of this grid."""

    grid: UUID | None = None


class TaskDoneOut(Schema):
    id: UUID
    done_at: Instant


class ReferralOut(Schema):
    id: UUID
    order_id: UUID
    home_label: str
    first_name: str
    opened_at: Instant
    closed_at: Instant | None


class PatientOut(AboutPerson):
    """A referral as the clinic sees it, with the reading that made it."""

    id: UUID
    home_label: str
    first_name: str
    opened_at: Instant
    temperature: Sensitive[str | None]
    symptoms: Sensitive[list[str]]


class PatientsOut(Schema):
    items: list[PatientOut]
    next: str | None = None


class IsolationDayOut(Schema):
    """Counts of one calendar day where the homes are, by when the checks were due."""

    day: date
    done: int
    missed: int
    waiting: int
    reminders: int
    calls: int
    doors: int
    committee: int


class IsolationDaysOut(Schema):
    items: list[IsolationDayOut]


class IsolationSpotOut(Schema):
    """An entrance with isolated homes behind it: counts, no names. ``overdue``: past their end."""

    entrance_id: UUID
    homes: int
    overdue: int
    silent: int


class IsolationSpotsOut(Schema):
    items: list[IsolationSpotOut]


class DaysQuery(Schema):
    days: Annotated[int, Field(ge=1, le=60)] = 14


class DeskOut(Schema):
    """What has to be decided or seen to, first."""

    overdue: int
    missed: int
    without_owner: int
    not_signed_off: int
    referrals: list[ReferralOut]
    appeals: list[AppealOut]


class BulkOut(Schema):
    id: UUID
    state: Literal["proposed", "approved", "refused"]
    kind: OrderKind
    homes: int
    home_labels: list[str]
    why: str
    legal_basis: str
    from_at: Instant
    until_at: Instant
    proposed_at: Instant
    is_mine: bool


class BulksOut(Schema):
    items: list[BulkOut]
    next: str | None = None


class IsolationsQuery(Schema):
    state: OrderState = OrderState.ACTIVE
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
