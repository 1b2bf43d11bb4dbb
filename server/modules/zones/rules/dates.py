"""Dates as lists write them: 2022-07-05, 7月5日, 4月1日至7日, 自4月1日起至4月14日止."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

DAY = r"(?:(?P<y{n}>20[0-9]{{2}})[-/.年])?(?:(?P<m{n}>[0-9]{{1,2}})[-/.月])?(?P<d{n}>[0-9]{{1,2}})[日号]?"
TO = r"(?:起)?(?:至|到|-|~|—|－|–)"
RUN = re.compile(
    r"自?"
    + DAY.format(n=1)
    + r"(?:[0-9]{1,2}[时点]|\d{1,2}:\d{2})?(?:"
    + TO
    + DAY.format(n=2)
    + r"止?)?(?:起|止)?"
)
AT_END = re.compile(
    r"[\s,，;；(（]*(?P<run>自?(?:20[0-9]{2}[年/.-])?[0-9]{1,2}月[0-9]{1,2}日"
    r"(?:起?(?:至|到|-|~|—)(?:20[0-9]{2}年)?(?:[0-9]{1,2}月)?[0-9]{1,2}日止?)?)[)）]?$"
)


@dataclass(frozen=True)
class Run:
    """The first and the last day, both included; None where no beginning or no end was said."""

    from_on: date | None
    until_on: date | None


def read_run(words: str, *, year: int) -> Run | None:
    """Return the run of days; None for anything that is none. A year that is not said is ``year``.

    A run that ends before it begins is none, unless neither day names its year and it goes over New Year.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
    found = RUN.fullmatch(text)
    if not found or not found["m1"]:
        return None
    first = _day(found["y1"], found["m1"], found["d1"], year)
    if first is None or not found["d2"]:
        return Run(first, None) if first else None
    last = _day(found["y2"] or str(first.year), found["m2"] or str(first.month), found["d2"], year)
    if last is not None and last < first and not found["y2"] and found["m2"]:
        last = _day(str(first.year + 1), found["m2"], found["d2"], year)
    if last is None or last < first or (last - first).days > 366:
        return None
    return Run(first, last)


def split_run(text: str) -> tuple[str, str]:
    """Return (listing, run) where a run of days ends the text; the run is "" where there is none."""
    found = AT_END.search(text)
    return (text[: found.start()], found["run"]) if found else (text, "")


def _day(year: str | None, month: str, day: str, usual: int) -> date | None:
    try:
        return date(int(year or usual), int(month), int(day))
    except ValueError:
        return None
