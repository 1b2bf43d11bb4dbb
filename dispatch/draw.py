"""A problem and its plan as an SVG: routes over lanes, stops, shelves, and below a timeline of the couriers.

Made to be read on paper and without colours too: a route has a letter and each of its stops the number of its turn,
fire lanes are double lines, closed ones dashed and crossed, homes under isolation squares, what is left out a cross.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from dispatch.lanes import LaneNetwork
from dispatch.plan import Plan, Route
from dispatch.problem import Lane, Problem, Stop
from dispatch.svg import ALARM, INK, MARGIN, PAGE_W, PAPER, SOFT, colour, letters, shape, tag, text, title
from dispatch.timeline import CALL, DOOR, REST, WAIT, WAY, draw_timeline

MAP_H = 620
BESIDE = 16
IN_A_ROW = 4
SIGNS = 5
Places = dict[str, tuple[float, float]]


def draw(problem: Problem, plan: Plan | None = None) -> str:
    """Return an SVG document, north up; without a plan the lanes and stops alone. The same input, the same text."""
    at, bottom = _places(problem)
    parts = [part for lane in problem.lanes for part in _lane(lane, at)]
    if plan is not None:
        network = LaneNetwork(problem)
        for number, route in enumerate(plan.routes):
            parts.append(_route(problem, network, route, number, at))
    parts += [*_bases(problem, at), *_shelves(problem, at), *_stops(problem, plan, at)]
    parts += _legend(bottom + MARGIN)
    bottom += 4 * MARGIN
    if plan is not None:
        rows, bottom = draw_timeline(problem, plan, bottom)
        parts += rows
    height = bottom + MARGIN
    ground = tag("rect", width=PAGE_W, height=height, fill=PAPER)
    box = f"0 0 {PAGE_W} {height:.0f}"
    return (
        tag(
            "svg",
            "\n".join(["", ground, *parts, ""]),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=box,
            font_family="sans-serif",
        )
        + "\n"
    )


def _places(problem: Problem) -> tuple[Places, float]:
    """Return where each node is on the page, and the y below them all."""
    xs = [node.x_m for node in problem.nodes] or [0.0]
    ys = [node.y_m for node in problem.nodes] or [0.0]
    inner = 2 * MARGIN
    wide, high = max(max(xs) - min(xs), 1.0), max(max(ys) - min(ys), 1.0)
    scale = min((PAGE_W - 2 * inner - IN_A_ROW * BESIDE) / wide, (MAP_H - 2 * inner) / high)
    at = {
        node.id: (inner + (node.x_m - min(xs)) * scale, inner + (max(ys) - node.y_m) * scale)
        for node in problem.nodes
    }
    return at, 2 * inner + high * scale


def _lane(lane: Lane, at: Places) -> Iterable[str]:
    (x1, y1), (x2, y2) = at[lane.from_node], at[lane.to_node]
    ends: dict[str, object] = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    if not lane.is_open:
        told = title(f"{lane.id}: closed")
        yield tag("line", told, **ends, stroke=ALARM, stroke_width=2, stroke_dasharray="4 3")
        yield shape("left", (x1 + x2) / 2, (y1 + y2) / 2, fill="none", stroke=ALARM)
    elif lane.is_fire_lane:
        yield tag("line", title(f"{lane.id}: fire lane"), **ends, stroke=SOFT, stroke_width=6)
        yield tag("line", **ends, stroke=PAPER, stroke_width=4)
    else:
        yield tag("line", title(lane.id), **ends, stroke="#aaaaaa", stroke_width=1)


def _route(problem: Problem, network: LaneNetwork, route: Route, number: int, at: Places) -> str:
    points = " ".join(f"{at[node][0]:.1f},{at[node][1]:.1f}" for node in _way(problem, network, route))
    told = title(f"{letters(number)} {route.vehicle}")
    look: dict[str, object] = {"fill": "none", "stroke": colour(number), "stroke_width": 2}
    return tag("polyline", told, points=points, stroke_linejoin="round", **look)


def _way(problem: Problem, network: LaneNetwork, route: Route) -> list[str]:
    """Return the nodes on the way: over the lanes, straight where travel times are by matrix."""
    vehicle = next(v for v in problem.vehicles if v.id == route.vehicle)
    by_matrix = vehicle.profile in {matrix.profile for matrix in problem.matrices}
    halts = [vehicle.start_node]
    for before, visit in pairwise([None, *route.visits]):
        if before is not None and visit is not None and visit.trip > before.trip:
            halts.append(vehicle.start_node)
        if visit is not None:
            halts.append(visit.halt_node)
    halts.append(vehicle.end_node)
    way = halts[:1]
    for start, end in pairwise(halts):
        path = [] if by_matrix else network.path(problem.profile(vehicle.profile), start, end)
        way += path[1:] or ([end] if end != start else [])
    return way


def _bases(problem: Problem, at: Places) -> list[str]:
    nodes = {v.start_node for v in problem.vehicles} | {s.depot for s in problem.stops if s.depot}
    return [shape("base", *at[node], title(node), fill=INK) for node in sorted(nodes)]


def _shelves(problem: Problem, at: Places) -> list[str]:
    """Draw each shelf where the first of its stops is."""
    drawn = []
    for shelf in problem.shelves:
        node = next((stop.node for stop in problem.stops if stop.shelf == shelf.id), None)
        if node is not None:
            told = title(f"shelf {shelf.id}: {shelf.parcels} parcels")
            drawn.append(shape("shelf", at[node][0], at[node][1] - BESIDE, told, fill="none"))
    return drawn


def _stops(problem: Problem, plan: Plan | None, at: Places) -> list[str]:
    turns: dict[str, list[tuple[int, int] | None]] = {}
    for number, route in enumerate(plan.routes if plan else ()):
        for place, visit in enumerate(route.visits, start=1):
            turns.setdefault(visit.stop, []).append((number, place))
    reasons = {unserved.stop: unserved.reason for unserved in (plan.unserved if plan else ())}
    drawn: list[str] = []
    at_node: dict[str, int] = {}
    for stop in problem.stops:
        # A stop for two couriers has a sign for each.
        for turn in turns.get(stop.id, [None]):
            # Homes behind one entrance stand beside each other.
            nth = at_node[stop.node] = at_node.get(stop.node, -1) + 1
            x = at[stop.node][0] + nth % IN_A_ROW * BESIDE
            y = at[stop.node][1] + nth // IN_A_ROW * BESIDE
            drawn += _stop(stop, turn, reasons.get(stop.id), x, y)
    return drawn


def _stop(stop: Stop, turn: tuple[int, int] | None, reason: str | None, x: float, y: float) -> Iterable[str]:
    """Draw a stop; ``turn``: the number of its route, and which stop of that it is."""
    kind = "red" if stop.is_red else "pickup" if stop.kind == "pickup" else "green"
    stroke = colour(turn[0]) if turn else ALARM if reason else SOFT
    told = title(f"{stop.id}: {reason}" if reason else stop.id)
    yield shape(kind, x, y, told, stroke=stroke, fill="#ffdddd" if stop.is_red else PAPER)
    if reason:
        yield shape("left", x, y, stroke=ALARM)
    if turn:
        words = f"{letters(turn[0])}{turn[1]}"
        yield text(words, x, y + 2.5, font_size=max(5, 9 - len(words)), text_anchor="middle")


def _legend(top: float) -> list[str]:
    """Say what the signs are, in three lines."""
    line: dict[str, object] = {"x1": -8, "y1": 0, "x2": 8, "y2": 0}
    box: dict[str, object] = {"x": -8, "y": -5, "width": 16, "height": 10}
    signs = (
        (shape("green", 0, 0), "stop, its route and turn"),
        (shape("red", 0, 0, fill="#ffdddd"), "home under isolation"),
        (shape("pickup", 0, 0), "pickup"),
        (shape("left", 0, 0, stroke=ALARM), "left out"),
        (shape("shelf", 0, 0, fill="none"), "shelf"),
        (shape("base", 0, 0, fill=INK), "start, depot"),
        (
            tag("line", **line, stroke=SOFT, stroke_width=6)
            + tag("line", **line, stroke=PAPER, stroke_width=4),
            "fire lane",
        ),
        (tag("line", **line, stroke=ALARM, stroke_width=2, stroke_dasharray="4 3"), "closed lane"),
        (tag("rect", **box | {"y": -2, "height": 4}, **WAY), "on the way"),
        (tag("rect", **box, **DOOR, stroke=INK), "at the door"),
        (tag("rect", **box, **WAIT), "waits"),
        (tag("rect", **box, **REST), "break"),
        (tag("rect", **box, **CALL), "homes called to a shelf"),
    )
    drawn = []
    for place, (sign, words) in enumerate(signs):
        x, y = 2 * MARGIN + place % SIGNS * 190, top + place // SIGNS * MARGIN
        drawn.append(tag("g", sign, transform=f"translate({x} {y:.1f})") + text(words, x + 14, y + 4))
    return drawn
