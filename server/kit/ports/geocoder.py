"""The geocoder port: an address goes in, a place in WGS84 comes out, or None.

By default only a community's own imported places are known, and nothing leaves the machine. LINLI_GEOCODER names
another: "nominatim:DOMAIN", "baidu:KEY", "amap:KEY", "tencent:KEY".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests
from geopy.distance import geodesic
from geopy.exc import GeopyError
from geopy.geocoders import BaiduV3, Nominatim

from server.kit.datums import Degrees, bd09_to_wgs84, gcj02_to_wgs84
from server.kit.errors import OutsideFailed
from server.kit.settings import Settings, UnsafeSettings

TIMEOUT_S = 10
TENCENT_UNKNOWN = 347


class Geocoder(Protocol):
    """Finds an address. Returns (latitude, longitude) in WGS84, None if unknown; raises OutsideFailed."""

    def locate(self, address: str) -> Degrees | None: ...


@dataclass
class KnownPlaces:
    """Knows the places it was given, by name; the embedded default (a map's own places) and the tests' fake."""

    places: Mapping[str, Degrees] = field(default_factory=dict)

    def locate(self, address: str) -> Degrees | None:
        return self.places.get(address.strip())


@dataclass(frozen=True)
class ByGeopy:
    """Any geocoder of geopy. ``datum``: how its answers are to be read."""

    geocoder: Any
    datum: str = "wgs84"

    def locate(self, address: str) -> Degrees | None:
        try:
            found = self.geocoder.geocode(address, timeout=TIMEOUT_S)
        except GeopyError as error:
            raise OutsideFailed(f"geocoder: {type(error).__name__}") from error
        return _to_wgs84((found.latitude, found.longitude), self.datum) if found else None


@dataclass(frozen=True)
class ByHttp:
    """AMap and Tencent, which geopy lacks: one GET with the address and the key; both answer in GCJ-02."""

    url: str
    key: str = field(repr=False)

    def locate(self, address: str) -> Degrees | None:
        try:
            answer = requests.get(self.url, params={"address": address, "key": self.key}, timeout=TIMEOUT_S)
            answer.raise_for_status()
            return read_chinese_answer(answer.json())
        except (requests.RequestException, ValueError) as error:
            raise OutsideFailed(f"geocoder: {type(error).__name__}") from error


def read_chinese_answer(answer: Any) -> Degrees | None:
    """Read AMap's {"status": "1", "geocodes": [{"location": "lon,lat"}]} or Tencent's {"status": 0, "result":
    {"location": {lat, lng}}}.

    An unknown address is None: no geocodes, or Tencent's status 347. Raises OutsideFailed for any other refusal, such
    as a wrong key, and for an answer of another shape.
    """
    try:
        if "geocodes" in answer and str(answer.get("status")) == "1":
            if not answer["geocodes"]:
                return None
            longitude, latitude = answer["geocodes"][0]["location"].split(",")
            return gcj02_to_wgs84((float(latitude), float(longitude)))
        if answer["status"] == TENCENT_UNKNOWN:
            return None
        if answer["status"] == 0:
            location = answer["result"]["location"]
            return gcj02_to_wgs84((float(location["lat"]), float(location["lng"])))
        raise OutsideFailed(f"geocoder: {answer.get('info') or answer.get('message')}")
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise OutsideFailed(f"geocoder: unreadable answer ({type(error).__name__})") from error


def metres_between(one: Degrees, other: Degrees) -> float:
    """Return the geodesic distance off the lanes in metres (WGS84 ellipsoid; Karney 2013)."""
    return float(geodesic(one, other).meters)


def make_geocoder(settings: Settings) -> Geocoder:
    """Return the adapter that LINLI_GEOCODER names."""
    name, _, key = settings.geocoder.partition(":")
    if name == "places":
        return KnownPlaces()
    if name == "nominatim" and key:
        return ByGeopy(Nominatim(user_agent="linli", domain=key))
    if name == "baidu" and key:
        return ByGeopy(BaiduV3(api_key=key), datum="bd09")
    if name == "amap" and key:
        return ByHttp("https://restapi.amap.com/v3/geocode/geo", key)
    if name == "tencent" and key:
        return ByHttp("https://apis.map.qq.com/ws/geocoder/v1/", key)
    raise UnsafeSettings(
        f"LINLI_GEOCODER={name}: use places, nominatim:DOMAIN, baidu:KEY, amap:KEY or tencent:KEY"
    )


def _to_wgs84(at: Degrees, datum: str) -> Degrees:
    return {"bd09": bd09_to_wgs84, "gcj02": gcj02_to_wgs84}.get(datum, lambda same: same)(at)
