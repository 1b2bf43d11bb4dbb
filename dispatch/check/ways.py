"""The checker's own shortest times: Dijkstra (1959) with a heap, or the problem's matrix."""

from __future__ import annotations

import heapq

from dispatch.problem import Lane, Problem, Profile

Ways = dict[str, list[tuple[str, int]]]


class Times:
    """Shortest seconds between nodes, for every profile."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._ways: dict[str, Ways] = {}
        self._times: dict[tuple[str, str], dict[str, int]] = {}
        self._rows = {m.profile: {node: i for i, node in enumerate(m.nodes)} for m in problem.matrices}
        self._matrices = {m.profile: m for m in problem.matrices}

    def between(self, profile: Profile, from_node: str, to_node: str) -> int | None:
        """Return the shortest seconds, rounded up; None if there is no way."""
        if profile.name in self._matrices:
            rows = self._rows[profile.name]
            if from_node not in rows or to_node not in rows:
                return None
            seconds = self._matrices[profile.name].seconds[rows[from_node]][rows[to_node]]
            return None if seconds < 0 else seconds
        key = (profile.name, from_node)
        if key not in self._times:
            self._times[key] = _dijkstra(self._ways_of(profile), from_node)
        ms = self._times[key].get(to_node)
        return None if ms is None else (ms + 999) // 1000

    def _ways_of(self, profile: Profile) -> Ways:
        if profile.name not in self._ways:
            ways: Ways = {}
            for lane in self.problem.lanes:
                if _fits(profile, lane):
                    ms = _milliseconds(profile, lane)
                    ways.setdefault(lane.from_node, []).append((lane.to_node, ms))
                    if not (lane.is_oneway and profile.obeys_oneway):
                        ways.setdefault(lane.to_node, []).append((lane.from_node, ms))
            self._ways[profile.name] = ways
        return self._ways[profile.name]


def _dijkstra(ways: Ways, start: str) -> dict[str, int]:
    shortest: dict[str, int] = {}
    heap = [(0, start)]
    while heap:
        ms, node = heapq.heappop(heap)
        if node in shortest:
            continue
        shortest[node] = ms
        for neighbour, way_ms in ways.get(node, []):
            if neighbour not in shortest:
                heapq.heappush(heap, (ms + way_ms, neighbour))
    return shortest


def _fits(profile: Profile, lane: Lane) -> bool:
    if not lane.is_open or profile.width_cm > lane.width_cm:
        return False
    if lane.steps > 0 and not profile.may_use_steps:
        return False
    return lane.is_fire_lane or not profile.needs_fire_lane


def _milliseconds(profile: Profile, lane: Lane) -> int:
    return max(1, round(1000 * (lane.length_m / profile.speed_m_s)) + 500 * lane.steps)
