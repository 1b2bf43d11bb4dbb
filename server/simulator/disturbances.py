"""What disturbs the first wave: a lane is closed on the way, and a home with a stop is put under isolation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from server.simulator.client import Surprised
from server.simulator.officer import Officer

AFTER_S = 8 * 60
CLOSED_FOR_S = 25 * 60
Lane = dict[str, Any]


async def disturb(officer: Officer, wave: dict[str, Any]) -> None:
    """Disturb a released wave, and put the lane right again after a while."""
    town = officer.town
    try:
        await town.clock.sleep(AFTER_S)
        lane = lane_to_close((await officer.map())["lanes"], [route["path"] for route in wave["routes"]])
        if lane is not None:
            path = f"{town.api}/places/lanes/{lane['id']}"
            await officer.session.post(f"{path}/close", {"reason": "消防车占道"})
            town.ledger.happened["lanes closed on the way"] += 1
        await _seal_a_home(officer, wave)
        await town.clock.sleep(CLOSED_FOR_S)
        if lane is not None:
            await officer.session.post(f"{path}/reopen")
    except Surprised:
        return


async def _seal_a_home(officer: Officer, wave: dict[str, Any]) -> None:
    """The last green stop's home is isolated while the courier is on the way."""
    stops = [stop for route in wave["routes"] for stop in route["stops"][-1:] if stop["protocol"] == "green"]
    if stops:
        need = await officer.session.get(f"{officer.town.api}/needs/{stops[-1]['need_ids'][0]}")
        await officer.seal(need["home"]["id"])


def lane_to_close(lanes: list[Lane], paths: Iterable[list[list[float]]]) -> Lane | None:
    """Return the longest open lane on some courier's way that is not the only way anywhere; None without one."""
    on_the_way = {_spot(point) for path in paths for point in path}
    used = [
        lane
        for lane in lanes
        if lane["state"] == "open" and all(_spot(point) in on_the_way for point in lane["points"])
    ]
    for lane in sorted(used, key=lambda lane: (-lane["length_m"], lane["ref"])):
        if not is_bridge(lane, lanes):
            return lane
    return None


def is_bridge(lane: Lane, lanes: Iterable[Lane]) -> bool:
    """Tell whether the lane's ends fall apart without it."""
    neighbours: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for other in lanes:
        if other["state"] == "open" and other["id"] != lane["id"]:
            a, b = _spot(other["points"][0]), _spot(other["points"][-1])
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
    start, end = _spot(lane["points"][0]), _spot(lane["points"][-1])
    seen, todo = {start}, [start]
    while todo:
        for spot in neighbours.get(todo.pop(), []):
            if spot not in seen:
                seen.add(spot)
                todo.append(spot)
    return end not in seen


def _spot(point: list[float]) -> tuple[float, float]:
    return round(point[0], 1), round(point[1], 1)
