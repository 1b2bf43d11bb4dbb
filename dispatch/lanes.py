"""From lanes to travel times: shortest paths over what a profile may pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from dispatch.problem import Problem, Profile
from dispatch.rules.lanes import MS_PER_S, lane_ms, may_pass, may_return
from dispatch.rules.standing_points import longest_walk_s, wide_nodes

IntArray = npt.NDArray[np.int32]
UNREACHABLE = np.int32(2**30)


class UnknownNode(KeyError):
    """A node that is not on the network."""


@dataclass(frozen=True)
class Halt:
    """Where a profile stops for a stop, and the seconds to walk from there and back."""

    node: str
    walk_s: int


class LaneNetwork:
    """The lanes of a problem, ready for shortest paths. Building it costs milliseconds for a compound."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.index = {node.id: i for i, node in enumerate(problem.nodes)}
        self.node_ids = [node.id for node in problem.nodes]
        self._given = {matrix.profile: matrix for matrix in problem.matrices}
        self._graphs: dict[tuple[str, bool], csr_matrix] = {}

    def lane_times(self, profile: Profile, nodes: Sequence[str]) -> IntArray:
        """Return travel seconds between every ordered pair of ``nodes``.

        Result: shape (n, n), int32 seconds rounded up, zero diagonal, row = from; UNREACHABLE where no
        lane leads. Shortest paths over open lanes that the profile may pass; stairs cost half a second a
        step. Raises UnknownNode.
        """
        places = [self._place(node) for node in nodes]
        if not places:
            return np.zeros((0, 0), dtype=np.int32)
        if profile.name in self._given:
            return self._from_matrix(profile, nodes)
        distinct = sorted(set(places))
        row = {place: i for i, place in enumerate(distinct)}
        times = dijkstra(self.graph(profile), directed=True, indices=distinct)
        ms = times[np.ix_([row[p] for p in places], places)]
        seconds = np.full(ms.shape, UNREACHABLE, dtype=np.int32)
        # A way longer than UNREACHABLE seconds is none; int32 could not hold it.
        reachable = ms < float(UNREACHABLE) * MS_PER_S
        seconds[reachable] = np.ceil(ms[reachable] / MS_PER_S).astype(np.int32)
        return seconds

    def _from_matrix(self, profile: Profile, nodes: Sequence[str]) -> IntArray:
        matrix = self._given[profile.name]
        row = {node: i for i, node in enumerate(matrix.nodes)}
        seconds = np.array(matrix.seconds, dtype=np.int32)
        seconds[seconds < 0] = UNREACHABLE
        if missing := [node for node in nodes if node not in row]:
            raise UnknownNode(missing[0])
        rows = [row[node] for node in nodes]
        found: IntArray = seconds[np.ix_(rows, rows)]
        return found

    def path(self, profile: Profile, from_node: str, to_node: str) -> list[str]:
        """Return the nodes along the quickest way, both ends included.

        [] if there is none. Raises UnknownNode.
        """
        start, end = self._place(from_node), self._place(to_node)
        if start == end:
            return [from_node]
        times, before = dijkstra(self.graph(profile), directed=True, indices=start, return_predecessors=True)
        if not np.isfinite(times[end]):
            return []
        way = [end]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
        return [self.node_ids[place] for place in reversed(way)]

    def halts(self, profile: Profile, stop_nodes: Sequence[str], points: Sequence[str]) -> list[Halt | None]:
        """Return for each stop's node where the profile halts, None where it cannot.

        On foot: at the stop. A vehicle: at that of ``points`` (from ``standing_nodes``) which is the shortest
        walk away, at most ``max_walk_m`` worth of walking time.
        """
        if not profile.halts_at_standing_points:
            return [Halt(node, 0) for node in stop_nodes]
        if not points or not stop_nodes:
            return [None] * len(stop_nodes)
        walking = self.problem.profile(self.problem.walking_profile)
        limit_s = longest_walk_s(self.problem)
        there = self.lane_times(walking, [*points, *stop_nodes])
        back = there[len(points) :, : len(points)]
        there = there[: len(points), len(points) :]
        found: list[Halt | None] = []
        for column in range(len(stop_nodes)):
            both = there[:, column].astype(np.int64) + back[column, :]
            best = int(np.argmin(both))
            is_near = there[best, column] <= limit_s and both[best] < UNREACHABLE
            found.append(Halt(points[best], int(both[best])) if is_near else None)
        return found

    def standing_nodes(self, profile: Profile, start_node: str, end_node: str) -> tuple[str, ...]:
        """Return the standing points' nodes where the profile may halt between ``start_node`` and ``end_node``.

        Wide enough, to be reached from the one and with a way on to the other; () on foot, where none is needed.
        """
        wide = sorted(wide_nodes(self.problem, profile))
        if not profile.halts_at_standing_points or not wide:
            return ()
        there = dijkstra(self.graph(profile), directed=True, indices=self._place(start_node))
        home = dijkstra(self.graph(profile, backwards=True), directed=True, indices=self._place(end_node))
        both = np.isfinite(there) & np.isfinite(home)
        return tuple(node for node in wide if both[self._place(node)])

    def _place(self, node: str) -> int:
        try:
            return self.index[node]
        except KeyError:
            raise UnknownNode(node) from None

    def graph(self, profile: Profile, *, backwards: bool = False) -> csr_matrix:
        """Return the profile's milliseconds between neighbouring nodes, in the order of ``node_ids``."""
        key = (profile.name, backwards)
        if key not in self._graphs:
            self._graphs[key] = self._build(profile, backwards)
        return self._graphs[key]

    def _build(self, profile: Profile, backwards: bool) -> csr_matrix:
        # Of two lanes between the same nodes the quicker counts; a sparse matrix would add them up.
        best: dict[tuple[int, int], int] = {}
        for lane in self.problem.lanes:
            if not may_pass(lane, profile):
                continue
            ms = lane_ms(lane, profile)
            ends = (self.index[lane.from_node], self.index[lane.to_node])
            ways = [ends, ends[::-1]] if may_return(lane, profile) else [ends]
            for start, end in ways:
                pair = (end, start) if backwards else (start, end)
                if start != end:
                    best[pair] = min(ms, best.get(pair, ms))
        size = len(self.node_ids)
        if not best:
            return csr_matrix((size, size), dtype=np.float64)
        rows, columns = zip(*best, strict=True)
        return csr_matrix(
            (np.array(list(best.values()), dtype=np.float64), (rows, columns)), shape=(size, size)
        )
