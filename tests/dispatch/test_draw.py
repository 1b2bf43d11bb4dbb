"""The drawing is a well-formed picture of the plan, and says everything without its colours."""

from __future__ import annotations

from xml.etree import ElementTree

from small_yard import cart, planned, stop, walker, with_lane, yard

from dispatch import Plan, Problem
from dispatch.draw import draw
from dispatch.problem import Break, Matrix, Shelf

SVG = "{http://www.w3.org/2000/svg}"


def pictured(problem: Problem, plan: Plan | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(draw(problem, plan))


def told(picture: ElementTree.Element) -> set[str]:
    """Return what a pointer is told anywhere."""
    return {title.text or "" for title in picture.iter(f"{SVG}title")}


def written(picture: ElementTree.Element) -> list[str]:
    return [words.text or "" for words in picture.iter(f"{SVG}text")]


def test_a_route_is_drawn_along_the_lanes_and_what_is_left_says_why() -> None:
    problem = yard(stop("a<b"), stop("no", skills=frozenset({"flying"})))
    picture = pictured(problem, planned(problem))
    lines = picture.findall(f"{SVG}polyline")
    gate, mid, door = "40.0,125.6", "468.0,125.6", "468.0,40.0"
    assert [line.get("points") for line in lines] == [f"{gate} {mid} {door} {mid} {gate}"]
    assert {"A walker", "a<b", "no: no_skill"} <= told(picture)
    assert "A1" in written(picture)


def test_a_second_trip_is_drawn_from_the_start_again() -> None:
    problem = yard(stop("a"), stop("b"), vehicles=(walker(parcels=1, trips=2),))
    (line,) = pictured(problem, planned(problem)).findall(f"{SVG}polyline")
    assert (line.get("points") or "").count("40.0,125.6") == 3


def test_where_travel_times_are_by_matrix_the_way_is_straight() -> None:
    nodes = tuple(node.id for node in yard().nodes)
    matrix = Matrix("walk", nodes, tuple(tuple(0 if a == b else 60 for b in nodes) for a in nodes))
    problem = yard(stop(), matrices=(matrix,))
    (line,) = pictured(problem, planned(problem)).findall(f"{SVG}polyline")
    assert line.get("points") == "40.0,125.6 468.0,40.0 40.0,125.6"


def test_the_timeline_says_when_a_courier_is_at_doors_waits_and_rests() -> None:
    rests = (Break(300, 700, 300),)
    problem = yard(stop("a"), stop("b", windows=((1500, 1800),)), vehicles=(walker(breaks=rests),))
    assert {
        "on the way, 0:00 to 0:28",
        "1. a, 0:02 to 0:03",
        "break, 0:05 to 0:10",
        "waits, 0:10 to 0:25",
        "2. b, 0:25 to 0:26",
    } <= told(pictured(problem, planned(problem)))


def test_a_shelf_stands_at_its_entrance_and_has_a_row_with_its_calls() -> None:
    problem = yard(stop("a", shelf="S"), shelves=(Shelf("S", 5),))
    picture = pictured(problem, planned(problem))
    assert {"shelf S: 5 parcels", "called: a, 0:10 to 0:20"} <= told(picture)
    assert "shelf S" in written(picture)


def test_fire_lanes_and_closed_lanes_differ_in_shape() -> None:
    problem = with_lane(with_lane(yard(), "path1", is_open=False), "path2", width_cm=120)
    picture = pictured(problem)
    assert {"gate-mid: fire lane", "path1: closed", "path2"} <= told(picture)
    dashed = [line for line in picture.findall(f"{SVG}line") if line.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_two_couriers_at_one_stop_are_both_named_and_a_red_home_is_square() -> None:
    vehicles = (walker(), walker("other"))
    problem = yard(stop("two", people=2), stop("red", "door2", is_red=True), vehicles=vehicles)
    picture = pictured(problem, planned(problem))
    assert {"A1", "B1"} <= set(written(picture))
    squares = [path for path in picture.findall(f"{SVG}path") if "h14v14" in path.get("d", "")]
    assert [square[0].text for square in squares] == ["red"]


def test_no_name_breaks_the_document() -> None:
    name = "\x00<script>\"'&\ud800"
    problem = yard(stop(name), vehicles=(walker(name),))
    assert "?<script>\"'&?" in told(pictured(problem, planned(problem)))


def test_the_same_plan_is_drawn_the_same() -> None:
    problem = yard(
        stop("a"), stop("b", "door2", shelf="S"), vehicles=(walker(), cart()), shelves=(Shelf("S", 5),)
    )
    plan = planned(problem)
    again = Plan.from_json(plan.to_json())
    assert draw(Problem.from_json(problem.to_json()), again) == draw(problem, plan)


def test_an_empty_problem_without_a_plan_is_a_picture_too() -> None:
    assert "fire lane" in written(pictured(yard()))
