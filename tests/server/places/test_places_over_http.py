"""The map, lanes, gates and homes over HTTP."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.core.places import service as places
from server.core.places.events import LaneChanged
from server.core.places.module import lane_changed
from server.core.places.rules.surveying import survey
from server.kit.clock import SettableClock
from server.kit.db import transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.osm_yard import small_yard

BASE = "/api/c/wutong/places"
HOMES = "building,entrance,floor,door\n1,1,1,101\n1,1,3,301\n2,1,3,301\n"


@pytest.fixture
def yard(community: CommunityRef, tmp_path: Path) -> CommunityRef:
    """The community with the small compound: one street in pieces, two houses."""
    drawing = small_yard(tmp_path)
    with transaction() as session:
        places.import_map(session, SYSTEM, community, survey(drawing.read()))
    return community


def drawn(api: Any) -> dict[str, Any]:
    answer = api.get(f"{BASE}/map")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def street(api: Any) -> list[dict[str, Any]]:
    return [lane for lane in drawn(api)["lanes"] if lane["kind"] == "service"]


def test_before_any_map_the_page_says_what_to_do(sign_in: Callable[..., Any]) -> None:
    answer = sign_in("officer").get(f"{BASE}/map")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "places.no_map_yet")
    assert "import-osm" in answer.get_json()["title"]


def test_a_resident_sees_the_map_and_a_visitor_does_not(
    yard: CommunityRef, sign_in: Callable[..., Any], visitor: Any
) -> None:
    found = drawn(sign_in("resident"))
    assert found["bounds"]["min_x_m"] < found["bounds"]["max_x_m"]
    assert len(found["buildings"]) == 2
    assert visitor.get(f"{BASE}/map").status_code == 401


def test_a_map_that_has_not_changed_is_not_sent_again(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    guard = sign_in("guard")
    url = f"{BASE}/map"
    first = guard.client.get(url, headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(first.data)) == drawn(guard)
    known = {"If-None-Match": first.headers["ETag"]}
    again = guard.client.get(url, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    lane = street(guard)[0]
    assert guard.post(f"{BASE}/lanes/{lane['id']}/close", {"reason": "消防车占道"}).status_code == 200
    assert guard.client.get(url, headers=known).status_code == 200


def test_marking_a_lane_as_a_fire_lane_gives_carts_a_place_to_stand(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    lane = street(officer)[0]
    assert drawn(officer)["standing_points"] == []
    answer = officer.patch(f"{BASE}/lanes/{lane['id']}", {"is_fire_lane": True, "width_cm": 420})
    assert answer.status_code == 200
    assert (answer.get_json()["is_fire_lane"], answer.get_json()["width_cm"]) == (True, 420)
    after = drawn(officer)
    assert after["network_version"] == 2
    assert len(after["standing_points"]) >= 1
    assert sum(lane["is_fire_lane"] for lane in after["lanes"]) == 1


def test_a_whole_street_is_marked_at_once(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    assert len(street(officer)) > 1
    officer.patch(f"{BASE}/lanes/{street(officer)[0]['id']}", {"is_fire_lane": True, "is_whole_way": True})
    assert all(lane["is_fire_lane"] for lane in street(officer))
    approaches = [lane for lane in drawn(officer)["lanes"] if lane["kind"] == "approach"]
    officer.patch(f"{BASE}/lanes/{approaches[0]['id']}", {"width_cm": 99, "is_whole_way": True})
    assert [lane["width_cm"] for lane in drawn(officer)["lanes"]].count(99) == 1


def test_an_impossible_width_is_refused_in_words(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    answer = officer.patch(f"{BASE}/lanes/{street(officer)[0]['id']}", {"width_cm": 5})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "places.bad_width")
    assert drawn(officer)["network_version"] == 1


def test_a_guard_closes_a_lane_and_it_opens_by_itself_when_the_time_is_over(
    yard: CommunityRef, sign_in: Callable[..., Any], clock: SettableClock, drain: Callable[[], None]
) -> None:
    guard = sign_in("guard")
    lane = street(guard)[0]
    until = clock.now() + timedelta(hours=2)
    body = {"reason": "消毒", "until": until.isoformat()}
    answer = guard.post(f"{BASE}/lanes/{lane['id']}/close", body)
    assert answer.status_code == 200
    assert (answer.get_json()["state"], answer.get_json()["closed_reason"]) == ("closed", "消毒")
    again = guard.post(f"{BASE}/lanes/{lane['id']}/close", body)
    assert (again.status_code, again.get_json()["code"]) == (409, "places.closed_already")
    clock.advance(hours=2)
    with transaction() as session:
        assert places.has_due_lanes(session, yard.id)
        assert places.reopen_due_lanes(session, yard.id) == 1
    assert street(guard)[0]["state"] == "open"


def test_a_lane_closed_twice_by_one_key_is_closed_once(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    path = f"{BASE}/lanes/{street(officer)[0]['id']}/close"
    first = officer.post(path, {"reason": "施工"}, key="close-the-lane-1")
    second = officer.post(path, {"reason": "施工"}, key="close-the-lane-1")
    assert first.get_json() == second.get_json()
    assert drawn(officer)["network_version"] == 2


def test_an_open_lane_cannot_be_reopened(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    answer = officer.post(f"{BASE}/lanes/{street(officer)[0]['id']}/reopen")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "places.open_already")


@pytest.mark.parametrize("role", ["resident", "courier", "merchant", "volunteer"])
def test_only_those_in_charge_close_lanes(yard: CommunityRef, sign_in: Callable[..., Any], role: str) -> None:
    api = sign_in(role)
    answer = api.post(f"{BASE}/lanes/{street(api)[0]['id']}/close", {"reason": "?"})
    assert answer.status_code == 403


def test_a_lane_of_another_community_is_not_there(
    yard: CommunityRef, other_community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    lane = street(sign_in("officer"))[0]
    stranger = sign_in("officer", at=other_community)
    theirs = "/api/c/guihua/places"
    assert stranger.get(f"{BASE}/map").status_code in (403, 404)
    assert stranger.patch(f"{theirs}/lanes/{lane['id']}", {"width_cm": 300}).status_code in (404, 422)
    assert stranger.post(f"{theirs}/lanes/{lane['id']}/close", {"reason": "x"}).status_code in (404, 422)
    assert stranger.patch(f"{theirs}/gates/{uuid4()}", {"is_open": False}).status_code == 404


def test_lanes_go_out_as_csv_and_come_back_marked(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    text = officer.get(f"{BASE}/lanes.csv").get_data(as_text=True)
    header, *lines = text.splitlines()
    assert header.startswith("ref,name,kind,length_m,width_cm,is_fire_lane")
    changed = "\n".join([header, *(line.replace(",no,no,open,", ",yes,no,open,") for line in lines)])
    answer = officer.post(f"{BASE}/lanes/import", data=changed.encode(), content_type="text/csv")
    assert (answer.status_code, answer.get_json()["count"]) == (200, len(lines))
    assert all(lane["is_fire_lane"] for lane in drawn(officer)["lanes"])


def test_a_bad_line_changes_no_lane(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    ref = street(officer)[0]["ref"]
    text = f"ref,is_fire_lane\n{ref},yes\nw999.1,yes\n"
    answer = officer.post(f"{BASE}/lanes/import", data=text.encode(), content_type="text/csv")
    assert (answer.get_json()["code"], answer.get_json()["facts"]["line"]) == ("places.csv_unknown_lane", 3)
    assert not any(lane["is_fire_lane"] for lane in drawn(officer)["lanes"])


def test_homes_come_in_by_csv_and_are_found_by_label(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    assert officer.post(f"{BASE}/homes/import", data=HOMES.encode(), content_type="text/csv").get_json() == {
        "count": 3
    }
    again = officer.post(f"{BASE}/homes/import", data=HOMES.encode(), content_type="text/csv")
    assert again.get_json() == {"count": 0}
    found = officer.get(f"{BASE}/homes?query=1-301").get_json()["items"]
    assert [home["label"] for home in found] == ["1-1-301", "2-1-301"]
    assert officer.get(f"{BASE}/homes.csv").get_data(as_text=True).splitlines()[1:] == [
        "1,1,1,101",
        "1,1,3,301",
        "2,1,3,301",
    ]


@pytest.mark.parametrize("said", ["2-1-301", "2号楼1单元301", "2 1 301", "2栋-1-301"])
def test_a_home_is_found_however_it_is_said(
    said: str, yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    officer.post(f"{BASE}/homes/import", data=HOMES.encode(), content_type="text/csv")
    found = officer.get(f"{BASE}/homes", query_string={"query": said}).get_json()["items"]
    assert [home["label"] for home in found] == ["2-1-301"]


def test_a_percent_sign_is_no_wildcard(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    officer.post(f"{BASE}/homes/import", data=HOMES.encode(), content_type="text/csv")
    assert officer.get(f"{BASE}/homes", query_string={"query": "%301"}).get_json()["items"] == []


def test_a_table_saved_by_a_chinese_spreadsheet_is_read(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    text = "楼栋,单元,楼层,房号\n1,1,2,201室\n".encode("gb18030")
    officer = sign_in("officer")
    assert officer.post(f"{BASE}/homes/import", data=text, content_type="text/csv").get_json() == {"count": 1}
    assert officer.get(f"{BASE}/homes").get_json()["items"][0]["label"] == "1-1-201室"


def test_a_home_of_a_house_that_is_not_there_lets_none_in(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    text = HOMES + "77,1,1,101\n"
    answer = officer.post(f"{BASE}/homes/import", data=text.encode(), content_type="text/csv")
    assert answer.get_json()["code"] == "places.csv_unknown_entrance"
    assert answer.get_json()["facts"] == {"line": 5, "building": "77", "entrance": "1"}
    assert officer.get(f"{BASE}/homes").get_json()["items"] == []


def test_a_standing_point_set_by_hand_stays_and_can_be_removed(
    yard: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    officer = sign_in("officer")
    spot = {"x_m": drawn(officer)["gates"][0]["x_m"], "y_m": drawn(officer)["gates"][0]["y_m"]}
    refused = officer.post(f"{BASE}/standing-points", spot)
    assert refused.get_json()["code"] == "places.no_fire_lane_here"
    lanes = street(officer)
    officer.patch(f"{BASE}/lanes/{lanes[0]['id']}", {"is_fire_lane": True, "is_whole_way": True})
    point = officer.post(f"{BASE}/standing-points", spot).get_json()["id"]
    officer.patch(f"{BASE}/lanes/{lanes[-1]['id']}", {"width_cm": 390})
    by_hand = [p["id"] for p in drawn(officer)["standing_points"] if not p["is_proposed"]]
    assert by_hand == [point]
    assert officer.delete(f"{BASE}/standing-points/{point}").status_code == 204
    assert officer.delete(f"{BASE}/standing-points/{point}").status_code == 404


def test_a_gate_outside_its_hours_is_drawn_closed(
    yard: CommunityRef, sign_in: Callable[..., Any], clock: SettableClock
) -> None:
    officer = sign_in("officer")
    gate = drawn(officer)["gates"][0]
    answer = officer.patch(f"{BASE}/gates/{gate['id']}", {"hours": [[480, 1080]], "label": "南大门"})
    assert (answer.status_code, answer.get_json()["hours"]) == (200, [[480, 1080]])
    assert drawn(officer)["gates"][0]["is_open"]  # 17:00 in Shanghai
    clock.advance(hours=2)
    assert not drawn(officer)["gates"][0]["is_open"]
    bad = officer.patch(f"{BASE}/gates/{gate['id']}", {"hours": [[1080, 480]]})
    assert bad.get_json()["code"] == "places.bad_hours"


def test_a_building_named_by_hand_gives_its_homes_their_name_and_keeps_it(
    yard: CommunityRef, sign_in: Callable[..., Any], tmp_path: Path
) -> None:
    officer = sign_in("officer")
    officer.post(f"{BASE}/homes/import", data=HOMES.encode(), content_type="text/csv")
    first = next(b for b in drawn(officer)["buildings"] if b["label"] == "1")
    taken = officer.patch(f"{BASE}/buildings/{first['id']}", {"label": "2"})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "places.label_taken")
    assert officer.patch(f"{BASE}/buildings/{first['id']}", {"label": "甲1"}).status_code == 200
    with transaction() as session:
        places.import_map(session, SYSTEM, yard, survey(small_yard(tmp_path).read()))
    labels = [home["label"] for home in officer.get(f"{BASE}/homes").get_json()["items"]]
    assert labels == ["2-1-301", "甲1-1-101", "甲1-1-301"]


def test_a_shelf_holds_what_the_officer_says(yard: CommunityRef, sign_in: Callable[..., Any]) -> None:
    officer = sign_in("officer")
    door = drawn(officer)["entrances"][0]
    answer = officer.patch(f"{BASE}/entrances/{door['id']}", {"shelf_parcels": 6, "label": "东"})
    assert (answer.get_json()["shelf_parcels"], answer.get_json()["label"]) == (6, "东")
    assert officer.patch(f"{BASE}/entrances/{door['id']}", {"shelf_parcels": -1}).status_code == 422


@pytest.mark.parametrize("label", ["", " ", " 5", "5\x00", "5\n", "x" * 41])
def test_a_label_of_nothing_to_be_seen_is_refused(
    yard: CommunityRef, sign_in: Callable[..., Any], label: str
) -> None:
    officer = sign_in("officer")
    building = drawn(officer)["buildings"][0]
    assert officer.patch(f"{BASE}/buildings/{building['id']}", {"label": label}).status_code == 422


def test_the_live_map_is_told_of_a_lane_by_ids_only() -> None:
    event = LaneChanged(uuid4(), uuid4(), "closed", False, 400, 7)
    message = lane_changed(event)[0]
    assert (message.room, message.kind) == ("map", "lane.changed")
    assert set(message.data) == {"lane_id", "state", "is_fire_lane", "width_cm", "network_version"}
