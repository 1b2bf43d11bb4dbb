"""Stock as it is pasted or uploaded: a table with headings, read cell by cell. Nothing is guessed. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from server.kit.errors import Refused
from server.modules.market.rules.limits import LONGEST_DAYS, MOST_PER_HOME
from server.modules.market.rules.products import (
    MOST_ON_HAND,
    MOST_PRICE_FEN,
    Allergen,
    Category,
    Storage,
    checked_barcode,
    checked_words,
)
from server.modules.market.rules.weighing import MOST_TOLERANCE_PERCENT

MOST_ROWS = 500
MOST_CHARS = 200_000
# Four columns without headings are taken in this order; the page says so.
PLAIN = ("name", "unit", "price_fen", "on_hand")
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "名称", "商品", "商品名称", "品名"),
    "name_en": ("name_en", "英文名", "english"),
    "unit": ("unit", "单位"),
    "price_fen": ("price", "价格", "单价", "售价", "价格(元)", "单价(元)", "price (cny)"),
    "on_hand": ("on hand", "on_hand", "count", "stock", "数量", "库存", "现有"),
    "barcode": ("barcode", "条码", "条形码", "商品条码"),
    "category": ("category", "类别", "分类", "品类"),
    "allergens": ("allergens", "过敏原"),
    "storage": ("storage", "储存", "保存", "冷链"),
    "weight_g": ("weight (g)", "weight_g", "重量(克)", "每份重量(克)"),
    "tolerance_percent": ("tolerance (%)", "tolerance_percent", "称重误差(%)"),
    "limit_most": ("limit", "limit_most", "每户限购", "限购"),
    "limit_days": ("limit days", "limit_days", "限购天数"),
}
HEADINGS = {name: column for column, names in COLUMNS.items() for name in names}
CATEGORIES = {
    **{category.value: category for category in Category},
    "蔬菜": Category.VEGETABLES,
    "水果": Category.FRUIT,
    "肉": Category.MEAT,
    "肉类": Category.MEAT,
    "水产": Category.FISH,
    "蛋奶": Category.EGGS_DAIRY,
    "粮油": Category.STAPLES,
    "零食": Category.SNACKS,
    "饮料": Category.DRINKS,
    "日用品": Category.HOUSEHOLD,
    "母婴": Category.BABY,
    "婴儿配方奶粉": Category.INFANT_FORMULA,
    "药品": Category.MEDICINE,
    "宠物": Category.PETS,
    "其他": Category.OTHER,
}
ALLERGENS = {
    **{allergen.value: allergen for allergen in Allergen},
    "麸质": Allergen.GLUTEN,
    "甲壳类": Allergen.CRUSTACEANS,
    "鱼": Allergen.FISH,
    "蛋": Allergen.EGGS,
    "花生": Allergen.PEANUTS,
    "大豆": Allergen.SOY,
    "奶": Allergen.MILK,
    "坚果": Allergen.NUTS,
}
STORAGES = {
    **{storage.value: storage for storage in Storage},
    "常温": Storage.AMBIENT,
    "冷藏": Storage.CHILLED,
    "冷冻": Storage.FROZEN,
}
WHOLE = {
    "on_hand": (0, MOST_ON_HAND),
    "weight_g": (0, 200_000),
    "tolerance_percent": (0, MOST_TOLERANCE_PERCENT),
    "limit_most": (1, MOST_PER_HOME),
    "limit_days": (1, LONGEST_DAYS),
}
LENGTHS = {"name": 80, "name_en": 80, "unit": 20}
# A spreadsheet keeps 3.5 as 3.4999999999999996: what is that near to a number of its digits is meant to be it.
NOISE = Decimal("1e-9")


class EntryFate(StrEnum):
    """What a row does: a new item, a change, nothing; WRONG: it cannot be done, and the row says why."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a row; ``column`` "" for the row itself."""

    column: str
    code: str


@dataclass(frozen=True)
class EntryRow:
    """One row: what its cells say, empty ones left out, and what could not be read."""

    line: int
    said: dict[str, Any]
    wrong: tuple[Wrong, ...] = field(default=())


def read_entry(text: str) -> list[EntryRow]:
    """Return the rows of a table whose first line has headings, or of four plain columns.

    Raises Refused: market.entry_empty, market.entry_too_long, market.entry_headings naming those that nobody knows
    or that are there twice.
    """
    if len(text) > MOST_CHARS:
        raise Refused("market.entry_too_long", most_rows=MOST_ROWS)
    table = [(line, cells) for line, cells in enumerate(_cells(text), start=1) if any(cells)]
    if not table:
        raise Refused("market.entry_empty")
    columns, first = _columns(table[0][1])
    rows = table[first:]
    if not rows:
        raise Refused("market.entry_empty")
    if len(rows) > MOST_ROWS:
        raise Refused("market.entry_too_long", most_rows=MOST_ROWS)
    return [_row(line, columns, cells) for line, cells in rows]


def _cells(text: str) -> list[list[str]]:
    text = text.lstrip("\ufeff")
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused("market.entry_empty") from None
    return [[cell.strip() for cell in cells] for cells in found]


def _columns(head: list[str]) -> tuple[list[str], int]:
    """Return the columns' names, and at which row the goods begin."""
    found = [HEADINGS.get(_folded(cell), "") for cell in head]
    if not any(found):
        if len(head) != len(PLAIN):
            raise Refused("market.entry_headings", unknown=head[:20])
        return list(PLAIN), 0
    unknown = [cell for cell, name in zip(head, found, strict=True) if cell and not name]
    twice = [cell for cell, name in zip(head, found, strict=True) if name and found.count(name) > 1]
    if unknown or twice:
        raise Refused("market.entry_headings", unknown=unknown[:20], twice=twice[:20])
    return found, 1


def _row(line: int, columns: list[str], cells: list[str]) -> EntryRow:
    said: dict[str, Any] = {}
    wrong: list[Wrong] = []
    if any(cells[len(columns) :]):
        wrong.append(Wrong("", "more_cells"))
    for column, cell in zip(columns, cells, strict=False):
        if not cell:
            continue
        if not column:
            wrong.append(Wrong("", "more_cells"))
            continue
        try:
            said[column] = READERS[column](cell)
        except (ValueError, InvalidOperation, Refused) as problem:
            code = problem.code.removeprefix("market.") if isinstance(problem, Refused) else "unreadable"
            wrong.append(Wrong(column, code))
    if ("limit_most" in said) != ("limit_days" in said):
        wrong.append(Wrong("limit_most", "limit_half"))
    return EntryRow(line, said, tuple(wrong))


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).casefold().strip()


def _words(column: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        checked_words(cell)
        if len(cell) > LENGTHS[column]:
            raise ValueError
        return cell

    return read


def _number(cell: str, digits: int) -> int:
    """Return the number with its last ``digits`` before the point. Raises for anything else than such a number."""
    text = unicodedata.normalize("NFKC", cell)
    # Longer ones than any count or price are none; nor may an exponent grow into a number of a million digits.
    if not re.fullmatch(r"[0-9]{1,13}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", text):
        raise ValueError
    exact = Decimal(text).scaleb(digits)
    whole = exact.to_integral_value()
    if abs(exact - whole) > NOISE * max(Decimal(1), abs(exact)):
        raise ValueError
    return int(whole)


def _price(cell: str) -> int:
    text = unicodedata.normalize("NFKC", cell).strip()
    fen = _number(text.removeprefix("¥").removesuffix("元").strip(), 2)
    if fen > MOST_PRICE_FEN:
        raise ValueError
    return fen


def _whole(column: str) -> Callable[[str], int]:
    least, most = WHOLE[column]

    def read(cell: str) -> int:
        number = _number(cell, 0)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _barcode(cell: str) -> str | None:
    # A spreadsheet that takes a barcode for a number writes 6.901234567892E12.
    return checked_barcode(str(_number(cell, 0)) if re.search(r"[.eE]", cell) else cell)


def _one_of(words: dict[str, Any]) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        try:
            return words[_folded(cell)]
        except KeyError:
            raise ValueError from None

    return read


def _allergens(cell: str) -> list[Allergen]:
    if _folded(cell) in ("无", "none", "no"):
        return []
    one = _one_of(ALLERGENS)
    return sorted({one(part) for part in re.split(r"[、,，;；/]", cell) if part.strip()})


READERS: dict[str, Callable[[str], Any]] = {
    **{column: _words(column) for column in LENGTHS},
    **{column: _whole(column) for column in WHOLE},
    "price_fen": _price,
    "barcode": _barcode,
    "category": _one_of(CATEGORIES),
    "allergens": _allergens,
    "storage": _one_of(STORAGES),
}
