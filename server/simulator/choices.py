"""What people in the town want and what goes wrong, drawn from a seed: the same seed, the same town.

Each choice has a random source of its own, named by who chooses and what: people live at the same time, and what one
of them does must not change what another one draws.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

# Of all needs this part asks for somebody to come; the rest asks for goods.
SERVICE_SHARE = 0.34
SERVICES = {
    "elder_help": 28,
    "repair": 22,
    "company": 20,
    "pet_care": 9,
    "medical_trip": 7,
    "child_care": 6,
    "other": 8,
}
GOODS = {"groceries": 70, "medicine": 20, "errand": 10}
SKILLS_OF_VOLUNTEERS = (
    ("care", "listening"),
    ("repair", "pets"),
    ("care", "escort"),
    ("repair", "listening"),
    ("care", "child_care"),
    ("pets", "escort", "repair"),
)
VEHICLES = ("cart", "trike", "cart", "walk", "cart", "unmanned")
FAMILY_NAMES = "安白柏常程丁范方古何江康兰林凌陆孟宁秦沈石苏唐童温夏许严叶尹余袁岳云郑钟朱祝"
GIVEN_NAMES = ("半夏", "紫苏", "青黛", "南星", "白芷", "连翘", "杜若", "茯苓", "佩兰", "忍冬", "沉香", "石斛")

POST_WITHIN_S = 45 * 60
LIVE_SHARE = 0.12
TRAIT_SHARE = 0.15
RED_SHARE = 0.03
CANCEL_SHARE = 0.01
CONFIRM_SHARE = 0.97
FALLS_OFF_SHARE = 0.25


@dataclass(frozen=True)
class Wish:
    """One need that a home will post. ``at_s``: seconds after the day begins; ``lines``: kinds of goods."""

    kind: str
    at_s: float
    lines: int
    changes_mind: bool

    @property
    def is_service(self) -> bool:
        """Tell whether somebody has to come."""
        return self.kind in SERVICES


@dataclass(frozen=True)
class Household:
    """Who lives in a home that posts. ``is_live``: keeps the page open, instead of looking now and then."""

    number: int
    name: str
    wish: Wish
    trait: str | None
    is_red: bool
    is_live: bool
    confirms: bool


class Choices:
    """Random choices of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def source(self, *name: object) -> random.Random:
        """Return the random source of one choice."""
        return random.Random("/".join(str(part) for part in (self.seed, *name)))

    def happens(self, share: float, *name: object) -> bool:
        """Tell whether something happens that happens in this share of cases."""
        return self.source(*name).random() < share

    def name(self, *who: object) -> str:
        """Return a person's name: after a herb, so that nobody takes it for a real one."""
        source = self.source("name", *who)
        return source.choice(FAMILY_NAMES) + source.choice(GIVEN_NAMES)

    def households(self, needs: int) -> list[Household]:
        """Return the homes that post, each one need; at least SERVICE_SHARE of them ask for a visit."""
        source = self.source("households")
        services = round(needs * SERVICE_SHARE + 0.499) if needs else 0
        kinds = _spread(SERVICES, services) + _spread(GOODS, needs - services)
        source.shuffle(kinds)
        red = set(source.sample(range(needs), round(needs * RED_SHARE + 0.499))) if needs else set()
        return [self._household(number, kind, number in red) for number, kind in enumerate(kinds)]

    def _household(self, number: int, kind: str, is_red: bool) -> Household:
        source = self.source("household", number)
        wish = Wish(
            kind=kind,
            at_s=source.uniform(0, POST_WITHIN_S),
            lines=source.choice((1, 1, 2, 2, 3, 4)),
            changes_mind=source.random() < CANCEL_SHARE,
        )
        return Household(
            number=number,
            name=self.name("home", number),
            wish=wish,
            trait=source.choice(("elder", "chronic", "disabled")) if source.random() < TRAIT_SHARE else None,
            is_red=is_red,
            is_live=source.random() < LIVE_SHARE,
            confirms=source.random() < CONFIRM_SHARE,
        )


def vehicles(couriers: int) -> list[str]:
    """Return the couriers' vehicles."""
    return [VEHICLES[nth % len(VEHICLES)] for nth in range(couriers)]


def volunteers_for(needs: int) -> int:
    """Return how many volunteers a town with so many needs has: four visits each, and every skill at least once."""
    return max(len(SKILLS_OF_VOLUNTEERS), round(needs * SERVICE_SHARE / 4))


def _spread(weights: dict[str, int], count: int) -> list[str]:
    """Return ``count`` kinds in the proportions of their weights; the largest remainders fill it up."""
    total = sum(weights.values())
    exact = {kind: count * weight / total for kind, weight in weights.items()}
    found = {kind: int(share) for kind, share in exact.items()}
    by_remainder = sorted(weights, key=lambda kind: found[kind] - exact[kind])
    for kind in by_remainder[: count - sum(found.values())]:
        found[kind] += 1
    return [kind for kind in weights for _ in range(found[kind])]
