"""One way of writing: digits, brackets, dashes and numerals as every other rule expects them."""

from __future__ import annotations

import re
import unicodedata

DASHES = re.compile(r"[—–－―‐‑~～〜∼]+")
NUMERALS = "[一二三四五六七八九十百]+"
UNIT = "(?:号楼|号门|号单元|单元|栋|幢)"
# Also the first of 二十一至二十三号楼 and of 一、三号楼, which shares its unit with what follows.
NUMERAL = re.compile(
    rf"第?({NUMERALS})(?={UNIT}|(?:(?:[、,和及与至到~-]|以及)第?(?:{NUMERALS}|[0-9]+))+{UNIT})"
)
DOOR_NUMERAL = re.compile(r"(?<=[楼栋幢座])([一二三四五六七八九十百]+)(?=门)")
DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
# A range that is said rather than dashed cannot be "building-door".
SAID_RANGE = re.compile(r"(?<=[0-9号楼栋幢门元])(?:至|到)(?=[0-9])")
# Between two numbers a conjunction is a comma; elsewhere it may be part of a name: 和平里, 与海路. 以及 never is.
AND_BETWEEN = re.compile(r"(?<=[0-9A-Z楼门栋幢座元号)])(?:和|及|与|暨)(?=[0-9A-Z增])")
# ①② would run together to 12.
SIGNS = re.compile(r"[\u2460-\u249b\u3251-\u325f\u32b1-\u32bf\u2776-\u2793\u00b2\u00b3\u00b9\u2070-\u2089]")
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
    text = re.sub(r"[、,]?以及", "、", text)
    text = AND_BETWEEN.sub("、", text)
    return TRAILING_LEVEL.sub("", text)


def runs_together(text: str) -> bool:
    """Tell whether numbers written as one sign each stand next to others, so that nobody knows where one ends."""
    return any(
        SIGNS.match(letter) and (SIGNS.match(after) or after.isdigit() or before.isdigit())
        for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False)
    )


def number(numeral: str) -> int:
    """Return the number that a Chinese numeral below 1000 means: 二十三 is 23."""
    total = 0
    for unit, factor in (("百", 100), ("十", 10)):
        if unit in numeral:
            head, _, numeral = numeral.partition(unit)
            total += factor * DIGITS.get(head, 1)
    return total + sum(DIGITS.get(digit, 0) for digit in numeral)
