"""The demo: made through the services, once, with something on every page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from apiflask import APIFlask

from seeds.demo import seed_demo
from seeds.hierarchy import PackageMissing, seed_city_once, seed_demo_branch, seed_hierarchy
from seeds.names import ACCOUNTS
from server.core.communities import service as communities
from server.core.deliveries import service as deliveries
from server.core.flags import service as flags
from server.core.people import service as people
from server.core.places import service as places
from server.kit.clock import SettableClock
from server.kit.db import reading
from server.kit.errors import Refused
from server.kit.tenancy import CommunityRef
from tests.server.conftest import Api

LONGEST_S = 20


def the_demo() -> CommunityRef:
    with reading() as session:
        found = communities.find(session, "wutong")
    assert found is not None
    return found


@pytest.fixture
def as_account(app: APIFlask) -> Callable[[str], Api]:
    def sign_in(key: str) -> Api:
        api = Api(app.test_client())
        assert api.post("/api/auth/demo", {"key": key}).status_code == 200
        api.csrf = api.get("/api/session").get_json()["csrf_token"]
        return api

    return sign_in


def test_the_demo_is_made_in_seconds_and_only_once(app: APIFlask, clock: SettableClock) -> None:
    began = time.monotonic()
    made = seed_demo(app)
    assert time.monotonic() - began < LONGEST_S
    assert made["homes"] > 50
    assert seed_demo(app) == {"shifts": 0}
    with reading() as session:
        assert len(people.demo_people(session)) == len(ACCOUNTS)


def test_the_next_day_the_demo_helpers_are_on_shift_again(app: APIFlask, clock: SettableClock) -> None:
    made = seed_demo(app)
    clock.advance(days=1)
    assert seed_demo(app) == {"shifts": made["helpers"]}


def test_every_demo_account_has_something_to_do(app: APIFlask, as_account: Callable[[str], Api]) -> None:
    seed_demo(app)
    url = "/api/c/wutong"
    mine = as_account("resident").get(f"{url}/needs", query_string={"mine": "true"}).get_json()["items"]
    assert {need["state"] for need in mine} >= {"dropped", "sourcing"}
    elder = as_account("elder")
    assert elder.get("/api/session").get_json()["person"]["wants_elder_mode"] is True
    assert elder.get(f"{url}/needs", query_string={"mine": "true"}).get_json()["items"]
    offers = as_account("volunteer").get(f"{url}/needs/offers").get_json()["items"]
    assert any(offer["state"] == "offered" for offer in offers)
    merchant = as_account("merchant")
    orders = merchant.get(f"{url}/market/orders").get_json()["items"]
    assert {"placed", "handed_over"} <= {order["state"] for order in orders}
    assert merchant.get(f"{url}/market/stock").get_json()["items"]
    assert as_account("officer").get(f"{url}/needs/unmatched").get_json()["items"]
    assert as_account("clinic").get(f"{url}/flags").get_json()["items"]
    assert as_account("grid_worker").get(f"{url}/needs").get_json()["items"]
    assert as_account("district").get("/api/session").get_json()["communities"][0]["roles"] == ["officer"]


def test_a_dispatcher_that_is_down_costs_the_demo_its_routes_and_nothing_else(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["linli"].jobs, "run_pending", lambda: 0)
    seed_demo(app)
    community = the_demo()
    with reading() as session:
        assert {wave.state for wave in deliveries.latest_waves(session, community.id)} == {"cancelled"}
        assert len(deliveries.on_shelf(session, community.id)) >= 9


def test_one_courier_is_out_one_waits_to_load_and_more_lies_at_the_gate(app: APIFlask) -> None:
    seed_demo(app)
    community = the_demo()
    with reading() as session:
        waves = deliveries.latest_waves(session, community.id)
        assert [wave.state for wave in waves] == ["released", "released"]
        assert all(wave.figures["violations"] == 0 for wave in waves)
        assert len(deliveries.on_shelf(session, community.id)) >= 2
        assert deliveries.expected(session, community.id)
        demo_courier = next(p for p in people.demo_people(session) if p.key == "courier")
        assert demo_courier.role == "courier"
        carts = deliveries.carts(session, community.id)
        assert sorted(cart["state"] for cart in carts) == ["released", "under_way"]


def test_the_demo_has_five_levels_homes_in_grids_and_red_homes(app: APIFlask) -> None:
    seed_demo(app)
    community = the_demo()
    with reading() as session:
        homes = places.homes_page(session, community.id, limit=5000)
        assert len(homes) > 1000
        assert all(home.grid_area_id is not None for home in homes)
        assert community.area_path.count("/") == 3
        assert len(flags.red_homes(session, community.id)) == 3
        # The goods' gate is one that a trike can reach, not the wicket.
        assert places.goods_gate(session, community.id).label == "南门"


@pytest.fixture
def small_city(tmp_path: Path) -> Path:
    """The package's tables with one district of Shanghai, and one of elsewhere."""
    (tmp_path / "areas.csv").write_text(
        'code,name,cityCode,provinceCode\n110101,"东城区",1101,11\n310110,"杨浦区",3101,31\n',
        encoding="utf-8",
    )
    (tmp_path / "streets.csv").write_text(
        'code,name,areaCode,provinceCode,cityCode\n310110009,"四平路街道",310110,31,3101\n', encoding="utf-8"
    )
    (tmp_path / "villages.csv").write_text(
        "code,name,streetCode,provinceCode,cityCode,areaCode\n"
        '310110009012,"同济新村居委会",310110009,31,3101,310110\n'
        '310110009025,"同济绿园居委会",310110009,31,3101,310110\n',
        encoding="utf-8",
    )
    return tmp_path


def test_the_city_grows_around_the_demos_own_branch(app: APIFlask, small_city: Path) -> None:
    assert seed_demo_branch() == 3
    assert seed_hierarchy(small_city) == 1
    assert seed_hierarchy(small_city) == 0
    with reading() as session:
        (district,) = communities.areas_below(session, None)
        (street,) = communities.areas_below(session, district.id)
        names = [area.name for area in communities.areas_below(session, street.id)]
    assert names == ["同济新村居委会", "同济绿园居委会"]


def test_a_demo_brings_its_city_where_the_package_is_there(
    app: APIFlask, small_city: Path, tmp_path: Path
) -> None:
    seed_demo_branch()
    assert seed_city_once(tmp_path / "nowhere") == 0
    assert seed_city_once(small_city) == 1


def test_a_missing_package_is_named(app: APIFlask, tmp_path: Path) -> None:
    with pytest.raises(PackageMissing, match="make install"):
        seed_hierarchy(tmp_path)


def test_a_table_with_an_orphan_adds_nothing(app: APIFlask, small_city: Path) -> None:
    (small_city / "streets.csv").write_text(
        'code,name,areaCode,provinceCode,cityCode\n999,"无主街道",998,31,3101\n', encoding="utf-8"
    )
    with pytest.raises(Refused, match="bad_parent"):
        seed_hierarchy(small_city)
    with reading() as session:
        assert communities.areas_below(session, None) == []
