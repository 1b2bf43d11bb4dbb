"""A payee's statement of a month: its lines, its sums, and its CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from server.kit.csv_files import write_csv
from server.kit.errors import Refused

COLUMNS = ["日期 date", "订单 order", "项目 item", "金额(元) amount", "货币 currency"]
ITEMS = {"pay_out": "货款 paid out", "reverse": "退回 taken back"}


@dataclass(frozen=True)
class Line:
    """One transfer to the payee, or back from it (negative)."""

    at: datetime
    order_ref: UUID
    kind: str
    amount_fen: int
    currency: str


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of a local month "2026-03" and of the next. Raises Refused("money.bad_month")."""
    matched = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", month)
    if matched is None:
        raise Refused("money.bad_month")
    year, number = int(matched[1]), int(matched[2])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)


def yuan(amount_fen: int) -> str:
    """Return fen as yuan with two digits, without going through a float."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def as_csv(label: str, lines: Iterable[Line], zone: ZoneInfo) -> str:
    """Return the statement as CSV: its lines, then the sum of each currency under the payee's label."""
    rows, sums = [], dict[str, int]()
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_fen
        values = (
            f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}",
            str(line.order_ref),
            ITEMS.get(line.kind, line.kind),
            yuan(line.amount_fen),
            line.currency.upper(),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    for currency, total in sorted(sums.items()):
        values = ("合计 total", "", label, yuan(total), currency.upper())
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return "\ufeff" + write_csv(COLUMNS, rows)
