"""What keeps a vehicle away from a stop: the fewest lanes to change, and where to mark a standing point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from dispatch.lanes import LaneNetwork
from dispatch.problem import Lane, Problem, Profile, Vehicle
from dispatch.rules.lanes import MS_PER_S, lane_ms, may_pass, may_return
from dispatch.rules.standing_points import longest_walk_s, wide_nodes

# One lane that has to change weighs more than any way round in milliseconds.
CHANGE_MS = 1e12


@dataclass(frozen=True)
class _Tree:
    """Quickest ways from (or, backwards, to) one node, lanes that have to change at ``CHANGE_MS`` each."""

    ms: npt.NDArray[np.float64]
    before: npt.NDArray[np.int32]


@dataclass
class Obstacles:
    """Finds smallest changes to a problem's lanes. Trees are kept: many stops lie behind the same lane."""

    problem: Problem
    network: LaneNetwork = field(init=False)
    _trees: dict[tuple[str, str, bool], _Tree] = field(default_factory=dict, init=False)
    _links: dict[tuple[str, bool], dict[tuple[int, int], tuple[float, Lane]]] = field(
        default_factory=dict, init=False
    )

    def __post_init__(self) -> None:
        self.network = LaneNetwork(self.problem)
        self.nodes = self.network.node_ids
        self.place = self.network.index

    def smallest_change(self, vehicles: list[Vehicle], node: str) -> dict[str, Any]:
        """Return the change after which one of ``vehicles`` can serve a stop at ``node`` and go on to its end.

        ``lanes``: lane id → new values; ``standing_point``: a node at which to mark one. Without any way at all:
        ``connect``, the node that needs a lane.
        """
        best: tuple[float, dict[str, Any]] | None = None
        for profile, start, end in sorted({(v.profile, v.start_node, v.end_node) for v in vehicles}):
            found = self._change(self.problem.profile(profile), start, end, node)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return best[1] if best else {"connect": node}

    def _change(
        self, profile: Profile, start: str, end: str, node: str
    ) -> tuple[float, dict[str, Any]] | None:
        there, home = self._tree(profile, start, False), self._tree(profile, end, True)
        ms = there.ms + home.ms + self._halting_ms(profile, node)
        halt = int(np.argmin(ms))
        if not np.isfinite(ms[halt]):
            return None
        lanes = self._lanes(profile, there, halt, False)
        for lane, needed in self._lanes(profile, home, halt, True).items():
            lanes[lane] = {**lanes.get(lane, {}), **needed}
        change: dict[str, Any] = {"lanes": lanes} if lanes else {}
        if profile.halts_at_standing_points and self.nodes[halt] not in self._wide(profile):
            change["standing_point"] = self.nodes[halt]
        return float(ms[halt]), change

    def _halting_ms(self, profile: Profile, node: str) -> npt.NDArray[np.float64]:
        """Return for each node what halting there for the stop weighs: inf where it is no use."""
        weight = np.full(len(self.nodes), np.inf)
        if not profile.halts_at_standing_points:
            weight[self.place[node]] = 0.0
            return weight
        walking = self.problem.profile(self.problem.walking_profile)
        limit_ms = longest_walk_s(self.problem) * MS_PER_S
        at = self.place[node]
        there = dijkstra(self.network.graph(walking, backwards=True), indices=at, limit=limit_ms)
        back = dijkstra(self.network.graph(walking), indices=at)
        weight = np.asarray(there + back, dtype=np.float64)
        unmarked = [i for i, name in enumerate(self.nodes) if name not in self._wide(profile)]
        weight[unmarked] += CHANGE_MS
        return weight

    def _wide(self, profile: Profile) -> set[str]:
        return wide_nodes(self.problem, profile)

    def _tree(self, profile: Profile, node: str, is_backwards: bool) -> _Tree:
        key = (profile.name, node, is_backwards)
        if key not in self._trees:
            links = self._links_of(profile, is_backwards)
            size = len(self.nodes)
            rows = [a for a, _ in links]
            columns = [b for _, b in links]
            graph = csr_matrix(([ms for ms, _ in links.values()], (rows, columns)), shape=(size, size))
            ms, before = dijkstra(graph, indices=self.place[node], return_predecessors=True)
            self._trees[key] = _Tree(ms, before)
        return self._trees[key]

    def _links_of(self, profile: Profile, is_backwards: bool) -> dict[tuple[int, int], tuple[float, Lane]]:
        key = (profile.name, is_backwards)
        if key not in self._links:
            links: dict[tuple[int, int], tuple[float, Lane]] = {}
            for lane in self.problem.lanes:
                for is_against in (False, True):
                    ends = (self.place[lane.from_node], self.place[lane.to_node])
                    pair = ends if is_against == is_backwards else ends[::-1]
                    ms = lane_ms(lane, profile) + CHANGE_MS * bool(_needed(lane, profile, is_against))
                    if ends[0] != ends[1] and ms < links.get(pair, (np.inf, lane))[0]:
                        links[pair] = (ms, lane)
            self._links[key] = links
        return self._links[key]

    def _lanes(
        self, profile: Profile, tree: _Tree, halt: int, is_backwards: bool
    ) -> dict[str, dict[str, Any]]:
        """Return lane id → new values along the tree's way to ``halt``."""
        links = self._links_of(profile, is_backwards)
        found: dict[str, dict[str, Any]] = {}
        after = halt
        while (before := int(tree.before[after])) >= 0:
            lane = links[before, after][1]
            is_against = (self.place[lane.from_node] == before) == is_backwards
            if needed := _needed(lane, profile, is_against):
                found[lane.id] = {**found.get(lane.id, {}), **needed}
            after = before
        return found


def _needed(lane: Lane, profile: Profile, is_against: bool) -> dict[str, Any]:
    """Return the values a lane must have for the profile to travel along it, those that it has left out."""
    needed: dict[str, Any] = {}
    if is_against and not may_return(lane, profile):
        needed["is_oneway"] = False
    if may_pass(lane, profile):
        return needed
    if not lane.is_open:
        needed["is_open"] = True
    if lane.width_cm < profile.width_cm:
        needed["width_cm"] = profile.width_cm
    if lane.steps and not profile.may_use_steps:
        needed["steps"] = 0
    if profile.needs_fire_lane and not lane.is_fire_lane:
        needed["is_fire_lane"] = True
    return needed
