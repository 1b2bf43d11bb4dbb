"""What can and cannot be read."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest

from server.core.places.rules.osm import read_osm
from server.core.places.rules.surveying import survey
from server.kit.errors import Refused
from tests.factories.osm_yard import OsmYard, small_yard


def refusal(path: Path, within: str | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        survey(read_osm(path), within=within)
    return caught.value


def test_a_small_compound_is_read_with_its_gate_houses_and_doors(tmp_path: Path) -> None:
    found = survey(small_yard(tmp_path).read())
    assert [building.label for building in found.buildings] == ["1", "2"]
    assert [(e.label, e.is_assumed) for e in found.entrances] == [("1", False), ("1", False)]
    assert [(gate.label, gate.takes_goods) for gate in found.gates] == [("南门", True)]
    assert found.components == 1
    assert found.findings.to_json() == []


def test_the_same_compound_is_read_from_a_pbf(tmp_path: Path) -> None:
    source = small_yard(tmp_path).write()
    target = tmp_path / "map.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        for entity in osmium.FileProcessor(str(source)):
            writer.add(entity)
    assert survey(read_osm(target)).lanes == survey(read_osm(source)).lanes


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.osm").code == "places.no_such_file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.osm", b"<osm version='0.6'><node id='1' lat='31' lon"),
        ("web.osm", b"<html><body>Too many requests</body></html>"),
        ("photo.osm", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("noise.osm.pbf", b"\x00\x00\x00\x0dnot a protocol buffer"),
        ("map.txt", b"hello"),
        ("far.osm", b"<osm version='0.6'><node id='1' lat='x' lon='121'/></osm>"),
    ],
)
def test_what_is_no_map_is_refused_with_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    problem = refusal(path)
    assert problem.code in ("places.bad_map", "places.empty_map")
    assert problem.facts["file"] == name


@pytest.mark.parametrize(
    "content", ["<osm version='0.6'></osm>", "<osm version='0.6'><node id='1' lat='31' lon='121'/></osm>"]
)
def test_an_empty_map_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "empty.osm"
    path.write_text(content)
    assert refusal(path).code == "places.empty_map"


def test_a_map_without_houses_is_refused(tmp_path: Path) -> None:
    yard = OsmYard(tmp_path)
    yard.lane((0, 0), (50, 0))
    assert refusal(yard.write()).code == "places.no_buildings"


def test_a_map_without_lanes_is_refused(tmp_path: Path) -> None:
    yard = OsmYard(tmp_path)
    yard.house(0, 0)
    assert refusal(yard.write()).code == "places.no_lanes"


def test_lanes_without_a_gate_are_refused(tmp_path: Path) -> None:
    yard = OsmYard(tmp_path)
    yard.lane((0, 0), (50, 0))
    yard.house(10, 10)
    assert refusal(yard.write()).code == "places.no_gate"


def test_a_wrong_name_is_refused_with_the_names_that_are_there(tmp_path: Path) -> None:
    problem = refusal(small_yard(tmp_path).write(), within="梧桐园")
    assert problem.code == "places.within_not_found"
    assert problem.facts["known"] == ["桂园"]
