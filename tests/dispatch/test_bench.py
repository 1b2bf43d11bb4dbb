"""Public instances are read as what they are, and whoever plans them is judged by the checker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch import BadProblem, Limits, check, solve
from dispatch.__main__ import main
from dispatch.bench.compound import compound, with_all_rules
from dispatch.bench.compounds import plan_by
from dispatch.bench.ground import extract
from dispatch.bench.instances import read_instance
from dispatch.bench.peers import available
from dispatch.bench.public import OURS, run
from dispatch.bench.report import sourcing_table
from dispatch.bench.sourced import measure

# Made for these tests: a depot and three customers on a line, ten apart.
SOLOMON = """line

VEHICLE
NUMBER     CAPACITY
   2         10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME
    0       0        0         0        0         1000         0
    1      10        0         4        0          900        10
    2      20        0         4        0          900        10
    3      30        0         4      100          900        10
"""
LI_LIM = (
    "2\t10\t1\n0\t0\t0\t0\t0\t1000\t0\t0\t0\n1\t10\t0\t4\t0\t900\t10\t0\t2\n2\t20\t0\t-4\t0\t900\t10\t1\t0\n"
)
X = """NAME : line
DIMENSION : 3
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 10 0
3 20 1
DEMAND_SECTION
1 0
2 4
3 4
DEPOT_SECTION
1
-1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.txt").write_text(SOLOMON)
    (tmp_path / "line.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 100.0\n")
    (tmp_path / "pair.txt").write_text(LI_LIM)
    (tmp_path / "x.vrp").write_text(X)
    return tmp_path


def test_solomon_is_read_in_tenths_and_compared_with_the_solution_beside_it(folder: Path) -> None:
    instance = read_instance(folder / "line.txt")
    assert (instance.family, instance.scale, instance.best_known) == ("solomon", 10, 100.0)
    result = run(instance, OURS, 0.2)
    # Two may ride together: 20 there and back, and 60.
    assert (result.cost, result.gap, result.routes, result.violations) == (80.0, -20.0, 2, 0)


def test_pickups_of_li_and_lim_come_before_their_drops(folder: Path) -> None:
    instance = read_instance(folder / "pair.txt")
    assert instance.family == "lilim"
    assert {stop.id: stop.goods_from for stop in instance.problem.stops} == {"1": None, "2": "1"}
    assert run(instance, OURS, 0.2).cost == 40.0


def test_x_has_rounded_distances_and_vehicles_enough(folder: Path) -> None:
    instance = read_instance(folder / "x.vrp")
    assert instance.family == "x"
    assert run(instance, OURS, 0.2).cost == 40.0


def test_what_is_no_instance_is_said(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("roses are red")
    with pytest.raises(BadProblem, match="no instance"):
        read_instance(tmp_path / "poem.txt")


def test_the_command_prints_a_line_of_json_for_each_solver(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["bench", "--instance", str(folder / "line.txt"), "--limit", "0.2", "--json", "--solver"]
    assert main([*asked, OURS, "ortools"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["solver"] for row in rows] == [OURS, "ortools"]
    assert all(row["violations"] == 0 and row["gap"] is not None for row in rows)


@pytest.mark.parametrize("solver", [OURS, "ortools", "pyvrp", "vroom"])
def test_everybody_plans_a_compound_with_all_rules_without_a_violation(solver: str) -> None:
    if solver not in (OURS, *available()):
        pytest.skip(f"{solver} is not installed: the extra `bench` brings it")
    problem = with_all_rules(compound(30))
    plan, _ = plan_by(problem, solver, 0.5, 1)
    assert check(problem, plan) == []


MAP = """<osm version="0.6">
 <node id="1" lat="31.0" lon="121.0"/><node id="2" lat="31.001" lon="121.0"/><node id="3" lat="31.001" lon="121.001"/>
 <node id="4" lat="31.5" lon="121.5"/><node id="5" lat="31.5" lon="121.501"/>
 <node id="6" lat="31.0011" lon="121.001"/><node id="7" lat="31.0012" lon="121.0012"/>
 <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="service"/></way>
 <way id="2"><nd ref="4"/><nd ref="5"/><tag k="highway" v="footway"/></way>
 <way id="3"><nd ref="6"/><nd ref="7"/><nd ref="6"/><tag k="building" v="yes"/></way>
</osm>
"""


def test_a_map_becomes_its_largest_network_with_doors_and_a_gate(tmp_path: Path) -> None:
    (tmp_path / "map.osm").write_text(MAP)
    ground = extract(tmp_path / "map.osm")
    assert ({node.id for node in ground.nodes}, ground.doors, ground.gate) == (
        {"o1", "o2", "o3"},
        ("o3",),
        "o1",
    )
    assert 110 < ground.lanes[0].length_m < 112
    assert all(lane.is_fire_lane for lane in ground.lanes)
    problem = with_all_rules(compound(20, ground=ground))
    assert check(problem, solve(problem, Limits(rounds=50))) == []


def test_a_file_that_is_no_map_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.osm").write_text("<osm version='0.6'></osm>")
    with pytest.raises(BadProblem, match="no ways"):
        extract(tmp_path / "map.osm")


def test_sourcing_is_measured_beside_the_rule_of_thumb_and_checked() -> None:
    found = measure([1], ((10, 2, 0.2),))
    assert [(one.solver, one.baskets, one.violations) for one in found] == [
        ("linli", 10, 0),
        ("fullest shop", 10, 0),
    ]
    assert found[0].cost <= found[1].cost
    assert len(sourcing_table(found)) == 2 + 2 + 3
