"""Benchmarks as tables, written to docs/benchmarks.md by the command and not by hand."""

from __future__ import annotations

import os
import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from statistics import mean, median
from typing import TypeVar

from dispatch.bench.compounds import Figure
from dispatch.bench.matched import Matched
from dispatch.bench.public import Result
from dispatch.bench.replanning import Replanned
from dispatch.bench.sourced import Sourced
from dispatch.bench.throughput import Throughput

PACKAGES = ("numba", "ortools", "pyvrp", "pyvroom")
Row = TypeVar("Row")


def machine() -> str:
    """Return what the figures were measured on."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    kind = platform.processor() or platform.machine()
    return f"{kind}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(found)}"


def public_table(results: Sequence[Result], families: dict[str, str], limit_s: float) -> list[str]:
    """Return the gaps to the best known: the median over the seeds per instance, the mean of all per family."""
    names = list(dict.fromkeys(result.solver for result in results))
    lines = [f"### {limit_s:g} s an instance: gap to the best known, %", "", *_head(["instance", *names])]
    by_name = _groups(results, lambda result: result.instance)
    for instance, rows in by_name.items():
        lines.append(
            _line([instance, *(_gap([r for r in rows if r.solver == name], median) for name in names)])
        )
    for family, of_family in _groups(results, lambda result: families[result.instance]).items():
        lines.append(
            _line(
                [f"**{family}, mean**", *(_gap([r for r in of_family if r.solver == name]) for name in names)]
            )
        )
    wrong = sum(result.violations for result in results)
    return [
        *lines,
        "",
        f"Violations found by the checker: {wrong}. A number in brackets: customers not served.",
        "",
    ]


def compound_table(figures: Sequence[Figure]) -> list[str]:
    """Return median costs over the seeds, all terms and travel alone."""
    names = list(dict.fromkeys(figure.solver for figure in figures))
    lines = _head(
        ["lanes", "stops", "limit, s", *(f"{name}: cost (travel)" for name in names), "best peer ÷ ours"]
    )
    for rows in _groups(figures, lambda figure: (figure.ground, figure.stops, figure.limit_s)).values():
        stops, limit_s = rows[0].stops, rows[0].limit_s
        costs = {name: median(f.cost for f in rows if f.solver == name) for name in names}
        travel = {name: median(f.travel_s for f in rows if f.solver == name) for name in names}
        best = min((cost for name, cost in costs.items() if name != names[0]), default=costs[names[0]])
        cells = [f"{costs[name]:,.0f} ({travel[name]:,.0f})" for name in names]
        lines.append(
            _line([rows[0].ground, str(stops), f"{limit_s:g}", *cells, f"{best / costs[names[0]]:.2f}"])
        )
    wrong = sum(figure.violations for figure in figures)
    seeds = len({figure.seed for figure in figures})
    return [*lines, "", f"Medians over {seeds} seeds. Violations found by the checker: {wrong}.", ""]


def throughput_table(found: Sequence[Throughput]) -> list[str]:
    """Return plans of 90 stops a core-minute, and how far they are from the long run's."""
    lines = _head(["seconds a plan", "plans a core-minute", "mean gap to 30 s, %", "worst, %"])
    lines += [
        _line([f"{one.seconds:.2f}", f"{one.per_minute:.0f}", f"{one.gap:.2f}", f"{one.worst:.2f}"])
        for one in found
    ]
    return [*lines, ""]


def replanning_table(found: Sequence[Replanned]) -> list[str]:
    """Return the worst first plan and the median gap of each event."""
    lines = _head(
        [
            "event",
            "first plan, s (worst)",
            "gap to cold search, % (median)",
            "(worst)",
            "stops moved (median)",
        ]
    )
    for event, rows in _groups(found, lambda one: one.event).items():
        gaps = [one.gap for one in rows]
        first, moved = max(one.first_s for one in rows), median(one.moved for one in rows)
        lines.append(_line([event, f"{first:.2f}", f"{median(gaps):.2f}", f"{max(gaps):.2f}", f"{moved:g}"]))
    wrong = sum(one.violations for one in found)
    seeds = len({one.seed for one in found})
    return [*lines, "", f"{seeds} compounds. Violations found by the checker: {wrong}.", ""]


def matching_table(found: Sequence[Matched]) -> list[str]:
    """Return time and distance from the optimum."""
    lines = _head(["arcs a need", "seconds", "placed", "cost", "over the optimum, %"])
    lines += [
        _line(
            [one.arcs, f"{one.seconds:.2f}", one.placed, f"{one.cost:,}", "–" if one.gap is None else one.gap]
        )
        for one in found
    ]
    return [*lines, ""]


def sourcing_table(found: Sequence[Sourced]) -> list[str]:
    """Return time, cost and distance from the bound, medians over the seeds."""
    lines = _head(
        [
            "baskets",
            "shops",
            "solver",
            "seconds (worst)",
            "cost",
            "over the bound, %",
            "shops a basket",
            "short lines",
            "worst served, %",
        ]
    )
    for rows in _groups(found, lambda one: (one.baskets, one.shops, one.solver)).values():
        first = rows[0]
        cells = [
            f"{max(one.seconds for one in rows):.2f}",
            f"{median(one.cost for one in rows):,.0f}",
            f"{median(one.gap for one in rows):.2f}",
            f"{median(one.shops_a_basket for one in rows):.2f}",
            f"{median(one.short for one in rows):g}",
            f"{min(one.least_percent for one in rows):.0f}",
        ]
        lines.append(_line([first.baskets, first.shops, first.solver, *cells]))
    wrong = sum(one.violations for one in found)
    seeds = len({one.seed for one in found})
    return [*lines, "", f"{seeds} waves of each size. Violations found by the checker: {wrong}.", ""]


def _gap(results: Sequence[Result], how: Callable[[Sequence[float]], float] = mean) -> str:
    gaps = [result.gap for result in results if result.gap is not None]
    left = sum(result.unserved for result in results)
    text = f"{how(gaps):.2f}" if gaps else "–"
    return f"{text} [{left}]" if left else text


def _groups(rows: Iterable[Row], key: Callable[[Row], object]) -> dict[object, list[Row]]:
    found: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _head(names: Sequence[str]) -> list[str]:
    return [_line(names), _line(["---"] * len(names))]


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
