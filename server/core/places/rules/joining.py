"""Which lanes hang together, and joining what small gaps in the drawing keep apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shapely import STRtree
from shapely.geometry import LineString, MultiLineString
from shapely.geometry import Point as Spot
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from server.core.places.rules.lanes import SHORTEST_M, WIDTHS_CM, Network, split_at
from server.core.places.rules.survey import Findings, Point, SurveyedLane

JOIN_WITHIN_M = 12.0
AT_AN_END_M = 1.0


@dataclass(frozen=True)
class _Gap:
    """Where a component comes nearest to the main network."""

    metres: float
    here: Point
    there: Point
    other: frozenset[str]


def components(network: Network) -> list[set[str]]:
    """Return the sets of nodes that hang together, the longest in metres first."""
    parent = {ref: ref for ref in network.nodes}

    def root(ref: str) -> str:
        while parent[ref] != ref:
            parent[ref] = parent[parent[ref]]
            ref = parent[ref]
        return ref

    for lane in network.lanes:
        parent[root(lane.from_ref)] = root(lane.to_ref)
    groups: dict[str, set[str]] = {}
    for ref in network.nodes:
        groups.setdefault(root(ref), set()).add(ref)
    metres: dict[str, float] = dict.fromkeys(groups, 0.0)
    for lane in network.lanes:
        metres[root(lane.from_ref)] += lane.length_m
    return [groups[r] for r in sorted(groups, key=lambda r: (-metres[r], r))]


def join_components(network: Network, walls: Iterable[BaseGeometry], findings: Findings) -> int:
    """Join what small gaps cut off from the main network; return how many components remain.

    A gap is small under 12 m with no building in between; it is measured from lane to lane, not only between their
    ends. Larger ones are reported: nobody can tell what is there.
    """
    blocks = list(walls)
    tree = STRtree(blocks)
    while True:
        main, *others = components(network) or [set()]
        gaps = [_gap(network, main, other) for other in others]
        near = [gap for gap in gaps if gap.metres <= JOIN_WITHIN_M and not _is_walled(gap, tree, blocks)]
        if not near:
            break
        # The nearest first: what it brings along may bridge the next gap.
        gap = min(near, key=lambda gap: (gap.metres, gap.here))
        _connect(network, gap, frozenset(main), findings)
    for other in others:
        findings.add("component_cut_off", min(other))
    return len(others) + 1 if network.nodes else 0


def _gap(network: Network, main: set[str], other: set[str]) -> _Gap:
    ways = [
        MultiLineString([lane.points for lane in network.lanes if lane.from_ref in s]) for s in (main, other)
    ]
    here, there = nearest_points(ways[0], ways[1])
    return _Gap(here.distance(there), (here.x, here.y), (there.x, there.y), frozenset(other))


def _is_walled(gap: _Gap, tree: STRtree, blocks: list[BaseGeometry]) -> bool:
    bridge = LineString([gap.here, gap.there])
    return any(bridge.crosses(blocks[int(number)]) for number in tree.query(bridge))


def _connect(network: Network, gap: _Gap, main: frozenset[str], findings: Findings) -> None:
    here, there = _node_at(network, gap.here, main), _node_at(network, gap.there, gap.other)
    findings.add("component_joined", f"{here}–{there}")
    network.lanes.append(
        SurveyedLane(
            ref=f"join.{here}.{there}",
            from_ref=here,
            to_ref=there,
            points=(network.nodes[here], network.nodes[there]),
            length_m=max(SHORTEST_M, round(gap.metres, 1)),
            kind="path",
            width_cm=WIDTHS_CM["path"],
        )
    )


def _node_at(network: Network, at: Point, among: frozenset[str]) -> str:
    """Return the node at a point of the lanes ``among`` whose nodes it is; the lane is cut there if need be."""
    numbers = [n for n, lane in enumerate(network.lanes) if lane.from_ref in among]
    number = min(numbers, key=lambda n: LineString(network.lanes[n].points).distance(Spot(at)))
    lane = network.lanes[number]
    line = LineString(lane.points)
    along = line.project(Spot(at))
    if along <= AT_AN_END_M:
        return lane.from_ref
    if along >= line.length - AT_AN_END_M:
        return lane.to_ref
    ref = f"on.{lane.ref}.{along:.0f}"
    network.nodes[ref] = (round(at[0], 2), round(at[1], 2))
    split_at(network, {number: [(along, ref)]})
    return ref
