"""Public routing instances as Problems: Solomon, Gehring & Homberger, Li & Lim, Uchoa X.

Conventions: Solomon and Gehring–Homberger distance = floor(10 · euclid), as in DIMACS, objective distance only; X:
round(euclid); Li & Lim: double distance (here hundredths), fleet capped at the best known's.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dispatch.problem import Matrix, Node, Problem, Profile, Stop, Vehicle, Weights
from dispatch.reading import LARGEST, BadProblem
from dispatch.validity import LONGEST_HORIZON_S

SPARE_VEHICLES = 1.3
COORDINATES, DEMANDS, WINDOWS, SERVICES = (
    "NODE_COORD_SECTION",
    "DEMAND_SECTION",
    "TIME_WINDOW_SECTION",
    "SERVICE_TIME_SECTION",
)


@dataclass(frozen=True)
class Instance:
    """A public instance. ``scale``: cost units in one unit of the best known; ``best_known`` None if unknown."""

    name: str
    family: str
    problem: Problem
    scale: int
    best_known: float | None


@dataclass(frozen=True)
class _Row:
    """A customer, the depot first: place, demand, window, service, and its pickup or drop (0: none)."""

    x: float
    y: float
    demand: float
    opens: float
    closes: float
    service: float
    pickup: int = 0
    drop: int = 0


def read_instance(file: Path) -> Instance:
    """Read an instance; its best known solution lies beside it (.sol) or in best_known.json one folder up.

    Raises BadProblem for a file that is none of the four kinds.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProblem(f"{file}: {error}") from None
    try:
        if file.suffix == ".vrp":
            return _vrplib(file, text)
        return _solomon(file, text) if "CUST" in text else _li_lim(file, text)
    except (ValueError, IndexError, KeyError) as error:
        raise BadProblem(
            f"{file} is no instance of Solomon, Gehring–Homberger, Li–Lim or VRPLIB: {error}"
        ) from None


def _solomon(file: Path, text: str) -> Instance:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    head = next(n for n, words in enumerate(lines) if words[0] == "NUMBER")
    count, capacity = int(lines[head + 1][0]), int(lines[head + 1][1])
    rows = [_row(words) for words in lines if _is_row(words, 7)]
    family = "solomon" if len(rows) <= 101 else "gh200"
    return Instance(file.stem, family, _problem(rows, count, capacity, 10, "floor"), 10, _best_known(file))


def _li_lim(file: Path, text: str) -> Instance:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    count, capacity = int(lines[0][0]), int(lines[0][1])
    rows = [_row(words) for words in lines if _is_row(words, 9)]
    known = _known(file).get("lilim_fleet_first", {}).get(file.stem, {})
    count = int(known.get("solved_with_vehicles", count))
    return Instance(
        file.stem, "lilim", _problem(rows, count, capacity, 100, "nearest"), 100, known.get("best_known_cost")
    )


def _vrplib(file: Path, text: str) -> Instance:
    facts: dict[str, str] = {}
    parts: dict[str, dict[int, list[float]]] = {COORDINATES: {}, DEMANDS: {}, WINDOWS: {}, SERVICES: {}}
    part = None
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == "EOF":
            continue
        if words[0].endswith("_SECTION"):
            part = parts.get(words[0])
        elif ":" in line:
            name, _, value = line.partition(":")
            facts[name.strip()] = value.strip()
        elif part is not None:
            part[int(words[0])] = [float(word) for word in words[1:]]
    has_windows, capacity = bool(parts[WINDOWS]), int(facts["CAPACITY"])
    service = float(facts.get("SERVICE_TIME", 0))
    rows: list[_Row] = []
    for number, (x, y) in parts[COORDINATES].items():
        opens, closes = parts[WINDOWS].get(number, [0.0, float(LONGEST_HORIZON_S)])
        own = parts[SERVICES].get(number, [0.0 if not rows else service])[0]
        rows.append(_Row(x, y, parts[DEMANDS][number][0], opens, closes, own))
    demand = sum(row.demand for row in rows)
    count = int(facts.get("VEHICLES", math.ceil(demand / capacity * SPARE_VEHICLES) + 5))
    scale, how = (10, "floor") if has_windows else (1, "nearest")
    family = "gh1000" if has_windows else "x"
    return Instance(file.stem, family, _problem(rows, count, capacity, scale, how), scale, _best_known(file))


def _row(words: list[str]) -> _Row:
    x, y, demand, opens, closes, service = (float(word) for word in words[1:7])
    pickup, drop = (int(word) for word in words[7:9] or ("0", "0"))
    return _Row(x, y, demand, opens, closes, service, pickup, drop)


def _is_row(words: list[str], size: int) -> bool:
    return len(words) == size and words[0].isdigit()


def _problem(rows: list[_Row], count: int, capacity: int, scale: int, rounding: str) -> Problem:
    at = np.array([(row.x, row.y) for row in rows])
    exact = scale * np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))
    # A hair more than the exact root: whole distances are not to be rounded down.
    seconds = np.floor(exact + 1e-9 if rounding == "floor" else exact + 0.5).astype(np.int64)
    nodes = tuple(Node(str(i), row.x, row.y) for i, row in enumerate(rows))
    horizon_s = min(LONGEST_HORIZON_S, int(rows[0].closes * scale))
    names = tuple(node.id for node in nodes)
    stops = tuple(_stop(number, row, rows, scale, horizon_s) for number, row in enumerate(rows) if number)
    return Problem(
        nodes,
        (),
        (Profile("van", 1.0), Profile("walk", 1.0)),
        tuple(
            Vehicle(f"v{n}", "van", "0", "0", 0, horizon_s, capacity, LARGEST, LARGEST) for n in range(count)
        ),
        stops,
        horizon_s,
        matrices=(Matrix("van", names, tuple(map(tuple, seconds.tolist()))),),
        weights=Weights(unserved_s=LARGEST, vehicle_s=0),
    )


def _stop(number: int, row: _Row, rows: list[_Row], scale: int, horizon_s: int) -> Stop:
    window = (int(row.opens * scale), min(horizon_s, int(row.closes * scale)))
    return Stop(
        str(number),
        str(number),
        "pickup" if row.drop else "delivery",
        load_g=int(abs(row.demand)),
        service_s=int(row.service * scale),
        windows=() if window == (0, horizon_s) else (window,),
        priority=0,
        goods_from=str(row.pickup) if row.pickup else None,
    )


def _best_known(file: Path) -> float | None:
    beside = file.with_suffix(".sol")
    if beside.exists():
        for line in beside.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if len(words) == 2 and words[0].lower() == "cost":
                return float(words[1])
    known = _known(file).get("gh200_distance_only", {}).get(file.stem.upper())
    return None if known is None else float(known)


def _known(file: Path) -> dict[str, Any]:
    listed = file.resolve().parent.parent / "best_known.json"
    return dict(json.loads(listed.read_text(encoding="utf-8"))) if listed.exists() else {}
