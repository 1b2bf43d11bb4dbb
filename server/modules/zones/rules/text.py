"""One way of writing: digits, brackets, dashes and numerals as every other rule expects them."""

from __future__ import annotations

import re
import unicodedata

DASHES = re.compile(r"[—–－―‐‑~～〜∼]+")
NUMERAL = re.compile(r"第?([一二三四五六七八九十百]+)(?=号楼|号门|号单元|单元|栋|幢)")
DOOR_NUMERAL = re.compile(r"(?<=[楼栋幢座])([一二三四五六七八九十百]+)(?=门)")
DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
# A range that is said rather than dashed cannot be "building-door".
SAID_RANGE = re.compile(r"(?<=[0-9号楼栋幢门元])(?:至|到)(?=[0-9])")
TRAILING_LEVEL = re.compile(r"(?:为|列为|划为|划定为)(?:高|中|低)风险区?$")


def plain(text: str) -> str:
    """Return the text with half-width digits, letters and brackets, "-" for dashes, "~" for 至 between numbers.

    Chinese numerals become digits only before a unit that nothing but a number stands before: 三号楼, not 三号院.
    """
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\s+", "", text)
    text = DASHES.sub("-", text)
    text = text.replace("[", "(").replace("]", ")").replace("【", "(").replace("】", ")")
    text = re.sub(r"[,;；。]", ",", text).strip(",、")
    text = re.sub(r"(?<=[0-9])#楼?", "号楼", text)
    text = re.sub(r"(?<=[0-9])/(?=[0-9])", "、", text)
    text = NUMERAL.sub(lambda found: str(number(found[1])), text)
    text = DOOR_NUMERAL.sub(lambda found: str(number(found[1])), text)
    text = re.sub(r"(?<=[0-9])第(?=[0-9])", "", text)
    text = SAID_RANGE.sub("~", text)
    return TRAILING_LEVEL.sub("", text)


def number(numeral: str) -> int:
    """Return the number that a Chinese numeral below 1000 means: 二十三 is 23."""
    total = 0
    for unit, factor in (("百", 100), ("十", 10)):
        if unit in numeral:
            head, _, numeral = numeral.partition(unit)
            total += factor * DIGITS.get(head, 1)
    return total + sum(DIGITS.get(digit, 0) for digit in numeral)
