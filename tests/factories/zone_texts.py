"""Official listings of a made-up compound, written in several styles from sets of buildings and doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid5

from server.modules.zones.rules.structure import Compound, Door

NAME = "梧桐里"
STREET = "青石街道"
BASE = UUID("5d2c5f1e-0000-4000-8000-000000000000")
DIGITS = "零一二三四五六七八九"
FULL = str.maketrans("0123456789", "０１２３４５６７８９")


def compound(buildings: int = 14, doors: int = 4, *, name: str = NAME) -> Compound:
    """Return a compound of buildings 1, 2, … with doors 1, 2, … each."""
    return Compound(
        frozenset([name]),
        frozenset([STREET]),
        tuple(
            Door(door_id(building, door), f"{door}单元", uuid5(BASE, f"{building}"), f"{building}号楼")
            for building in range(1, buildings + 1)
            for door in range(1, doors + 1)
        ),
    )


def door_id(building: int, door: int) -> UUID:
    return uuid5(BASE, f"{building}/{door}")


@dataclass(frozen=True)
class Meant:
    """What a listing shall say. ``buildings`` and ``doors`` empty: all. ``doors``: of buildings named for these."""

    buildings: frozenset[int] = frozenset()
    doors: tuple[tuple[int, tuple[int, ...]], ...] = ()
    without: frozenset[int] = frozenset()
    without_doors: tuple[tuple[int, tuple[int, ...]], ...] = ()

    def ids(self, buildings: int = 14, doors: int = 4) -> frozenset[UUID]:
        """Return the doors that are meant."""
        is_whole = not self.buildings and not self.doors
        found = {
            (building, door)
            for building in range(1, buildings + 1)
            for door in range(1, doors + 1)
            if is_whole or building in self.buildings
        }
        found |= {(building, door) for building, named in self.doors for door in named}
        found -= {(building, door) for building, door in found if building in self.without}
        found -= {(building, door) for building, named in self.without_doors for door in named}
        return frozenset(door_id(*one) for one in found)


def written(meant: Meant, rng: Random) -> str:
    """Return a listing that says it, in a style drawn by ``rng``."""
    head = rng.choice(["", STREET, f"天津市东丽区{STREET}"]) + NAME + rng.choice(["", "小区"])
    pieces = []
    if meant.buildings:
        pieces.append(_buildings(sorted(meant.buildings), rng))
    pieces += [_doors(building, named, rng) for building, named in meant.doors]
    rng.shuffle(pieces)
    text = head + rng.choice(["、", "，", ",", "、"]).join(pieces)
    excepted = []
    if meant.without:
        excepted.append(_buildings(sorted(meant.without), rng))
    excepted += [_doors(building, named, rng) for building, named in meant.without_doors]
    if excepted:
        inner = "、".join(excepted)
        text += rng.choice(
            [
                f"（除{inner}）",
                f"（除{inner}外）",
                f"({inner}除外)",
                f"除{inner}以外区域",
                f"除{inner}外的其他区域",
                f"除{inner}之外其他楼门",
            ]
        )
    elif not pieces:
        text += rng.choice(["", "", "全域"])
    return text.translate(FULL) if rng.random() < 0.15 else text


def _buildings(numbers: Sequence[int], rng: Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(["、", "，"]).join(f"{numeral(number)}号楼" for number in numbers)
    unit = rng.choice(["号楼", "号楼", "号楼", "栋", "幢"])
    repeated = rng.random() < 0.4
    to = rng.choice(["-", "—", "至", "～", "到"] if repeated else ["-", "—", "～"])
    runs = _runs(numbers) if rng.random() < 0.6 else [(number, number) for number in numbers]
    pieces = []
    for turn, (first, last) in enumerate(runs):
        ends = unit if repeated or turn == len(runs) - 1 else ""
        pieces.append(
            f"{first}{ends if repeated else ''}{to}{last}{ends}" if last > first else f"{first}{ends}"
        )
    if len(pieces) > 1 and repeated and rng.random() < 0.3:
        return (
            rng.choice(["、", "，"]).join(pieces[:-1])
            + rng.choice(["和", "及", "以及", "与", "、以及"])
            + pieces[-1]
        )
    return rng.choice(["、", "，", ", "]).join(pieces)


def _doors(building: int, doors: Sequence[int], rng: Random) -> str:
    unit = rng.choice(["门", "门", "单元"])
    runs = _runs(doors) if rng.random() < 0.5 else [(door, door) for door in doors]
    repeated = rng.random() < 0.5
    pieces = []
    for turn, (first, last) in enumerate(runs):
        ends = unit if repeated or turn == len(runs) - 1 else ""
        pieces.append(f"{first}-{last}{ends}" if last > first else f"{first}{ends}")
    return f"{building}号楼" + "、".join(pieces)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def numeral(number: int) -> str:
    """Return a number below 100 in Chinese: 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{DIGITS[tens]}十")
    return head + (DIGITS[ones] if ones else "")
