"""What a place is named without: 除5、6号楼外, (1号楼除外), 除高、中风险区以外区域."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.modules.zones.rules.items import Item, item, spots
from server.modules.zones.rules.names import check_name
from server.modules.zones.rules.structure import Level, NotUnderstood, Spot, Unclear

TAIL = r"(?:的)?(?:所辖)?(?:其他|其余|其它|剩余)?(?:区域|全域|范围|楼门|楼栋|楼|地区|部分)?"
BRACKETED = re.compile(
    r"\((?:除(?P<a>[^()]+?(?:\([^()]*\))?)(?:之外|以外|外)?|(?P<b>[^()除]+)除外)(?:的)?(?:其他|其余)?(?:区域)?\)(?:的(?:其他|其余)?区域)?"
)
PLAIN = re.compile(
    rf"(?:全域内?|区域内|范围内|所辖区域)?除(?P<x>[^除]+?)(?:(?:之外|以外|外){TAIL}|(?:的)?(?:其他|其余){TAIL})(?=$|[,、和及\ue000])"
)
LEVEL_WORDS = re.compile(
    r"(?P<levels>[高中低](?:风险)?(?:区域|区|地区)?(?:[、和及与,]?[高中低](?:风险)?(?:区域|区|地区)?)*)(?<=[险区域])"
    r"(?:\((?P<which>[^()]+)\))?"
)
MANAGED = re.compile(r"纳管(?:区域|区|范围)?")
LEVELS = {"高": Level.HIGH, "中": Level.MID, "低": Level.LOW}
MARK = "\ue000"


@dataclass(frozen=True)
class Exclusion:
    """The words behind 除, and whether they stood in brackets."""

    words: str
    is_bracketed: bool


def taken_out(text: str) -> tuple[str, list[Exclusion]]:
    """Return the text with a mark for each exclusion, and the exclusions in their order.

    Raises NotUnderstood if there is a 除 or 以外 left that fits no pattern.
    """
    found: list[tuple[int, int, Exclusion]] = []
    for one in BRACKETED.finditer(text):
        found.append((one.start(), one.end(), Exclusion(one["a"] or one["b"], True)))
    covered = [(start, end) for start, end, _ in found]
    blanked = list(text)
    for start, end in covered:
        blanked[start:end] = MARK * (end - start)
    for one in PLAIN.finditer("".join(blanked)):
        found.append((one.start(), one.end(), Exclusion(one["x"], False)))
    found.sort(key=lambda each: each[0])
    pieces, at = [], 0
    for start, end, _ in found:
        pieces += [text[at:start], MARK]
        at = end
    left = "".join([*pieces, text[at:]])
    if re.search(r"除|以外|之外", left):
        raise NotUnderstood(Unclear.EXCLUSION, text)
    return left, [exclusion for _, _, exclusion in found]


def meaning(
    exclusion: Exclusion, *, inside: str | None
) -> tuple[frozenset[Spot], frozenset[Level], frozenset[str]]:
    """Return what is excepted: buildings and doors, zones of other levels, other places.

    ``inside``: the building before the bracket, whose doors are meant where only doors are said.
    """
    words = exclusion.words.strip("、,")
    levels: frozenset[Level] = frozenset()
    risk = LEVEL_WORDS.fullmatch(words)
    if risk and "风险" in risk["levels"]:
        levels = frozenset(LEVELS[letter] for letter in risk["levels"] if letter in LEVELS)
        if not risk["which"]:
            return frozenset(), levels, frozenset()
        words = risk["which"]
    if MANAGED.fullmatch(words):
        return frozenset(), frozenset([Level.MANAGED]), frozenset()
    chunks = [chunk for chunk in re.split(r"[、,]", words) if chunk]
    items = [item(chunk) for chunk in chunks]
    read = [one for one in items if one is not None]
    if len(read) == len(items) and read:
        return _spots(read, inside), levels, frozenset()
    if read or risk:
        raise NotUnderstood(Unclear.EXCLUSION, exclusion.words)
    names = frozenset(check_name(chunk, has_spots=False, is_first=True) for chunk in chunks)
    return frozenset(), levels, names


def _spots(items: list[Item], inside: str | None) -> frozenset[Spot]:
    return spots(items, inside=inside)
