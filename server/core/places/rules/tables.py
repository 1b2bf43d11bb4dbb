"""The CSV files of lanes and homes, with columns in English or Chinese."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.core.places.rules.marks import NARROWEST_CM, WIDEST_CM
from server.kit.errors import Refused

MAX_ROWS = 20_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # PostgreSQL takes no NUL, and people type none of them
LOWEST_FLOOR, HIGHEST_FLOOR = -5, 120
COLUMNS = {
    "楼栋": "building",
    "楼号": "building",
    "单元": "entrance",
    "楼层": "floor",
    "房号": "door",
    "编号": "ref",
    "消防通道": "is_fire_lane",
    "宽度厘米": "width_cm",
    "单行": "is_oneway",
    "状态": "state",
    "原因": "reason",
}
STATES = {"": None, "open": "open", "开放": "open", "closed": "closed", "封闭": "closed"}
ANSWERS = {
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


def read_lane_rows(text: str) -> list[LaneRow]:
    """Read lanes.csv: ref, is_fire_lane, width_cm, is_oneway, state, reason. Raises Refused naming the line."""
    return [
        LaneRow(
            line,
            row["ref"],
            _one_of(ANSWERS, row, line, "is_fire_lane"),
            _whole(row, line, "width_cm", NARROWEST_CM, WIDEST_CM) if row.get("width_cm") else None,
            _one_of(ANSWERS, row, line, "is_oneway"),
            _one_of(STATES, row, line, "state"),
            row.get("reason", "")[:300],
        )
        for line, row in _rows(text, ("ref",))
    ]


def read_home_rows(text: str) -> list[HomeRow]:
    """Read homes.csv: building, entrance, floor, door. Raises Refused naming the line."""
    rows = []
    for line, row in _rows(text, ("building", "entrance", "floor", "door")):
        if not 0 < len(row["door"]) <= 20:
            raise Refused("places.bad_csv_value", line=line, column="door")
        floor = _whole(row, line, "floor", LOWEST_FLOOR, HIGHEST_FLOOR)
        rows.append(HomeRow(line, row["building"], row["entrance"], floor, row["door"]))
    return rows


def _rows(text: str, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        reader.fieldnames = [COLUMNS.get(name.strip(), name.strip()) for name in reader.fieldnames or []]
        missing = [column for column in needed if column not in reader.fieldnames]
        if missing:
            raise Refused("places.csv_columns_missing", columns=missing)
        rows = []
        for number, row in enumerate(reader, start=2):
            if number > MAX_ROWS + 1:
                raise Refused("places.csv_too_long", most=MAX_ROWS)
            if None in row or None in row.values() or any(CONTROL.search(v) for v in row.values()):
                raise Refused("places.bad_csv_value", line=number, column="?")
            rows.append((number, {k: v.strip().removeprefix("'") for k, v in row.items()}))
    except csv.Error as error:
        raise Refused("places.bad_csv_value", line=reader.line_num, column=str(error)) from None
    if not rows:
        raise Refused("places.csv_empty")
    return rows


def _whole(row: Mapping[str, str], line: int, column: str, least: int, most: int) -> int:
    text = row[column]
    if not _is_whole(text) or not least <= int(text) <= most:
        raise Refused("places.bad_csv_value", line=line, column=column, least=least, most=most)
    return int(text)


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,6}", text) is not None


def _one_of(values: Mapping[str, Any], row: Mapping[str, str], line: int, column: str) -> Any:
    text = row.get(column, "").lower()
    if text not in values:
        raise Refused("places.bad_csv_value", line=line, column=column)
    return values[text]
