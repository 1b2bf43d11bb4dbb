"""Writing CSV that a spreadsheet can open without running what somebody has typed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_whole(text) else text


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,12}", text) is not None
