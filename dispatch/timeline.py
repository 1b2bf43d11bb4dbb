"""Who does what when, as bars of an SVG: couriers on the way, at doors, waiting, resting; shelves with their calls."""

from __future__ import annotations

from dispatch.plan import Plan, Route
from dispatch.problem import Problem
from dispatch.svg import INK, MARGIN, PAGE_W, PAPER, SOFT, colour, letters, tag, text, title

ROW, BAR = 24, 14
LEFT = 170
NAME_LETTERS = 20
TICKS_S = (300, 600, 900, 1800, 3600, 7200, 14_400, 28_800)
MOST_TICKS = 14
# What a bar is; the legend shows each once.
WAY: dict[str, object] = {"fill": SOFT}
DOOR: dict[str, object] = {"fill": PAPER, "stroke_width": 2}
WAIT: dict[str, object] = {"fill": PAPER, "stroke": INK, "stroke_dasharray": "2 2"}
REST: dict[str, object] = {"fill": INK}
CALL: dict[str, object] = {"fill": "#dddddd", "stroke": INK}


def draw_timeline(problem: Problem, plan: Plan, top: float) -> tuple[list[str], float]:
    """Return the rows below ``top``, one a courier and one a shelf, and the y below them."""
    return _Timeline(problem, plan, top).drawn()


class _Timeline:
    def __init__(self, problem: Problem, plan: Plan, top: float) -> None:
        self.problem, self.plan, self.top = problem, plan, top
        called_until = [call.from_s + problem.call_interval_s for call in plan.calls]
        self.from_s = min((route.begin_s for route in plan.routes), default=0)
        self.until_s = max([route.end_s for route in plan.routes] + called_until + [self.from_s + 60])

    def drawn(self) -> tuple[list[str], float]:
        shelves = {stop.id: stop.shelf for stop in self.problem.stops}
        calls: dict[str, dict[int, list[str]]] = {}
        for call in self.plan.calls:
            calls.setdefault(shelves[call.stop] or "", {}).setdefault(call.from_s, []).append(call.stop)
        bottom = self.top + ROW * (len(self.plan.routes) + len(calls) + 1)
        parts = self._axis(bottom)
        y = self.top + ROW
        for number, route in enumerate(self.plan.routes):
            parts += self._courier(number, route, y)
            y += ROW
        for shelf, of_shelf in sorted(calls.items()):
            parts += self._shelf(shelf, of_shelf, y)
            y += ROW
        return parts, bottom

    def _axis(self, bottom: float) -> list[str]:
        length_s = self.until_s - self.from_s
        step = next((s for s in TICKS_S if length_s / s <= MOST_TICKS), TICKS_S[-1])
        parts = [text("h:mm after the start", MARGIN, self.top + 12, fill=SOFT)]
        for at_s in range(-(-self.from_s // step) * step, self.until_s + 1, step):
            x = self._x(at_s)
            parts.append(tag("line", x1=x, y1=self.top + 16, x2=x, y2=bottom, stroke="#dddddd"))
            parts.append(text(clock(at_s), x, self.top + 12, text_anchor="middle", fill=SOFT))
        return parts

    def _courier(self, number: int, route: Route, y: float) -> list[str]:
        parts = [
            self._name(f"{letters(number)} {route.vehicle}", y),
            self._bar(route.begin_s, route.end_s, y, "on the way", **WAY | {"height": 4, "dy": 5}),
        ]
        for rest in route.rests:
            parts.append(self._bar(rest.from_s, rest.until_s, y, "break", **REST))
        for place, visit in enumerate(route.visits, start=1):
            if visit.start_s > visit.arrive_s:
                parts.append(self._bar(visit.arrive_s, visit.start_s, y, "waits", **WAIT))
            at_door = DOOR | {"stroke": colour(number)}
            parts.append(self._bar(visit.start_s, visit.depart_s, y, f"{place}. {visit.stop}", **at_door))
            if self._x(visit.depart_s) - self._x(visit.start_s) > 6 * len(str(place)):
                middle = (self._x(visit.start_s) + self._x(visit.depart_s)) / 2
                parts.append(text(str(place), middle, y + 11, font_size=9, text_anchor="middle"))
        return parts

    def _shelf(self, shelf: str, calls: dict[int, list[str]], y: float) -> list[str]:
        parts = [self._name(f"shelf {shelf}", y)]
        for from_s, stops in sorted(calls.items()):
            until_s = from_s + self.problem.call_interval_s
            parts.append(self._bar(from_s, until_s, y, f"called: {', '.join(stops)}", **CALL))
            middle = (self._x(from_s) + self._x(until_s)) / 2
            parts.append(text(str(len(stops)), middle, y + 11, font_size=9, text_anchor="middle"))
        return parts

    def _name(self, name: str, y: float) -> str:
        short = name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1] + "…"
        return tag("g", title(name), text(short, MARGIN, y + 11))

    def _bar(self, from_s: int, until_s: int, y: float, words: str, **look: object) -> str:
        dy, height = look.pop("dy", 0), look.pop("height", BAR)
        width = max(1.0, self._x(until_s) - self._x(from_s))
        told = title(f"{words}, {clock(from_s)} to {clock(until_s)}")
        return tag("rect", told, x=self._x(from_s), y=y + int(str(dy)), width=width, height=height, **look)

    def _x(self, at_s: int) -> float:
        return LEFT + (at_s - self.from_s) * (PAGE_W - MARGIN - LEFT) / (self.until_s - self.from_s)


def clock(at_s: int) -> str:
    """Return 1:05 for 3,900 seconds after the wave's start."""
    return f"{at_s // 3600}:{at_s % 3600 // 60:02d}"
