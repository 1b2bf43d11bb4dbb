"""The drawing is a well-formed picture of the plan."""

from __future__ import annotations

from xml.etree import ElementTree

from small_yard import planned, stop, yard

from dispatch.draw import draw

SVG = "{http://www.w3.org/2000/svg}"


def test_a_route_is_drawn_along_the_lanes_and_what_is_left_says_why() -> None:
    problem = yard(stop("a<b"), stop("no", skills=frozenset({"flying"})))
    picture = ElementTree.fromstring(draw(problem, planned(problem)))
    lines = picture.findall(f"{SVG}polyline")
    assert [line.get("points") for line in lines] == ["0.0,0.0 100.0,0.0 100.0,-20.0 100.0,0.0 0.0,0.0"]
    assert {title.text for title in picture.iter(f"{SVG}title")} == {"walker", "a<b", "no: no_skill"}


def test_an_empty_problem_without_a_plan_is_a_picture_too() -> None:
    assert len(ElementTree.fromstring(draw(yard())).findall(f"{SVG}line")) == 4
