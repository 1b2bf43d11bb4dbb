"""How well the reader reads: its results against labels that a person made."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.modules.zones.rules.reading import read
from server.modules.zones.rules.structure import Level, Listing, Part, Spot
from server.modules.zones.rules.text import plain

LEVELS = frozenset(level.value for level in Level)
RIGHT, ASKED, WRONG = "right", "asked", "silently_wrong"


@dataclass(frozen=True)
class Label:
    """What a person read in a row. ``review``: why a person too could not say."""

    row: int
    stratum: str
    is_held_out: bool
    truth: str
    review: str


@dataclass(frozen=True)
class Scored:
    """A labelled row and how the reader did."""

    label: Label
    result: str
    listing: Listing


def read_labels(text: str) -> list[Label]:
    """Read labels.csv (tests/zones/README.md says what its columns mean)."""
    rows = csv.DictReader(io.StringIO(text))
    return [
        Label(int(r["row"]), r["stratum"], r["half"] == "held_out", r["truth"], r["review"]) for r in rows
    ]


def score(label: Label, text: str) -> Scored:
    """Compare the reader with the label: right, asked (a person must look where the label knows), silently wrong."""
    listing = read(text)
    if listing.doubt is not None:
        return Scored(label, RIGHT if label.review else ASKED, listing)
    if label.review:
        return Scored(label, WRONG, listing)
    same = Counter(listing.parts) == Counter(truth(label.truth, text))
    return Scored(label, RIGHT if same else WRONG, listing)


def truth(words: str, text: str) -> list[Part]:
    """Return the parts that a label's truth names in its row's text. Raises ValueError for a label that is none."""
    return [_part(part, text) for part in words.split("; ")]


def counts(scored: Iterable[Scored]) -> Counter[str]:
    """Count right, asked and silently wrong rows."""
    return Counter(one.result for one in scored)


def score_all(labels: Iterable[Label], texts: Sequence[str]) -> list[Scored]:
    """Score every label against its row; ``texts``: all rows in their order, the header left out."""
    return [score(label, texts[label.row - 1]) for label in labels]


def _part(words: str, text: str) -> Part:
    found = re.fullmatch(r"chars:(\d+)-(\d+) (\S+)(?: except (\S+))?", words)
    if not found:
        raise ValueError(f"not a label: {words}")
    name = plain(text[int(found[1]) - 1 : int(found[2])])
    included = frozenset() if found[3] == "whole" else _spots(found[3])
    if not found[4]:
        return Part(name, included)
    named = re.fullmatch(r"chars:(\d+)-(\d+)", found[4])
    if named:
        other = plain(text[int(named[1]) - 1 : int(named[2])])
        return Part(name, included, except_names=frozenset([other]))
    words_of = found[4].split(",")
    levels = frozenset(Level(word) for word in words_of if word in LEVELS)
    rest = ",".join(word for word in words_of if word not in LEVELS)
    return Part(name, included, _spots(rest) if rest else frozenset(), levels)


def _spots(words: str) -> frozenset[Spot]:
    found: set[Spot] = set()
    for word in words.split(","):
        building, slash, door = word.partition("/")
        first, _, last = (door if slash else building).partition("-")
        for number in range(int(first), int(last) + 1) if last else [first]:
            found.add(Spot(building or None, str(number)) if slash else Spot(str(number)))
    return frozenset(found)


BEGIN, END = "<!-- figures: linli zones figures -->", "<!-- /figures -->"
STRATA = ("exclusion", "stairwell", "building", "number", "plain")


def table(scored: Sequence[Scored], texts: Sequence[str]) -> str:
    """Return the figures as Markdown: by kind of row, those that were held out apart, and why a person is asked."""
    lines = [
        "| kind of row | labelled | right | of these held out, right | asks a person | silently wrong |",
        "|---|--:|--:|--:|--:|--:|",
        *(_line(name, [one for one in scored if one.label.stratum == name]) for name in STRATA),
        _line("all", scored),
        "",
        "Where a label knows what is meant and the reader asks a person, by its reason:",
        "",
    ]
    asked = [one for one in scored if one.result == ASKED]
    reasons = Counter(one.listing.doubt.why.value for one in asked if one.listing.doubt)
    lines += [f"- `{why}`: {count}" for why, count in sorted(reasons.items())] or ["- none"]
    understood = sum(read(text).doubt is None for text in texts)
    share = f"{100 * understood / len(texts):.1f} %"
    lines += [
        "",
        f"Of all {len(texts):,} rows, labelled or not, {share} are understood; the others ask a person.",
    ]
    return "\n".join(lines)


def put_between(page: str, words: str) -> str:
    """Return the page with ``words`` between its two marks. Raises ValueError where they are missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{head}{BEGIN}\n\n{words}\n\n{END}{tail}"


def _line(name: str, scored: Sequence[Scored]) -> str:
    found = counts(scored)
    held = [one for one in scored if one.label.is_held_out]
    held_right = counts(held)[RIGHT]
    return (
        f"| {name} | {len(scored)} | {_share(found[RIGHT], len(scored))} | {_share(held_right, len(held))} "
        f"| {found[ASKED]} | {found[WRONG]} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "0"
