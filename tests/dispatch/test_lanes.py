"""Shortest times over lanes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_yard import CART, WALK, walker, with_lane, yard

from dispatch.lanes import UNREACHABLE, LaneNetwork, UnknownNode
from dispatch.problem import Lane, Node, Problem, Profile


def one_lane(**values: object) -> Problem:
    lane = {"id": "l", "from_node": "a", "to_node": "b", "length_m": 100, "width_cm": 300, **values}
    return Problem((Node("a", 0, 0), Node("b", 1, 0)), (Lane(**lane),), (WALK,), (), (), 3600)  # type: ignore[arg-type]  # the test names fields


def test_times_are_of_shape_n_by_n_with_a_zero_diagonal() -> None:
    times = LaneNetwork(yard()).lane_times(WALK, ["gate", "mid", "door2"])
    assert times.tolist() == [[0, 100, 220], [100, 0, 120], [220, 120, 0]]
    assert times.dtype == np.int32


def test_a_part_of_a_second_counts_as_a_whole_one() -> None:
    assert LaneNetwork(one_lane(length_m=100.2)).lane_times(WALK, ["a", "b"])[0, 1] == 101


def test_no_nodes_give_an_empty_table() -> None:
    assert LaneNetwork(yard()).lane_times(WALK, []).shape == (0, 0)


def test_a_node_asked_for_twice_is_no_way_from_itself() -> None:
    assert LaneNetwork(yard()).lane_times(WALK, ["mid", "mid"]).tolist() == [[0, 0], [0, 0]]


def test_a_closed_lane_leads_nowhere() -> None:
    times = LaneNetwork(one_lane(is_open=False)).lane_times(WALK, ["a", "b"])
    assert times[0, 1] == UNREACHABLE


def test_a_one_way_lane_leads_one_way() -> None:
    rider = Profile("walk", 1.0, obeys_oneway=True)
    times = LaneNetwork(one_lane(is_oneway=True)).lane_times(rider, ["a", "b"])
    assert times[0, 1] == 100
    assert times[1, 0] == UNREACHABLE


def test_steps_cost_half_a_second_each() -> None:
    assert LaneNetwork(one_lane(steps=7)).lane_times(WALK, ["a", "b"])[0, 1] == 104


def test_of_two_lanes_between_the_same_nodes_the_shorter_counts() -> None:
    problem = yard()
    twice = Problem(
        problem.nodes,
        (*problem.lanes, Lane("short", "mid", "gate", 60, 100)),
        problem.profiles,
        (walker(),),
        (),
        3600,
    )
    assert LaneNetwork(twice).lane_times(WALK, ["gate", "mid"])[0, 1] == 60


def test_a_lane_of_no_length_still_connects() -> None:
    assert LaneNetwork(one_lane(length_m=0)).lane_times(WALK, ["a", "b"])[0, 1] == 1


def test_the_path_names_the_nodes_on_the_way() -> None:
    network = LaneNetwork(yard())
    assert network.path(WALK, "gate", "door2") == ["gate", "mid", "far", "door2"]
    assert network.path(WALK, "mid", "mid") == ["mid"]


def test_there_is_no_path_where_the_cart_may_not_go() -> None:
    assert LaneNetwork(yard()).path(CART, "gate", "door1") == []
    assert LaneNetwork(with_lane(yard(), "gate-mid", is_open=False)).path(WALK, "gate", "mid") == []


def test_a_node_off_the_network_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownNode, match="moon"):
        LaneNetwork(yard()).lane_times(WALK, ["gate", "moon"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 900)), max_size=20))
def test_times_obey_the_triangle_and_paths_add_up_to_them(edges: list[tuple[int, int, int]]) -> None:
    nodes = tuple(Node(str(n), n, 0) for n in range(8))
    lanes = tuple(Lane(str(i), str(a), str(b), length, 100) for i, (a, b, length) in enumerate(edges))
    network = LaneNetwork(Problem(nodes, lanes, (WALK,), (), (), 3600))
    names = [node.id for node in nodes]
    times = network.lane_times(WALK, names).astype(np.int64)
    for middle in range(8):
        # Each of the two parts may have been rounded up; the whole never exceeds their sum.
        assert (times <= times[:, [middle]] + times[[middle], :]).all()
    for end in range(1, 8):
        path = network.path(WALK, "0", names[end])
        assert bool(path) == (times[0, end] < UNREACHABLE)
        walked_s = sum(times[int(a), int(b)] for a, b in pairwise(path))
        if path:
            assert times[0, end] <= walked_s <= times[0, end] + len(path)
