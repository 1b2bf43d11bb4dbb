"""Request and response types of deliveries. Places are local metres, y to the north."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from server.core.deliveries.rules import Failure
from server.kit.http import Instant, Schema
from server.kit.reads import AboutPerson, Sensitive

Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=12)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Points = list[list[float]]


class SpotOut(Schema):
    x_m: float
    y_m: float


class ParcelCodeOut(Schema):
    id: UUID
    code: str


class ExpectedOut(Schema):
    """A delivery that is coming to the gate."""

    id: UUID
    sender: str
    merchant_id: UUID
    state: Literal["on_the_way", "arrived", "received"]
    expected: int
    brought: int | None
    received: int | None
    has_mismatch: bool
    created_at: Instant
    parcels: list[ParcelCodeOut]


class ShelfOut(Schema):
    """A parcel on the gate's shelf. ``entrance``: where it goes, for sorting."""

    id: UUID
    code: str
    need_id: UUID
    entrance: str
    load_g: int


class MismatchOut(Schema):
    id: UUID
    place: Literal["gate", "load"]
    handover_id: UUID | None
    route_id: UUID | None
    expected: int
    counted: int
    unknown_codes: list[str]
    opened_at: Instant
    closed_at: Instant | None


class MismatchesOut(Schema):
    items: list[MismatchOut]
    next: str | None = None


class WhyIn(Schema):
    why: Why


class GateOut(Schema):
    expected: list[ExpectedOut]
    shelf: list[ShelfOut]
    mismatches: list[MismatchOut]


class ReceiveIn(Schema):
    """Codes that were scanned; or a delivery and how many there are."""

    parcel_codes: Annotated[list[Code], Field(max_length=500)] = []
    counted: Annotated[int, Field(ge=0, le=10_000)] | None = None
    handover_id: UUID | None = None


class ReceivedOut(Schema):
    taken: list[ParcelCodeOut]
    unknown_codes: list[str]
    has_mismatch: bool


class CustodyOut(Schema):
    step: int
    giver_kind: str | None
    taker_kind: str
    how: str
    at: Instant
    device_at: Instant | None


class ParcelOut(Schema):
    id: UUID
    code: str
    need_id: UUID
    load_g: int
    volume_ml: int
    custodian_kind: str
    custody: list[CustodyOut]


class CodeOut(Schema):
    code: str


class HandoverOut(Schema):
    """What a link shows: no more than whoever brings the goods has to know."""

    merchant: str
    gate: str
    state: Literal["on_the_way", "arrived", "received"]
    expected: int
    brought: int | None
    parcels: list[CodeOut]


class ArriveIn(Schema):
    count: Annotated[int, Field(ge=0, le=10_000)]


class WaveStopOut(AboutPerson):
    """``wait_s``: seconds after the arrival until the home may be served."""

    id: UUID | None
    order: int
    kind: Literal["delivery", "visit"]
    protocol: Literal["green", "red"]
    spot: Literal["shelf", "door"]
    label: str
    need_ids: list[UUID]
    parcels: int
    plan_arrive_at: Instant
    plan_depart_at: Instant
    wait_s: int
    state: Literal["todo", "done", "failed"]
    failure: str | None
    note: Sensitive[str | None]
    halt: SpotOut


class CourierRestOut(Schema):
    """A break as the plan has it."""

    from_at: Instant
    until_at: Instant


class WaveRouteOut(Schema):
    """``id`` and ``seq`` are there once the wave is released."""

    id: UUID | None
    helper_id: UUID
    helper_label: str
    vehicle: str
    state: str
    seq: int | None
    begin_at: Instant
    end_at: Instant
    rests: list[CourierRestOut]
    stops: list[WaveStopOut]
    path: Points


class UnservedOut(Schema):
    """A stop that nobody serves in this wave; ``change``: the smallest change that would have served it.

    ``helper_label``: whom the change is about, ``lane_name`` and ``lane_ref``: which lane first.
    """

    need_id: UUID | None
    need_ids: list[UUID]
    label: str
    reason: str
    facts: dict[str, Any]
    change: dict[str, Any]
    helper_label: str | None
    lane_name: str | None
    lane_ref: str | None


class UnusedOut(Schema):
    """A courier who stays: no_shift, or another reason of the plan."""

    helper_label: str
    why: str


class WaveOut(Schema):
    """``trouble``: why the last planning came to nothing, or why it is being done again."""

    id: UUID
    state: Literal["planning", "planned", "released", "done", "failed", "cancelled"]
    created_at: Instant
    starts_at: Instant
    released_at: Instant | None
    trouble: str | None
    figures: dict[str, Any]


class WaveDetailOut(WaveOut):
    routes: list[WaveRouteOut]
    unserved: list[UnservedOut]
    unused: list[UnusedOut]


class HelpOut(Schema):
    """A change, how many more stops it serves, and how many seconds of work the plan then costs less besides.

    add: one more courier of ``profile`` from ``from_at`` to ``until_at``; reopen: a lane; lengthen_shift: a helper's,
    by ``minutes`` to ``until_at``.
    """

    kind: Literal["add", "reopen", "lengthen_shift"]
    serves_more: int
    saves_s: int
    profile: str | None = None
    from_at: Instant | None = None
    until_at: Instant | None = None
    lane_id: UUID | None = None
    lane_name: str | None = None
    lane_ref: str | None = None
    helper_id: UUID | None = None
    helper_label: str | None = None
    minutes: int | None = None


class WaveHelpOut(Schema):
    """``state``: looking, found (nothing helps if there are no items), or unknown: ask for nothing more."""

    state: Literal["looking", "found", "unknown"]
    items: list[HelpOut]


class WavesOut(Schema):
    items: list[WaveOut]
    next: str | None = None


class WaveStartedOut(Schema):
    id: UUID
    state: str


class StopOut(AboutPerson):
    """A stop as its courier sees it: green or red, never why; a first name, never a record."""

    id: UUID
    order: int
    kind: Literal["delivery", "visit"]
    protocol: Literal["green", "red"]
    spot: Literal["shelf", "door"]
    label: str
    first_name: str
    note: Sensitive[str | None]
    parcels: list[ParcelCodeOut]
    plan_arrive_at: Instant
    plan_depart_at: Instant
    state: Literal["todo", "done", "failed"]
    failure: str | None
    done_at: Instant | None
    leg: Points
    halt: SpotOut
    walk_s: int
    must_prove: bool


class RouteOut(Schema):
    id: UUID
    seq: int
    state: Literal["released", "under_way", "done"]
    wave_id: UUID
    vehicle: str
    begin_at: Instant
    end_at: Instant
    parcels_expected: int
    needs_disinfection: bool
    has_mismatch: bool = False
    rests: list[CourierRestOut]
    stops: list[StopOut]
    path: Points


class LoadIn(Schema):
    counted: Annotated[int, Field(ge=0, le=10_000)]
    device_at: AwareDatetime | None = None


class ProofIn(Schema):
    kind: Literal["photo", "code"]
    photo_id: UUID | None = None
    code: Code | None = None


class FinishIn(Schema):
    device_at: AwareDatetime | None = None
    proof: ProofIn | None = None


class FailIn(Schema):
    reason: Failure
    device_at: AwareDatetime | None = None
    note: Annotated[str, StringConstraints(max_length=300)] | None = None


class UndoIn(Schema):
    device_at: AwareDatetime | None = None


class StopDoneOut(Schema):
    """``undo_until``: until when the step can be taken back; None once it is."""

    id: UUID
    state: Literal["todo", "done", "failed"]
    failure: str | None
    done_at: Instant | None
    device_at: Instant | None
    undo_until: Instant | None
    seq: int


class PositionIn(Schema):
    x_m: Annotated[float, Field(ge=-100_000, le=100_000)]
    y_m: Annotated[float, Field(ge=-100_000, le=100_000)]
    device_at: AwareDatetime | None = None


class PositionOut(Schema):
    x_m: float
    y_m: float
    at: Instant


class PhotoOut(Schema):
    id: UUID


class CartOut(Schema):
    route_id: UUID
    wave_id: UUID
    helper_id: UUID
    helper_label: str
    vehicle: str
    state: str
    x_m: float | None
    y_m: float | None
    at: Instant | None
    done: int
    failed: int
    stops: int
    delay_s: int


class CartsOut(Schema):
    items: list[CartOut]
    next: str | None = None
