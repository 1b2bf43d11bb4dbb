"""The answer to a GatesProblem: which gates are open, who leaves by which, and what today's gates would cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dispatch.reading import BadProblem, plain, read

VERSION = 1
# Dearer than any detour of anybody: whoever can get out does, and whatever can be brought in is.
LEFT_S = 1_000_000


@dataclass(frozen=True)
class GatesCost:
    """What an hour costs, in seconds of people; ``total`` is the sum of the parts.

    ``walking_s``: from home to the gate; ``queueing_s``: before the gates; ``goods_s``: carts from the gate to the door
    and back, times their weight; ``left_s``: a million for each person who cannot get out, and each delivery not made.
    """

    walking_s: int = 0
    queueing_s: int = 0
    goods_s: int = 0
    left_s: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())


@dataclass(frozen=True)
class GateLoad:
    """What passes an open gate in an hour. ``percent``: people, of those who could pass."""

    gate: str
    people: int
    people_per_hour: int
    percent: float
    queueing_s: int
    deliveries: int


@dataclass(frozen=True)
class Walk:
    """So many people of a home leave by this gate."""

    home: str
    gate: str
    people: int
    walk_s: int


@dataclass(frozen=True)
class Supply:
    """A home's deliveries come in by this gate. ``way_s``: by cart to ``halt_node`` and back, and the last metres."""

    home: str
    gate: str
    halt_node: str
    deliveries: int
    way_s: int


@dataclass(frozen=True)
class Left:
    """People who cannot get out, or deliveries that cannot come in (``what``), with a stable reason.

    Reasons: unreachable, no_goods_gate, no_open_gate, gates_full.
    """

    home: str
    what: str
    count: int
    reason: str


@dataclass(frozen=True)
class Layout:
    """A set of open gates with the best use of them."""

    open: tuple[str, ...]
    loads: tuple[GateLoad, ...]
    walks: tuple[Walk, ...]
    supplies: tuple[Supply, ...]
    left: tuple[Left, ...]
    cost: GatesCost


@dataclass(frozen=True)
class GateChange:
    """One gate opened or closed (``change``), all others as today: how much more it costs; less than 0 saves.

    ``residents_h_per_day``: hours that people walk and queue; ``goods_h_per_day``: hours of carts, times their weight;
    ``left_per_day``: people and deliveries. ``obstacles``: must_be_open, too_few_guards, too_many_open.
    """

    gate: str
    change: str
    total_s: int
    residents_h_per_day: float
    goods_h_per_day: float
    left_per_day: int
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class GatesPlan:
    """The gates to open, today's, and what each single change would do.

    ``today_obstacles``: why today's gates could not be chosen, as in a GateChange. ``bound_s``: no choice
    of gates costs less an hour, to a millionth; ``gap_percent``: by how much the choice may be dearer than the best.
    """

    digest: str
    chosen: Layout
    today: Layout
    today_obstacles: tuple[str, ...]
    changes: tuple[GateChange, ...]
    bound_s: int
    gap_percent: float
    seconds: float = 0.0
    version: int = VERSION

    @property
    def is_proven(self) -> bool:
        """Whether no choice of gates is better."""
        return self.bound_s == self.chosen.cost.total

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON-able values, with the total costs."""
        data: dict[str, Any] = plain(asdict(self))
        data["is_proven"] = self.is_proven
        for name, layout in (("chosen", self.chosen), ("today", self.today)):
            data[name]["cost"]["total"] = layout.cost.total
        return data

    @classmethod
    def from_json(cls, data: Any) -> GatesPlan:
        """Read what ``to_json`` wrote. Raises BadProblem if it is no answer about gates."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise BadProblem(f"no answer about gates of version {VERSION}")
        values = {name: value for name, value in data.items() if name != "is_proven"}
        for name in ("chosen", "today"):
            layout = values.get(name)
            if isinstance(layout, dict) and isinstance(layout.get("cost"), dict):
                cost = {part: value for part, value in layout["cost"].items() if part != "total"}
                values[name] = {**layout, "cost": cost}
        return read(cls, values, "gates")
