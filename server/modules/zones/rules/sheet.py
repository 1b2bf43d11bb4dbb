"""A list as it is pasted or uploaded: a table with headings, or one listing a line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace

from server.kit.errors import Refused
from server.modules.zones.rules.dates import Run, read_run, split_run
from server.modules.zones.rules.structure import ANYWHERE, Doubt, Level, Unclear, Within

MOST_ROWS = 5_000
LONGEST_TEXT = 600
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
COLUMNS = {
    "place": ("place", "地点", "区域", "小区", "名称", "风险区", "点位", "具体地点", "范围", "管控区域"),
    "district": ("district", "区", "区县", "县区", "行政区", "所属区", "所属区县"),
    "street": ("street", "街道", "街镇", "镇街", "乡镇", "街道乡镇", "所属街道", "街道(镇)", "街道（镇）"),
    "level": ("level", "等级", "级别", "风险等级", "类型", "风险级别"),
    "from": ("from", "first_listed", "开始", "开始日期", "起始日期", "划定日期", "自"),
    "until": ("until", "last_listed", "结束", "结束日期", "截止日期", "解除日期", "至"),
    "dates": ("dates", "日期", "时间", "管控时间", "起止日期", "起止时间"),
}
HEADINGS = {name: column for column, names in COLUMNS.items() for name in names}
LEVELS = {
    "high": Level.HIGH,
    "高风险": Level.HIGH,
    "高风险区": Level.HIGH,
    "高": Level.HIGH,
    "封控区": Level.HIGH,
    "mid": Level.MID,
    "medium": Level.MID,
    "中风险": Level.MID,
    "中风险区": Level.MID,
    "中": Level.MID,
    "管控区": Level.MID,
    "low": Level.LOW,
    "低风险": Level.LOW,
    "低风险区": Level.LOW,
    "低": Level.LOW,
    "防范区": Level.LOW,
    "managed": Level.MANAGED,
    "纳管": Level.MANAGED,
    "纳管区域": Level.MANAGED,
}
HEADLINE = re.compile(
    r"[一二三四五六七八九十、.()（）0-9\s]*(?P<level>[高中低]风险区|封控区|管控区|防范区)[域:：]*(?:[（(]?共?[0-9]+个[)）]?)?[:：]?"
)
ENDING = re.compile(r"(?:为|列为|划为|划定为)(?P<level>[高中低]风险区?)$")
NUMBERED = re.compile(r"^\s*(?:[0-9]{1,3}[.、)）](?!\s*[0-9]*号)|[(（][0-9]{1,3}[)）]|[-•·*])\s*")


@dataclass(frozen=True)
class Row:
    """One listing with its columns. ``doubts``: columns that could not be read."""

    line: int
    text: str
    level: Level | None
    run: Run | None
    doubts: tuple[Doubt, ...] = ()
    within: Within = ANYWHERE


def read_rows(text: str, *, usual: Level | None, year: int) -> list[Row]:
    """Return the rows of a list. ``usual``: the level where none is said; ``year``: of days without one.

    Raises Refused: zones.empty, zones.too_many_rows, zones.bad_text naming the line.
    """
    text = text.lstrip("\ufeff")
    table = _table(text)
    rows = _table_rows(table, usual, year) if table else _lines(text, usual, year)
    if not rows:
        raise Refused("zones.empty")
    return rows


def _table(text: str) -> list[list[str]] | None:
    """Return the cells if the first line holds headings; None for plain lines."""
    head = text.strip("\r\n").split("\n", 1)[0]
    delimiter = "\t" if "\t" in head else ","
    names = [HEADINGS.get(cell.strip().strip('"').lower()) for cell in head.split(delimiter)]
    if "place" not in names:
        return None
    try:
        cells = list(csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused("zones.bad_text", line=1) from None
    return cells


def _table_rows(table: list[list[str]], usual: Level | None, year: int) -> list[Row]:
    columns = [HEADINGS.get(cell.strip().lower()) for cell in table[0]]
    rows: list[Row] = []
    for line, cells in enumerate(table[1:], start=2):
        values = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
        if not values.get("place"):
            if any(cell.strip() for cell in cells):
                raise Refused("zones.bad_text", line=line)
            continue
        _check(len(rows), line, values["place"])
        said = [values.get("from", ""), values.get("until", "")]
        days = values.get("dates") or "至".join(day for day in said if day)
        row = _row(line, values["place"], values.get("level", ""), days, usual, year)
        if row.run and not values.get("dates") and not said[0]:
            # A day alone under "until" is the last one, not the first.
            row = replace(row, run=Run(None, row.run.from_on))
        within = Within(values.get("district", "")[:40], values.get("street", "")[:40], is_sure=True)
        rows.append(replace(row, within=within))
    return rows


def _lines(text: str, usual: Level | None, year: int) -> list[Row]:
    rows: list[Row] = []
    for line, written in enumerate(text.splitlines(), start=1):
        words = written.strip().strip('"')
        if not words:
            continue
        headline = HEADLINE.fullmatch(words)
        if headline:
            usual = LEVELS[headline["level"]]
            continue
        _check(len(rows), line, words)
        place, days = split_run(NUMBERED.sub("", words))
        found = ENDING.search(place)
        rows.append(_row(line, place, found["level"] if found else "", days, usual, year))
    return rows


def _row(line: int, text: str, level: str, days: str, usual: Level | None, year: int) -> Row:
    row = Row(line, text, usual, None)
    if level:
        found = LEVELS.get(level.lower())
        row = replace(row, level=found)
        if found is None:
            row = replace(row, doubts=(*row.doubts, Doubt(Unclear.LEVEL, level[:80])))
    elif usual is None:
        row = replace(row, doubts=(*row.doubts, Doubt(Unclear.LEVEL, "")))
    if days:
        run = read_run(days, year=year)
        row = replace(row, run=run)
        if run is None:
            row = replace(row, doubts=(*row.doubts, Doubt(Unclear.DATES, days[:80])))
    return row


def _check(count: int, line: int, text: str) -> None:
    if count >= MOST_ROWS:
        raise Refused("zones.too_many_rows", most=MOST_ROWS)
    if len(text) > LONGEST_TEXT or CONTROL.search(text):
        raise Refused("zones.bad_text", line=line, longest=LONGEST_TEXT)
