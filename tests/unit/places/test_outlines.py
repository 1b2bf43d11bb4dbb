"""Which part of a map is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.places.rules.outline import Locate
from server.core.places.rules.survey import Projection
from server.core.places.rules.surveying import survey
from server.kit.errors import Refused
from tests.factories.osm_yard import LATITUDE, LONGITUDE, OsmYard, small_yard


def two_yards(folder: Path) -> OsmYard:
    """桂园, and a kilometre to the east a house 88 of its own with a lane and a gate."""
    yard = small_yard(folder)
    yard.lane(yard.node(1000, 0, barrier="gate"), (1100, 0), width="4")
    yard.house(1020, 10, number="88", street="远方路")
    return yard


def labels(yard: OsmYard, within: str | None, locate: Locate | None = None) -> list[str]:
    found = survey(yard.read(), within=within, locate=locate)
    return sorted(building.label for building in found.buildings)


def test_without_a_name_all_of_the_map_is_the_compound(tmp_path: Path) -> None:
    assert labels(two_yards(tmp_path), None) == ["1", "2", "88"]


def test_a_name_takes_the_area_of_that_name_only(tmp_path: Path) -> None:
    assert labels(two_yards(tmp_path), "桂园") == ["1", "2"]


def test_a_name_in_another_language_is_known_too(tmp_path: Path) -> None:
    yard = two_yards(tmp_path)
    yard.ways[3][1]["name:en"] = "Laurel Court"
    assert labels(yard, " laurel court ") == ["1", "2"]


def test_an_area_may_be_put_together_from_several_ways(tmp_path: Path) -> None:
    yard = two_yards(tmp_path)
    corners = [yard.node(*at) for at in ((990, -20), (1110, -20), (1110, 40), (990, 40))]
    yard.relation(
        yard.way(*corners[:3]), yard.way(*corners[2:], corners[0]), landuse="residential", name="远园"
    )
    assert labels(yard, "远园") == ["88"]


def test_an_address_in_the_map_takes_what_is_around_it(tmp_path: Path) -> None:
    assert labels(two_yards(tmp_path), "远方路88号") == ["88"]


def test_an_address_outside_of_the_map_is_asked_of_the_geocoder_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def locate(address: str) -> tuple[float, float]:
        asked.append(address)
        return LATITUDE, LONGITUDE

    assert labels(two_yards(tmp_path), "幸福路 5 号", locate=locate) == ["1", "2"]
    assert asked == ["幸福路 5 号"]


def test_an_address_far_from_the_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"places\.within_elsewhere"):
        labels(two_yards(tmp_path), "广州塔", locate=lambda _: (23.1, 113.3))


def test_water_and_greens_are_kept_for_the_drawing_largest_first(tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    yard.area(10, 25, 10, 5, natural="water", name="月牙湖")
    yard.area(5, 22, 40, 15, leisure="garden")
    found = survey(yard.read(), within="桂园").scenery
    assert [(area.kind, area.label) for area in found] == [("green", ""), ("water", "月牙湖")]


@pytest.mark.parametrize("point", [(0.0, 0.0), (350.0, -120.0), (-2000.0, 1800.0)])
def test_metres_and_degrees_agree_within_two_centimetres(point: tuple[float, float]) -> None:
    projection = Projection(31.28, 121.5)
    x, y = projection.to_metres(*projection.to_degrees(point))
    assert (x, y) == pytest.approx(point, abs=0.02)
