"""What may be said of a lane, where carts may stand, and the CSV files that say it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.kit.errors import Refused

WIDEST_CM, NARROWEST_CM = 6000, 30
STAND_ON_CM = 300  # a lane at least this wide has room beside a standing cart
STAND_APART_M = 35.0
MAX_ROWS = 20_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class LaneRow:
    """A line of the lanes' CSV: None leaves a value as it is."""

    line: int
    ref: str
    is_fire_lane: bool | None
    width_cm: int | None
    is_oneway: bool | None
    state: str | None
    reason: str


@dataclass(frozen=True)
class HomeRow:
    """A line of the homes' CSV."""

    line: int
    building: str
    entrance: str
    floor: int
    door: str


@dataclass(frozen=True)
class Junction:
    """A node as a place to stand: where it is, its lanes' number, and whether all are fire lanes wide enough."""

    node: Any
    x_m: float
    y_m: float
    lanes: int
    has_wide_fire_lane: bool


def check_width(width_cm: int) -> None:
    """Raise Refused for a width no lane can have."""
    if not NARROWEST_CM <= width_cm <= WIDEST_CM:
        raise Refused("places.bad_width", width_cm=width_cm, least=NARROWEST_CM, most=WIDEST_CM)


def check_closing(reason: str, until: datetime | None, *, now: datetime) -> None:
    """Raise Refused for a closing without a reason, or one that is over already."""
    if not reason.strip():
        raise Refused("places.reason_missing")
    if until is not None and until <= now:
        raise Refused("places.until_is_past")


def propose_standing_points(junctions: Iterable[Junction]) -> list[Any]:
    """Return the nodes where carts may stand: on wide fire lanes, not closer than 35 m to each other.

    Where fewer lanes meet comes first, since a cart at a crossing is in the way.
    """
    able = [j for j in junctions if j.has_wide_fire_lane]
    chosen: list[Junction] = []
    for junction in sorted(able, key=lambda j: (j.lanes, j.x_m, j.y_m)):
        if all(math.dist((junction.x_m, junction.y_m), (c.x_m, c.y_m)) >= STAND_APART_M for c in chosen):
            chosen.append(junction)
    return [junction.node for junction in chosen]


def read_lane_rows(text: str) -> list[LaneRow]:
    """Read lanes.csv: ref, is_fire_lane, width_cm, is_oneway, state, reason. Raises Refused naming the line."""
    rows = []
    for line, row in _rows(text, ("ref",)):
        width = row.get("width_cm", "")
        if width and not width.isdigit():
            raise Refused("places.bad_csv_value", line=line, column="width_cm")
        if width:
            check_width(int(width))
        state = row.get("state", "") or None
        if state not in (None, "open", "closed"):
            raise Refused("places.bad_csv_value", line=line, column="state")
        rows.append(
            LaneRow(
                line,
                row["ref"],
                _yes(row.get("is_fire_lane", ""), line, "is_fire_lane"),
                int(width) if width else None,
                _yes(row.get("is_oneway", ""), line, "is_oneway"),
                state,
                row.get("reason", ""),
            )
        )
    return rows


def read_home_rows(text: str) -> list[HomeRow]:
    """Read homes.csv: building, entrance, floor, door. Raises Refused naming the line."""
    rows = []
    for line, row in _rows(text, ("building", "entrance", "floor", "door")):
        floor = row["floor"]
        if not floor.lstrip("-").isdigit() or not -5 <= int(floor) <= 120:
            raise Refused("places.bad_csv_value", line=line, column="floor")
        if not row["door"]:
            raise Refused("places.bad_csv_value", line=line, column="door")
        rows.append(HomeRow(line, row["building"], row["entrance"], int(floor), row["door"][:20]))
    return rows


def write_csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return CSV text. Cells that a spreadsheet would take for a formula are quoted with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(row[column]) for column in columns])
    return file.getvalue()


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not text.lstrip("-").isdigit() else text


def _rows(text: str, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = [column for column in needed if column not in (reader.fieldnames or [])]
    if missing:
        raise Refused("places.csv_columns_missing", columns=missing)
    rows = []
    for number, row in enumerate(reader, start=2):
        if number > MAX_ROWS:
            raise Refused("places.csv_too_long", most=MAX_ROWS)
        if None in row or None in row.values():
            raise Refused("places.bad_csv_value", line=number, column="?")
        rows.append((number, {k: v.strip().removeprefix("'") for k, v in row.items()}))
    if not rows:
        raise Refused("places.csv_empty")
    return rows


def _yes(text: str, line: int, column: str) -> bool | None:
    values = {
        "": None,
        "yes": True,
        "1": True,
        "true": True,
        "是": True,
        "no": False,
        "0": False,
        "false": False,
        "否": False,
    }
    if text.lower() not in values:
        raise Refused("places.bad_csv_value", line=line, column=column)
    return values[text.lower()]
