"""Figures as Markdown, each benchmark between marks of its own."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def machine() -> str:
    """Return the day and the machine of a measurement."""
    kind = platform.processor() or platform.machine()
    load = os.getloadavg()[0]
    what = f"{kind}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {what}, load average {load:.1f} at the end."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def put(file: Path, name: str, lines: Sequence[str]) -> None:
    """Replace what stands between the marks of ``name`` in the file; add it at the end if it is not there."""
    begin, end = f"<!-- {name}: written by python -m bench {name} -->", f"<!-- end of {name} -->"
    text = file.read_text(encoding="utf-8") if file.exists() else "# Benchmarks of the server\n"
    block = "\n".join([begin, "", *lines, "", end])
    if begin in text:
        head, rest = text.split(begin, 1)
        text = head + block + rest.split(end, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n{block}\n"
    file.write_text(text, encoding="utf-8")
