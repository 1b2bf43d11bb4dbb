"""From the text of a listing to its structure: understood as a whole, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from server.modules.zones.rules.exclusions import MARK, Exclusion, meaning, taken_out
from server.modules.zones.rules.items import Item, item, spots
from server.modules.zones.rules.names import check_name, without_street
from server.modules.zones.rules.structure import ANYWHERE, Listing, NotUnderstood, Part, Spot, Unclear, Within
from server.modules.zones.rules.text import plain, runs_together

LONGEST = 600
# 和 and 及 join two chunks behind a unit or a village, and are letters of a name elsewhere: 和顺家园.
JOINED = re.compile(
    r"[、,]|以及|(?<=[楼门栋幢座元号村区0-9)\ue000])[和及与](?=[0-9A-Z一-鿿])|[和及](?=[0-9]+[-~0-9]*号?[楼门栋幢座、])"
)
WHOLE = re.compile(r"(?:全域内?|全部|全区域|所辖区域)$")
# Shops and cellars are in the building anyway: naming them changes no set of doors.
HARMLESS = re.compile(r"\((?:含|包括|包含)(?:底商|地下车库|车库|地下室|[和、及])+\)|\(别墅\)")
# What is inside may be a compound of its own, except for shops.
INCLUDED = re.compile(r"\((?:含|包括|包含)[^()0-9]*(?:超市|市场|商铺|店铺)等?\)$")
INNER_DOORS = re.compile(r"(?P<outer>.*(?:号楼|栋|幢|座))\((?P<inner>[0-9][0-9、,\-~门单元]*)\)")
FLOOR = re.compile(r"[0-9]+[和、\-~0-9]*层|[一二三四五六七八九十]+层")
BORDERS = re.compile(r"四至|合围|[东西南北]至")
BUSINESS = re.compile(r"(?:店|公司|馆|超市|餐厅|药房|浴池|酒店|场地|烧)$")
WHERE = re.compile(r"\([^()]*(?:交口|米|号|[路街]中段|路[东西南北]|路口)(?:处)?\)$")


@dataclass
class _Open:
    """A place while its chunks are read."""

    name: str
    within: Within = ANYWHERE
    items: list[tuple[Item, str | None]] = field(default_factory=list)
    inner: set[Spot] = field(default_factory=set)
    exclusions: list[tuple[Exclusion, str | None]] = field(default_factory=list)
    is_whole: bool = False
    is_first: bool = False

    @property
    def has_buildings(self) -> bool:
        return bool(self.inner) or any(one.kind == "building" or one.building for one, _ in self.items)


def read(text: str) -> Listing:
    """Return what an official listing says. Whatever fits no rule makes it a doubt as a whole: nothing is guessed."""
    try:
        return Listing(parts=tuple(_parts(text)))
    except NotUnderstood as reason:
        return Listing(doubt=reason.doubt)


def _parts(text: str) -> list[Part]:
    if not text.strip() or len(text) > LONGEST:
        raise NotUnderstood(Unclear.TEXT, text)
    if runs_together(text):
        raise NotUnderstood(Unclear.NUMBERS, text)
    words = HARMLESS.sub("", plain(text))
    if BORDERS.search(words):
        raise NotUnderstood(Unclear.BORDER, text)
    if FLOOR.search(words):
        raise NotUnderstood(Unclear.FLOOR, text)
    left, exclusions = taken_out(words)
    waiting = list(exclusions)
    places: list[_Open] = []
    for chunk in _chunks(left):
        marks = chunk.count(MARK)
        if marks and not chunk.endswith(MARK * marks):
            raise NotUnderstood(Unclear.EXCLUSION, chunk.replace(MARK, "…"))
        body = chunk.rstrip(MARK)
        _take(places, body)
        for _ in range(marks):
            places[-1].exclusions.append((waiting.pop(0), _building_before(places[-1])))
    if not places:
        raise NotUnderstood(Unclear.TEXT, text)
    return _closed(places)


def _chunks(words: str) -> list[str]:
    """Split a listing at its separators, brackets apart."""
    chunks, depth, start = [], 0, 0
    for at, letter in enumerate(words):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        found = JOINED.match(words, at) if depth == 0 and at >= start else None
        if found:
            chunks.append(words[start:at])
            start = found.end()
    if depth:
        raise NotUnderstood(Unclear.TEXT, words)
    return [chunk for chunk in [*chunks, words[start:]] if chunk]


def _take(places: list[_Open], body: str) -> None:
    """Read one chunk: numbers go to the place before, a name begins a new one."""
    alone = _numbered(body)
    if alone is not None:
        if not places or places[-1].is_whole:
            raise NotUnderstood(Unclear.NUMBERS, body)
        _add(places[-1], alone)
        return
    is_first = not places
    within, rest = without_street(body, is_first=is_first)
    street = within.street
    rest = rest or body
    if not is_first and not street and re.match(r"[0-9]", rest):
        raise NotUnderstood(Unclear.SECTION, body)
    # What a row says at its beginning holds for all of it, until it says something else.
    place = _Open("", _inherited(within, places), is_first=is_first)
    for at in range(1, len(rest)):
        numbers = _numbered(rest[at:]) if _may_begin(rest, at) else None
        if numbers is not None:
            name = rest[:at].removesuffix("(") if rest[at - 1] == "(" else rest[:at]
            _add(place, numbers)
            place.name = check_name(
                name, has_spots=True, has_buildings=place.has_buildings, is_first=is_first
            )
            places.append(place)
            return
    place.is_whole = True
    name = WHOLE.sub("", INCLUDED.sub("", rest))
    if BUSINESS.search(re.sub(r"\([^()]*\)$", "", name)):
        name = WHERE.sub("", name)
    place.name = check_name(name or street, has_spots=False, is_first=is_first)
    places.append(place)


def _inherited(within: Within, places: list[_Open]) -> Within:
    if not places:
        return within
    before = places[-1].within
    if within.district:
        return within
    return Within(before.district, within.street or before.street, before.is_sure)


def _may_begin(words: str, at: int) -> bool:
    """Tell whether numbers may begin here: not in the middle of a number or of letters."""
    before, letter = words[at - 1], words[at]
    if letter not in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ增(":
        return False
    return not (before.isascii() and before.isalnum()) and before not in "-~增"


def _numbered(words: str) -> list[Item] | _Inner | None:
    """Return the chunk's numbers if it is nothing else: 3号楼, 3号楼(1-4门), or a bracketed list of buildings."""
    one = item(words)
    if one is not None:
        return [one]
    inner = INNER_DOORS.fullmatch(words)
    if inner:
        outer = item(inner["outer"])
        doors = [item(chunk) for chunk in re.split(r"[、,]", inner["inner"])]
        read = [door for door in doors if door is not None]
        if (
            outer
            and outer.kind == "building"
            and not outer.last
            and not outer.building
            and len(read) == len(doors)
        ):
            return _Inner(outer.first, read)
    if words.startswith("(") and words.endswith(")"):
        items = [item(chunk) for chunk in re.split(r"[、,]", words[1:-1])]
        read = [each for each in items if each is not None]
        if read and len(read) == len(items):
            return read
    return None


@dataclass(frozen=True)
class _Inner:
    building: str
    doors: list[Item]


def _add(place: _Open, numbers: list[Item] | _Inner) -> None:
    if isinstance(numbers, _Inner):
        place.inner |= spots(numbers.doors, inside=numbers.building)
        return
    place.items += [(one, None) for one in numbers]


def _building_before(place: _Open) -> str | None:
    """Return the building that the place's last chunk names; None if it names none, several, or doors."""
    if not place.items:
        return None
    last = place.items[-1][0]
    if last.kind == "building" and last.last is None:
        return last.first
    return last.building if last.building and last.kind == "door" else None


def _closed(places: list[_Open]) -> list[Part]:
    parts: list[Part] = []
    for turn, place in enumerate(places):
        found = place.inner | spots([one for one, _ in place.items])
        if not place.is_whole and not found:
            raise NotUnderstood(Unclear.NUMBERS, place.name)
        part = _without(Part(place.name, frozenset(found), within=place.within), place.exclusions)
        if place.exclusions and turn > 0:
            parts = _shared(parts, places, part, is_last=turn == len(places) - 1)
        parts.append(part)
    if len({part.name for part in parts}) < len(parts) and any(part.except_spots for part in parts):
        raise NotUnderstood(Unclear.SCOPE, places[-1].name)
    return parts


def _without(part: Part, exclusions: list[tuple[Exclusion, str | None]]) -> Part:
    for exclusion, inside in exclusions:
        excepted, levels, names = meaning(exclusion, inside=inside)
        if part.spots and not all(_lies_in(spot, part.spots) for spot in excepted):
            # An exception of what was never included: the words mean something else.
            raise NotUnderstood(Unclear.EXCLUSION, exclusion.words)
        if excepted and part.spots and excepted >= part.spots:
            raise NotUnderstood(Unclear.EXCLUSION, exclusion.words)
        part = Part(
            part.name,
            part.spots,
            part.except_spots | excepted,
            part.except_levels | levels,
            part.except_names | names,
            part.within,
        )
    return part


def _lies_in(spot: Spot, included: frozenset[Spot]) -> bool:
    return spot in included or Spot(spot.building) in included


def _shared(parts: list[Part], places: list[_Open], part: Part, *, is_last: bool) -> list[Part]:
    """Let an exclusion of levels behind several whole places count for each; any other may belong to one or to all."""
    if not part.spots and all(place.exclusions for place in places[: len(parts)]):
        return parts
    is_bracketed = any(exclusion.is_bracketed for exclusion, _ in places[len(parts)].exclusions)
    if part.spots and all(each.spots for each in parts):
        # 甲园1号楼、乙园2号楼(除1门): the door of the building right before it.
        if is_bracketed and part.except_spots and not part.except_levels:
            return parts
        raise NotUnderstood(Unclear.SCOPE, part.name)
    is_plain = all(place.is_whole and not place.exclusions for place in places[: len(parts)])
    only_levels = part.except_levels and not part.except_spots and not part.except_names
    if not (is_last and place_is_whole(part) and is_plain and only_levels) or is_bracketed:
        raise NotUnderstood(Unclear.SCOPE, part.name)
    return [Part(each.name, except_levels=part.except_levels, within=each.within) for each in parts]


def place_is_whole(part: Part) -> bool:
    """Tell whether a part means all of its place."""
    return not part.spots
