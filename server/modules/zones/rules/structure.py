"""What a listing says, once it is understood: places, and which of their buildings and doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """How strict a zone is. MANAGED: under control without a level (纳管)."""

    HIGH = "high"
    MID = "mid"
    LOW = "low"
    MANAGED = "managed"


class Unclear(StrEnum):
    """Why a listing goes to a person."""

    FLOOR = "floor"
    HOUSE = "house"
    PART = "part"
    BORDER = "border"
    ADDRESS = "address"
    REMARK = "remark"
    SCOPE = "scope"
    SECTION = "section"
    RANGE = "range"
    NUMBERS = "numbers"
    NAME = "name"
    EXCLUSION = "exclusion"
    TEXT = "text"
    # Understood, but not to be found in this compound:
    BUILDING = "building"
    DOOR = "door"
    AREA = "area"
    NEAR_NAME = "near_name"
    NAMESAKE = "namesake"
    NO_SUCH_LEVEL = "no_such_level"
    NOTHING_LEFT = "nothing_left"
    # Columns of the row:
    LEVEL = "level"
    DATES = "dates"


@dataclass(frozen=True)
class Spot:
    """A building (``door`` None), a door of it, or a door of a compound whose doors are numbered throughout."""

    building: str | None
    door: str | None = None

    def __str__(self) -> str:
        return f"{self.building or ''}/{self.door}" if self.door else f"{self.building}"


@dataclass(frozen=True)
class Within:
    """Where a row says that its place is: district and street, "" where it says nothing.

    ``is_sure``: the district stands in a column of its own or behind its city; elsewhere what looks like one may be
    the beginning of a street's name.
    """

    district: str = ""
    street: str = ""
    is_sure: bool = False


ANYWHERE = Within()


@dataclass(frozen=True)
class Part:
    """One place of a listing: all of it if ``spots`` is empty, without what is excepted."""

    name: str
    spots: frozenset[Spot] = frozenset()
    except_spots: frozenset[Spot] = frozenset()
    except_levels: frozenset[Level] = frozenset()
    except_names: frozenset[str] = frozenset()
    # Two parts that say the same of a place are the same, wherever the row has said where that is.
    within: Within = field(default=ANYWHERE, compare=False)


@dataclass(frozen=True)
class Doubt:
    """What was not understood: why, and the words it is about."""

    why: Unclear
    words: str


@dataclass(frozen=True)
class Listing:
    """A listing as it was read. With a doubt nothing of it counts: ``parts`` is empty."""

    parts: tuple[Part, ...] = ()
    doubt: Doubt | None = field(default=None)


@dataclass(frozen=True)
class Door:
    """A door of the compound with its building, as labelled on the map."""

    id: UUID
    label: str
    building_id: UUID
    building: str


@dataclass(frozen=True)
class Compound:
    """What a listing is looked up in. ``areas``: the street and whatever else the compound lies in, districts apart."""

    names: frozenset[str]
    areas: frozenset[str]
    doors: tuple[Door, ...]
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Resolved:
    """A listing in this compound. ``doors`` are a proposal only while there are doubts."""

    doors: frozenset[UUID] = frozenset()
    doubts: tuple[Doubt, ...] = ()
    is_elsewhere: bool = False


class NotUnderstood(Exception):
    """Raised inside the reader; never leaves it."""

    def __init__(self, why: Unclear, words: str) -> None:
        super().__init__(why, words)
        self.doubt = Doubt(why, words[:80])
