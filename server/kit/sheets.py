"""Tables that people upload, as text: XLSX (its first sheet), CSV or plain. Nothing in a file is run or fetched.

Of a cell with a formula the value is taken that the spreadsheet has shown, never the formula.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, timedelta
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MOST_BYTES = 24 << 20
MOST_CELLS = 200_000
# Day 0 of a spreadsheet's calendar, with its leap day too many in 1900 (ECMA-376 part 1, 18.17.4.1).
EPOCH = date(1899, 12, 30)
DATE_FORMATS = frozenset([*range(14, 18), 22, *range(27, 32), *range(50, 59)])


class BadSheet(ValueError):
    """The file is no table, or one that would fill the memory."""


def text_of(content: bytes) -> str:
    """Return an uploaded table as text. Raises BadSheet."""
    if content.startswith(b"PK"):
        return xlsx_text(content)
    # Spreadsheets in China save CSV in GB 18030 unless told otherwise.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet


def xlsx_text(content: bytes) -> str:
    """Return the first sheet's cells, tabs between them, a row a line. Raises BadSheet for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise BadSheet
            names = archive.namelist()
            sheets = sorted(
                (name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
                key=lambda name: int(re.findall(r"\d+", name)[-1]),
            )
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            dated = _dated(archive) if "xl/styles.xml" in names else set()
            rows = _rows(_parsed(archive, sheets[0]), shared, dated)
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        IndexError,
        KeyError,
        ValueError,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        OverflowError,
        EOFError,
    ):
        raise BadSheet from None
    return "\n".join("\t".join(row) for row in rows)


def _parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    content = archive.read(name)
    # A document type may define entities that grow; a sheet has none. In UTF-16 it would not be seen: no sheet is.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content:
        raise BadSheet
    return ElementTree.fromstring(content)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    root = _parsed(archive, "xl/sharedStrings.xml")
    return ["".join(part.text or "" for part in item.iter(f"{MAIN}t")) for item in root.findall(f"{MAIN}si")]


def _dated(archive: zipfile.ZipFile) -> set[int]:
    """Return the cell styles that show a number as a day."""
    root = _parsed(archive, "xl/styles.xml")
    own = {
        int(one.get("numFmtId", "0"))
        for one in root.iter(f"{MAIN}numFmt")
        if re.search(r"[yd]", re.sub(r'"[^"]*"|\[[^\]]*\]', "", one.get("formatCode", "")), re.IGNORECASE)
    }
    styles = root.find(f"{MAIN}cellXfs")
    formats = [int(one.get("numFmtId", "0")) for one in styles] if styles is not None else []
    return {turn for turn, number in enumerate(formats) if number in DATE_FORMATS or number in own}


def _rows(sheet: ElementTree.Element, shared: list[str], dated: set[int]) -> list[list[str]]:
    rows: list[list[str]] = []
    cells = 0
    for row in sheet.iter(f"{MAIN}row"):
        values: dict[int, str] = {}
        for turn, cell in enumerate(row.findall(f"{MAIN}c")):
            cells += 1
            column = _column(cell.get("r", "")) if cell.get("r") else turn
            if cells > MOST_CELLS or not 0 <= column < 200:
                raise BadSheet
            values[column] = _value(cell, shared, dated)
        if any(values.values()):
            rows.append([values.get(column, "") for column in range(max(values) + 1)])
    return rows


def _value(cell: ElementTree.Element, shared: list[str], dated: set[int]) -> str:
    kind, found = cell.get("t", "n"), cell.find(f"{MAIN}v")
    if kind == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
    elif found is None or found.text is None:
        text = ""
    elif kind == "s":
        text = shared[int(found.text)]
    elif kind == "n" and int(cell.get("s", "0")) in dated:
        text = (EPOCH + timedelta(days=int(float(found.text)))).isoformat()
    else:
        text = found.text
    return re.sub(r"[\s]+", " ", text).strip()


def _column(reference: str) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
