"""What the gate's endpoints take and give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from server.kit.http import Instant, PageQuery, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.gate.rules.leaving import DAY_MIN, Direction, Outcome
from server.modules.gate.rules.passes import PassKind, PassState
from server.modules.gate.service import DeviceKind, FindingKind, How

CODE_CHARS = 300
LOG_ROWS = 500
Purpose = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[a-z_]+$")]
Minute = Annotated[int, Field(ge=0, le=DAY_MIN)]
Span = Annotated[list[Minute], Field(min_length=2, max_length=2)]


class ApplicationIn(Schema):
    """``subject``: the visitor's name, the plate or the goods; ``document``: an ID number, of which a hash is kept."""

    kind: PassKind = PassKind.RESIDENT
    purpose: Purpose
    from_at: AwareDatetime
    until_at: AwareDatetime
    home_id: UUID | None = None
    person_id: UUID | None = None
    carrier_id: UUID | None = None
    subject: str = Field(default="", max_length=60)
    note: str = Field(default="", max_length=300)
    document: str = Field(default="", max_length=30)


class GroundIn(Schema):
    ground: str = Field(default="", max_length=500)


class PassOut(AboutPerson):
    """``is_held``: a flag keeps its people in for now, whatever the state. ``number``: for who shows or decides."""

    id: UUID
    kind: PassKind
    purpose: str
    state: PassState
    is_held: bool
    is_mine_to_show: bool
    is_on_a_phone: bool
    name: str
    home: str
    subject: Sensitive[str]
    note: Sensitive[str]
    number: str | None
    from_at: Instant
    until_at: Instant
    applied_at: Instant
    decided_at: Instant | None
    is_decided_by_rule: bool
    ground: Sensitive[str | None]
    appeal: Sensitive[str | None]


class PassesOut(Schema):
    """``now``: the server's time, by which a phone whose clock is off puts itself right."""

    items: list[PassOut]
    next: str | None
    now: Instant


class PassesQuery(PageQuery):
    state: PassState | None = None


class KeyIn(Schema):
    """A phone's Ed25519 public key, in hexadecimal."""

    public_key: str = Field(pattern=r"^[0-9a-f]{64}$")


class SignedPassOut(Schema):
    """The pass as the community signed it, in base45; the phone adds step and signature (docs/gate-port.md)."""

    signed: str
    until_at: Instant
    now: Instant


class PaperOut(Schema):
    """What is printed: a QR code's text and the six digits."""

    code: str
    number: str | None
    until_at: Instant


class ScanIn(Schema):
    """``ref``: the scan's own id, given by the scanner. ``override``: why somebody passes all the same."""

    ref: UUID
    gate_id: UUID
    direction: Direction
    how: How
    text: str = Field(default="", max_length=CODE_CHARS)
    reading_tenths: int | None = Field(default=None, ge=300, le=450)
    override: str | None = Field(default=None, max_length=300)


class ReasonOut(Schema):
    code: str
    next_at: str | None = None
    next_on: str | None = None
    since: str | None = None
    off_s: int | None = None


class ScanOut(AboutPerson):
    """A verdict. ``name``, ``home``, ``subject``: to compare with, where no phone has proved who it is."""

    ref: UUID
    outcome: Outcome
    reasons: list[ReasonOut]
    kind: str | None
    purpose: str | None
    name: str
    home: str
    subject: Sensitive[str]
    at: Instant


class LoggedIn(Schema):
    ref: UUID
    gate_id: UUID
    direction: Direction
    how: How
    text: str = Field(default="", max_length=CODE_CHARS)
    at: AwareDatetime
    outcome: Outcome
    reasons: list[Annotated[str, Field(max_length=30, pattern=r"^[a-z_]+$")]] = Field(
        default_factory=list, max_length=10
    )
    list_issued_at: AwareDatetime | None = None
    why: str | None = Field(default=None, max_length=300)


class LogIn(Schema):
    scans: list[LoggedIn] = Field(max_length=LOG_ROWS)


class LogOut(Schema):
    new: int
    known: int


class ListOut(Schema):
    """A signed list: ``payload`` is JSON text, signed as it stands (docs/gate-port.md)."""

    payload: str
    signature: str
    now: Instant


class PortListOut(ListOut):
    """``gate_id``: where the device stands; none at a building's door."""

    gate_id: UUID | None


class QuotaIO(Schema):
    most_exits: int = Field(ge=0, le=50)
    per_days: int = Field(ge=1, le=14)


class RulesIO(Schema):
    """A version of the rules; see ``server.modules.gate.rules.leaving.Rules``."""

    quota: QuotaIO | None = None
    hours: list[Span] = Field(default_factory=list, max_length=6)
    gates: list[UUID] = Field(default_factory=list, max_length=50)
    purposes: list[Purpose] = Field(default_factory=list, max_length=30)
    exempt_purposes: list[Purpose] = Field(default_factory=lambda: ["medical"], max_length=30)
    kinds: list[PassKind] = Field(default_factory=lambda: list(PassKind), max_length=4)
    refused_statuses: list[Purpose] = Field(default_factory=lambda: ["red"], max_length=10)
    needs_reading: bool = False
    fever_tenths: int = Field(default=373, ge=350, le=420)
    approved_by_rule: list[Purpose] = Field(default_factory=list, max_length=30)
    longest_pass_h: int = Field(default=24 * 14, ge=1, le=24 * 31)
    list_limit_min: int = Field(default=30, ge=1, le=24 * 60)


class RulesIn(Schema):
    rules: RulesIO
    why: str = Field(max_length=500)
    on_version: int = Field(ge=0)


class RulesOut(Schema):
    version: int
    rules: RulesIO


class VersionOut(Schema):
    version: int
    rules: dict[str, Any]
    why: str
    from_at: Instant


class VersionsOut(Schema):
    items: list[VersionOut]


class PreviewIn(Schema):
    rules: RulesIO
    days: int = Field(default=7, ge=1, le=14)


class EffectOut(Schema):
    exits: int
    let_out: int
    would_be_let_out: int
    stopped: int
    freed: int
    stopped_by: dict[str, int]


class DayQuery(Schema):
    day: date | None = None


class FlowRowOut(Schema):
    gate_id: UUID
    hour: int
    out: int
    come_in: int
    denied: int


class GateNowOut(Schema):
    id: UUID
    label: str
    is_open: bool
    is_open_by_hand: bool


class FlowOut(Schema):
    day: date
    gates: list[GateNowOut]
    rows: list[FlowRowOut]


class GatesOut(Schema):
    items: list[GateNowOut]


class LoggedScanOut(Schema):
    """A scan as it was recorded; who it was stays with the pass."""

    ref: UUID
    gate_id: UUID | None
    entrance_id: UUID | None
    pass_id: UUID | None
    direction: Direction
    how: How
    outcome: Outcome
    reasons: list[dict[str, Any]]
    is_offline: bool
    list_issued_at: Instant | None
    author_id: UUID | None
    device_id: UUID | None
    why: str | None
    at: Instant


class ScansOut(Schema):
    items: list[LoggedScanOut]


class ScansQuery(Schema):
    pass_id: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class FindingOut(Schema):
    id: UUID
    kind: FindingKind
    key: str
    scan_ref: UUID
    pass_id: UUID | None
    gate_id: UUID | None
    at: Instant
    why: str | None
    found_at: Instant


class FindingsOut(Schema):
    items: list[FindingOut]


class FindingsQuery(Schema):
    kind: FindingKind | None = None
    limit: int = Field(default=100, ge=1, le=500)


class DeviceIn(Schema):
    kind: DeviceKind
    label: str = Field(min_length=1, max_length=40)
    gate_id: UUID | None = None
    entrance_id: UUID | None = None


class DeviceOut(Schema):
    id: UUID
    kind: DeviceKind
    label: str
    gate_id: UUID | None
    entrance_id: UUID | None
    made_at: Instant
    seen_at: Instant | None
    ended_at: Instant | None


class NewDeviceOut(DeviceOut):
    """``token``: shown this once."""

    token: str


class DevicesOut(Schema):
    items: list[DeviceOut]


class PortScanIn(Schema):
    """A device's scan; its place is the device's."""

    ref: UUID
    direction: Direction
    text: str = Field(default="", max_length=CODE_CHARS)
    reading_tenths: int | None = Field(default=None, ge=300, le=450)


class PortScanOut(Schema):
    """``opens``: whether to open; ``reasons``: codes for a display."""

    ref: UUID
    opens: bool
    outcome: Outcome
    reasons: list[str]
    now: Instant


class PortLoggedIn(Schema):
    ref: UUID
    direction: Direction
    text: str = Field(default="", max_length=CODE_CHARS)
    at: AwareDatetime
    has_opened: bool
    reasons: list[Annotated[str, Field(max_length=30, pattern=r"^[a-z_]+$")]] = Field(
        default_factory=list, max_length=10
    )
    list_issued_at: AwareDatetime | None = None


class PortLogIn(Schema):
    scans: list[PortLoggedIn] = Field(max_length=LOG_ROWS)


class ReadingIn(Schema):
    """Tenths of a degree Celsius."""

    tenths: int = Field(ge=300, le=450)


class PortStateOut(Schema):
    now: Instant
