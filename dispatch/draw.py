"""A problem and its plan as a small SVG: lanes by who may use them, routes in colours, what is left in red."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from dispatch.lanes import LaneNetwork
from dispatch.plan import Plan, Route
from dispatch.problem import Lane, Problem

MARGIN_M = 20.0
# Distinguishable with every common colour vision: Okabe & Ito 2008.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000")


def draw(problem: Problem, plan: Plan | None = None) -> str:
    """Return an SVG document, a metre a unit and north up; without a plan the lanes and stops alone."""
    at_m = {node.id: (node.x_m, -node.y_m) for node in problem.nodes}
    xs = [x for x, _ in at_m.values()] or [0.0]
    ys = [y for _, y in at_m.values()] or [0.0]
    left, top = min(xs) - MARGIN_M, min(ys) - MARGIN_M
    width, height = max(xs) - left + MARGIN_M, max(ys) - top + MARGIN_M
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}">',
        *(_lane(lane, at_m) for lane in problem.lanes),
    ]
    if plan is not None:
        network = LaneNetwork(problem)
        for number, route in enumerate(plan.routes):
            parts.append(_route(problem, network, route, COLOURS[number % len(COLOURS)], at_m))
    parts += _stops(problem, plan, at_m)
    return "\n".join([*parts, "</svg>", ""])


def _lane(lane: Lane, at_m: dict[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = at_m[lane.from_node], at_m[lane.to_node]
    colour = "#bbb" if lane.is_open else "#d00"
    dashes = "" if lane.is_fire_lane else ' stroke-dasharray="3 2"'
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{lane.width_cm / 100:.1f}"{dashes}/>'
    )


def _route(
    problem: Problem,
    network: LaneNetwork,
    route: Route,
    colour: str,
    at_m: dict[str, tuple[float, float]],
) -> str:
    vehicle = next(v for v in problem.vehicles if v.id == route.vehicle)
    profile = problem.profile(vehicle.profile)
    way = [vehicle.start_node]
    for node in [*(visit.halt_node for visit in route.visits), vehicle.end_node]:
        way += network.path(profile, way[-1], node)[1:]
    points = " ".join(f"{at_m[node][0]:.1f},{at_m[node][1]:.1f}" for node in way)
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.2">'
        f"<title>{escape(route.vehicle)}</title></polyline>"
    )


def _stops(problem: Problem, plan: Plan | None, at_m: dict[str, tuple[float, float]]) -> list[str]:
    colours = {
        visit.stop: COLOURS[number % len(COLOURS)]
        for number, route in enumerate(plan.routes if plan else ())
        for visit in route.visits
    }
    reasons = {unserved.stop: unserved.reason for unserved in (plan.unserved if plan else ())}
    drawn = []
    for stop in problem.stops:
        x, y = at_m[stop.node]
        title = f"{stop.id}: {reasons[stop.id]}" if stop.id in reasons else stop.id
        fill = quoteattr(colours.get(stop.id, "#d00" if stop.id in reasons else "#666"))
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill={fill}><title>{escape(title)}</title></circle>'
        )
    return drawn
