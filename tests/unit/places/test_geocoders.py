"""The geocoder port: one contract that every adapter passes, the outside replaced by answers on file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from geopy.exc import GeocoderTimedOut
from geopy.location import Location

from server.kit.datums import wgs84_to_bd09, wgs84_to_gcj02
from server.kit.errors import OutsideFailed
from server.kit.ports.geocoder import (
    ByGeopy,
    ByHttp,
    Geocoder,
    KnownPlaces,
    make_geocoder,
    metres_between,
    read_chinese_answer,
)
from server.kit.settings import UnsafeSettings, load_settings

KNOWN, WHERE = "中山东一路1号", (31.2353, 121.4907)


@dataclass(frozen=True)
class GeopyDouble:
    """Stands in for a geocoder of geopy, which would ask the network."""

    at: tuple[float, float]

    def geocode(self, address: str, timeout: int) -> Location | None:
        return Location(address, (*self.at, 0.0), {}) if address == KNOWN else None


def amap(address: str) -> dict[str, Any]:
    latitude, longitude = wgs84_to_gcj02(WHERE)
    found = [{"location": f"{longitude:.6f},{latitude:.6f}"}] if address == KNOWN else []
    return {"status": "1", "geocodes": found}


def tencent(address: str) -> dict[str, Any]:
    latitude, longitude = wgs84_to_gcj02(WHERE)
    if address != KNOWN:
        return {"status": 347, "message": "查询无结果"}
    return {"status": 0, "result": {"location": {"lat": latitude, "lng": longitude}}}


@dataclass(frozen=True)
class Read:
    """Reads one provider's answers as ByHttp does."""

    answer: Callable[[str], dict[str, Any]]

    def locate(self, address: str) -> tuple[float, float] | None:
        return read_chinese_answer(self.answer(address))


ADAPTERS: dict[str, Geocoder] = {
    "own places": KnownPlaces({KNOWN: WHERE}),
    "nominatim": ByGeopy(GeopyDouble(WHERE)),
    "baidu": ByGeopy(GeopyDouble(wgs84_to_bd09(WHERE)), datum="bd09"),
    "amap": Read(amap),
    "tencent": Read(tencent),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_known_address_is_found_in_the_world_s_coordinates(name: str) -> None:
    found = ADAPTERS[name].locate(KNOWN)
    assert found is not None
    assert metres_between(found, WHERE) < 0.5


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_unknown_address_is_none(name: str) -> None:
    assert ADAPTERS[name].locate("没有的路 1 号") is None


def test_a_geocoder_that_does_not_answer_has_its_own_error() -> None:
    class Away:
        def geocode(self, address: str, timeout: int) -> None:
            raise GeocoderTimedOut(address)

    with pytest.raises(OutsideFailed, match="GeocoderTimedOut"):
        ByGeopy(Away()).locate(KNOWN)


def test_a_provider_that_refuses_the_key_is_an_error_and_not_an_unknown_address() -> None:
    refused = {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}
    with pytest.raises(OutsideFailed, match="INVALID_USER_KEY"):
        read_chinese_answer(refused)
    with pytest.raises(OutsideFailed, match="key错误"):
        read_chinese_answer({"status": 311, "message": "key错误"})


@pytest.mark.parametrize(
    "answer", [{"geocodes": [{"location": []}], "status": "1"}, [], "busy", {"result": 5, "status": 0}]
)
def test_an_answer_that_makes_no_sense_is_the_provider_s_failure(answer: Any) -> None:
    with pytest.raises(OutsideFailed):
        read_chinese_answer(answer)


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("places", KnownPlaces),
        ("nominatim:nominatim.example.org", ByGeopy),
        ("baidu:key", ByGeopy),
        ("amap:key", ByHttp),
        ("tencent:key", ByHttp),
    ],
)
def test_the_setting_names_the_adapter(tmp_path: Path, setting: str, kind: type) -> None:
    settings = replace(load_settings({"LINLI_HOME": str(tmp_path)}), geocoder=setting)
    assert isinstance(make_geocoder(settings), kind)


@pytest.mark.parametrize("setting", ["google:key", "amap", ""])
def test_an_unknown_geocoder_is_named_at_the_start(tmp_path: Path, setting: str) -> None:
    settings = replace(load_settings({"LINLI_HOME": str(tmp_path)}), geocoder=setting)
    with pytest.raises(UnsafeSettings, match="LINLI_GEOCODER"):
        make_geocoder(settings)


def test_the_key_is_never_shown() -> None:
    assert "secret" not in repr(ByHttp("https://example.org", "secret"))
