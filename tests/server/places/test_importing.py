"""Maps in the database: all or nothing, and again without losing what people said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from click.testing import CliRunner
from sqlalchemy import func, select

from server.core.places import service as places
from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.core.places.module.import_osm import import_osm
from server.core.places.rules.survey import Survey
from server.core.places.rules.surveying import survey
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper
from tests.factories.osm_yard import OsmYard, small_yard

TABLES = (Node, Lane, Building, Entrance, Gate, StandingPoint)


def put(community: CommunityRef, found: Survey) -> dict[str, Any]:
    with transaction() as session:
        return places.import_map(session, SYSTEM, community, found)


def import_yard(community: CommunityRef, yard: OsmYard, within: str | None = None) -> dict[str, Any]:
    return put(community, survey(yard.read(), within=within))


def ids(community: CommunityRef) -> dict[str, set[str]]:
    with reading() as session:
        return {
            table.__tablename__: {
                f"{row.ref} {row.id}"
                for row in session.scalars(select(table).where(table.community_id == community.id))
            }
            for table in TABLES
            if table is not StandingPoint
        }


def standing(community: CommunityRef) -> set[UUID]:
    with reading() as session:
        return {point.id for point in places.network_data(session, community.id).standing_points}


def fire_yard(folder: Path) -> OsmYard:
    yard = small_yard(folder)
    yard.ways[0][1]["emergency"] = "fire_lane"
    return yard


def add_homes(community: CommunityRef, *doors: str) -> None:
    lines = ["building,entrance,floor,door", *(f"1,1,{door[0]},{door}" for door in doors)]
    with transaction() as session:
        places.import_homes(session, SYSTEM, community, "\n".join(lines))


def test_a_map_is_drawn_as_it_was_surveyed(community: CommunityRef, tmp_path: Path) -> None:
    figures = import_yard(community, fire_yard(tmp_path), within="桂园")
    with reading() as session:
        drawn = places.map_data(session, community)
    assert (len(drawn["buildings"]), len(drawn["entrances"]), len(drawn["gates"])) == (2, 2, 1)
    assert drawn["network_version"] == figures["network_version"] == 1
    assert drawn["attribution"] == "© OpenStreetMap contributors"
    assert len(drawn["outline"]) == 5
    assert all(lane["is_fire_lane"] for lane in drawn["lanes"] if lane["kind"] == "service")


def test_carts_may_stand_on_fire_lanes_from_the_start(community: CommunityRef, tmp_path: Path) -> None:
    import_yard(community, fire_yard(tmp_path))
    with reading() as session:
        points = places.network_data(session, community.id).standing_points
    assert points
    assert all(point.is_proposed for point in points)


def test_the_same_map_again_changes_no_id(community: CommunityRef, tmp_path: Path) -> None:
    yard = fire_yard(tmp_path)
    import_yard(community, yard)
    before = ids(community), standing(community)
    figures = import_yard(community, yard)
    assert (ids(community), standing(community)) == before
    assert (figures["removed"], figures["kept"], figures["network_version"]) == (0, 0, 2)


def test_a_closing_stays_when_the_lane_is_cut_otherwise(community: CommunityRef, tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    with transaction() as session:
        for lane in session.scalars(select(Lane).where(Lane.kind == "service")).all():
            places.close_lane(session, SYSTEM, community, lane.id, "管道施工", None)
            places.mark_lane(session, SYSTEM, community, lane.id, width_cm=260)
    # A new side lane cuts the old one in other places than before.
    crossing = yard.node(50, 0)
    yard.ways[0][0].insert(2, crossing)
    yard.lane(crossing, (50, -40), width="3")
    import_yard(community, yard)
    with reading() as session:
        lanes = session.scalars(select(Lane).where(Lane.kind == "service")).all()
    states = {(lane.ref.split(".")[0], lane.state, lane.width_cm) for lane in lanes}
    assert states == {("w1", "closed", 260), (f"w{len(yard.ways)}", "open", 300)}


def test_homes_stay_and_can_be_reached_when_their_house_is_gone_from_the_map(
    community: CommunityRef, tmp_path: Path
) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    add_homes(community, "101", "301")
    del yard.ways[1]
    figures = import_yard(community, yard)
    assert figures["kept"] == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Home)) == 2
        network = places.network_data(session, community.id)
        door = session.scalars(select(Entrance).join(Home, Home.entrance_id == Entrance.id)).first()
    assert door is not None
    assert any(door.node_id in (lane.from_node, lane.to_node) for lane in network.lanes)
    assert {f["code"] for f in figures["findings"]} >= {"entrance_kept"}


def test_homes_are_called_after_their_house_s_new_number(community: CommunityRef, tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    add_homes(community, "301")
    yard.ways[1][1]["addr:housenumber"] = "16"
    import_yard(community, yard)
    with reading() as session:
        assert session.scalar(select(Home.label)) == "16-1-301"


def test_a_map_of_another_place_takes_the_old_one_s_place(community: CommunityRef, tmp_path: Path) -> None:
    import_yard(community, small_yard(tmp_path))
    other = OsmYard(tmp_path)
    other.nodes = [((0.0, 0.0), {})] * 500
    other.lane(other.node(400, 300, barrier="gate", name="新门"), (480, 300), width="5")
    other.house(420, 310, number="9")
    figures = import_yard(community, other)
    assert figures["removed"] > 0
    with reading() as session:
        drawn = places.map_data(session, community)
    assert [b["label"] for b in drawn["buildings"]] == ["9"]
    assert [g["label"] for g in drawn["gates"]] == ["新门"]


def test_what_other_records_refer_to_stays_when_the_map_lacks_it(
    community: CommunityRef, tmp_path: Path
) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    with reading() as session:
        doors = session.scalars(select(Entrance).order_by(Entrance.ref)).all()
    make_helper(community, entrance_id=doors[0].id)
    building = next(n for n, (refs, _) in enumerate(yard.ways) if int(doors[0].ref[1:-5]) in refs)
    del yard.ways[building]
    yard.nodes = [(at, {k: v for k, v in tags.items() if k != "entrance"}) for at, tags in yard.nodes]
    figures = import_yard(community, yard)
    assert figures["kept"] == 1
    with reading() as session:
        assert session.get(Entrance, doors[0].id) is not None
        assert session.get(Entrance, doors[1].id) is None


def test_a_gate_keeps_what_was_set_by_hand(community: CommunityRef, tmp_path: Path) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    with transaction() as session:
        gate = places.goods_gate(session, community.id)
        places.change_gate(session, SYSTEM, community, gate.id, label="快递门", hours=[(360, 1320)])
    import_yard(community, yard)
    with reading() as session:
        gate = places.goods_gate(session, community.id)
    assert (gate.label, gate.hours) == ("快递门", [[360, 1320]])


def test_two_communities_may_have_the_same_map(
    community: CommunityRef, other_community: CommunityRef, tmp_path: Path
) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    before = ids(community)
    import_yard(other_community, yard)
    assert ids(community) == before


@pytest.fixture
def run(app: APIFlask) -> Callable[..., tuple[int, str]]:
    """Return a function that runs `linli import-osm` and returns exit status and what it printed."""

    def invoke(*arguments: str) -> tuple[int, str]:
        with app.app_context():
            result = CliRunner().invoke(import_osm, list(arguments))
        return result.exit_code, result.output

    return invoke


def test_the_command_makes_the_community_and_says_what_it_found(
    run: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = str(fire_yard(tmp_path).write())
    status, printed = run(path, "--community", "guiyuan", "--within", "桂园", "--json")
    assert status == 0
    figures = json.loads(printed)
    assert (figures["is_new"], figures["buildings"], figures["gates"]) == (True, 2, 1)
    status, printed = run(path, "--community", "guiyuan")
    assert status == 0
    assert "2 buildings" in printed


@pytest.mark.parametrize("json_wanted", [True, False])
def test_the_command_refuses_a_bad_map_and_leaves_nothing(
    run: Callable[..., tuple[int, str]], tmp_path: Path, json_wanted: bool
) -> None:
    path = tmp_path / "cut.osm"
    path.write_text("<osm><node id='1'")
    status, printed = run(str(path), "--community", "guiyuan", *(["--json"] if json_wanted else []))
    assert status == 2
    assert "places.bad_map" in printed
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Network)) == 0


def test_fire_lanes_are_taken_for_granted_only_when_asked(
    run: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = str(small_yard(tmp_path).write())
    status, printed = run(path, "--community", "guiyuan", "--json")
    assert (status, json.loads(printed)["fire_lane_km"]) == (0, 0)
    status, printed = run(path, "--community", "guiyuan", "--mark-fire-lanes", "--json")
    assert json.loads(printed)["fire_lane_km"] == pytest.approx(0.13)
    # On somebody's word, so the next map does not take it back.
    run(path, "--community", "guiyuan")
    with reading() as session:
        assert session.scalars(select(StandingPoint)).first() is not None


def test_an_address_is_looked_up_among_the_community_s_own_places(
    run: Callable[..., tuple[int, str]], community: CommunityRef, tmp_path: Path
) -> None:
    yard = small_yard(tmp_path)
    import_yard(community, yard)
    status, printed = run(str(yard.write()), "--community", community.slug, "--within", "2-1", "--json")
    assert (status, json.loads(printed)["buildings"]) == (0, 2)
