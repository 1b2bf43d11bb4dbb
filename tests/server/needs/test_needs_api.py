"""Needs over HTTP: posting, matching, offers, confirming."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from server.core.flags import service as flags
from server.core.needs import service as needs
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper, make_homes, make_resident

BASE = "/api/c/wutong/needs"


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 3)


@pytest.fixture
def resident(community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]) -> Any:
    return sign_in("resident", person_id=make_resident(community, homes[0]))


def posted(api: Any, **body: Any) -> dict[str, Any]:
    response = api.post(BASE, {"kind": "repair", "lines": [{"text": "水龙头"}], **body})
    assert response.status_code == 201, response.get_json()
    return dict(response.get_json())


def match(community: CommunityRef) -> needs.MatchFigures:
    return needs.match_community(community.id)


def test_a_need_is_posted_triaged_and_told_to_its_home_only(
    resident: Any, homes: list[UUID], sign_in: Callable[..., Any], community: CommunityRef
) -> None:
    need = posted(resident, note="门口有狗")
    assert (need["state"], need["priority"], need["home"]["id"]) == ("triaged", 2, str(homes[0]))
    story = resident.get(f"{BASE}/{need['id']}").get_json()
    assert [moment["state"] for moment in story["timeline"]] == ["submitted", "triaged"]
    assert story["note"] == "门口有狗"
    assert story["may"] == ["cancel", "repeat"]
    neighbour = sign_in("resident", person_id=make_resident(community, homes[1]))
    assert neighbour.get(f"{BASE}/{need['id']}").status_code == 403
    assert neighbour.get(f"{BASE}?mine=true").get_json()["items"] == []


def test_the_note_is_not_readable_in_the_database(resident: Any) -> None:

    posted(resident, note="门口有狗")
    with reading() as session:
        assert "门口有狗" not in str(session.execute(text("SELECT * FROM needs_need")).all())
        assert "水龙头" not in str(session.execute(text("SELECT * FROM needs_line")).all())


def test_a_worker_posts_on_behalf_and_the_timeline_says_so(
    sign_in: Callable[..., Any], homes: list[UUID]
) -> None:
    need = posted(sign_in("grid_worker"), home_id=str(homes[1]))
    assert need["is_on_behalf"] is True


def test_a_home_that_is_not_in_the_community_is_refused_with_a_sentence(
    sign_in: Callable[..., Any], other_community: CommunityRef
) -> None:
    elsewhere = make_homes(other_community, 1)[0]
    worker = sign_in("grid_worker")
    for home in (elsewhere, uuid4()):
        answer = worker.post(BASE, {"kind": "repair", "home_id": str(home)})
        assert answer.status_code == 422
        assert answer.get_json()["code"] == "needs.home_not_in_community"


def test_a_resident_cannot_post_for_the_neighbours(resident: Any, homes: list[UUID]) -> None:
    answer = resident.post(BASE, {"kind": "repair", "home_id": str(homes[1])})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "needs.not_your_home")


def test_somebody_without_a_home_is_told_what_to_do(sign_in: Callable[..., Any]) -> None:
    answer = sign_in("resident").post(BASE, {"kind": "repair"})
    assert answer.get_json()["code"] == "needs.no_home"


def test_an_elder_and_a_home_in_quarantine_come_first(
    community: CommunityRef, homes: list[UUID], sign_in: Callable[..., Any]
) -> None:
    make_resident(community, homes[0], "elder")
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[1], kind="red", ground="test")
    worker = sign_in("grid_worker")
    assert [posted(worker, home_id=str(home))["priority"] for home in homes] == [0, 1, 2]


def test_the_same_key_posts_once(resident: Any) -> None:
    body = {"kind": "company"}
    first = resident.post(BASE, body, key="post-once-1").get_json()
    again = resident.post(BASE, body, key="post-once-1").get_json()
    assert first["id"] == again["id"]
    assert len(resident.get(f"{BASE}?mine=true").get_json()["items"]) == 1


def test_a_service_goes_from_offer_to_visit_to_confirmed(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    helper_id, person_id = make_helper(community, "repair")
    need = posted(resident, note="三楼")
    assert match(community).offered == 1
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get(f"{BASE}/offers").get_json()["items"][0]
    assert offer["need"]["home"]["label"] == "1号楼-1单元"
    assert offer["need"]["note"] is None
    taken = helper.post(f"{BASE}/offers/{offer['id']}/accept").get_json()
    assert taken["need"]["note"] == "三楼"
    assert taken["need"]["home"]["label"] == "1号楼-1单元-101"
    with reading() as session:
        now = needs.find_need(session, community.id, UUID(need["id"])).posted_at
        due = needs.visits_due(session, community.id, now, now)
    assert due == [] or due[0].helper_id == helper_id
    assert helper.post(f"{BASE}/{need['id']}/visited").get_json()["state"] == "visited"
    done = resident.post(f"{BASE}/{need['id']}/confirm").get_json()
    assert done["state"] == "confirmed"
    assert done["holder"]["kind"] == "volunteer"
    states = [moment["state"] for moment in done["timeline"]]
    assert states == ["submitted", "triaged", "offered", "accepted", "scheduled", "visited", "confirmed"]


def test_a_declined_offer_goes_to_somebody_else_and_not_back(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    people_of = dict([make_helper(community, "repair"), make_helper(community, "repair")])
    posted(resident)
    asked = []
    for _ in range(2):
        match(community)
        for helper_id, person_id in people_of.items():
            helper = sign_in("volunteer", person_id=person_id)
            for offer in helper.get(f"{BASE}/offers").get_json()["items"]:
                asked.append(helper_id)
                helper.post(f"{BASE}/offers/{offer['id']}/decline", {"why": "手头有事"})
    assert sorted(asked) == sorted(people_of)
    assert match(community).unmatched == 1


def test_an_offer_that_nobody_answers_expires_and_is_offered_on(
    resident: Any, community: CommunityRef, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, "repair")
    posted(resident)
    match(community)
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get(f"{BASE}/offers").get_json()["items"][0]
    clock.advance(minutes=11)
    late = helper.post(f"{BASE}/offers/{offer['id']}/accept")
    assert (late.status_code, late.get_json()["code"]) == (409, "needs.offer_expired")
    _, other = make_helper(community, "repair")
    assert match(community).expired == 1
    assert len(sign_in("volunteer", person_id=other).get(f"{BASE}/offers").get_json()["items"]) == 1


def test_an_unmatched_need_says_why_and_what_would_serve_it(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    need = posted(resident)
    make_helper(community, "care")
    match(community)
    row = sign_in("officer").get(f"{BASE}/unmatched").get_json()["items"][0]
    assert row["need"]["id"] == need["id"]
    assert row["reason"] == "no_one_has_skill"
    assert row["smallest_change"]["skill"] == "repair"
    assert resident.get(f"{BASE}/{need['id']}").get_json()["unmatched"]["reason"] == "no_one_has_skill"


def test_another_helper_cannot_answer_my_offer(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    _, mine = make_helper(community, "repair")
    _, stranger = make_helper(community)
    posted(resident)
    match(community)
    offer = sign_in("volunteer", person_id=mine).get(f"{BASE}/offers").get_json()["items"][0]
    answer = sign_in("volunteer", person_id=stranger).post(f"{BASE}/offers/{offer['id']}/accept")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "needs.offer_not_yours")


def test_a_cancelled_need_leaves_nobody_waiting(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, "repair")
    need = posted(resident)
    match(community)
    assert resident.post(f"{BASE}/{need['id']}/cancel").get_json()["state"] == "cancelled"
    helper = sign_in("volunteer", person_id=person_id)
    assert helper.get(f"{BASE}/offers").get_json()["items"] == []
    assert resident.post(f"{BASE}/{need['id']}/cancel").status_code in (200, 409)


def test_needs_of_another_community_are_not_there(
    resident: Any, other_community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    need = posted(resident)
    stranger = sign_in("officer", at=other_community)
    assert stranger.get(f"{BASE}/{need['id']}").status_code == 404
    assert stranger.get(f"/api/c/guihua/needs/{need['id']}").status_code == 404
    assert stranger.post(f"/api/c/guihua/needs/{need['id']}/triage", {"priority": 0}).status_code == 404


def test_repeating_a_need_takes_one_call(resident: Any) -> None:
    need = posted(resident)
    again = resident.post(f"{BASE}/{need['id']}/repeat").get_json()
    assert again["id"] != need["id"]
    assert again["lines"][0]["text"] == "水龙头"


def test_a_held_need_is_not_offered_until_it_is_released(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    make_helper(community, "repair")
    need = posted(resident)
    officer = sign_in("officer")
    assert officer.post(f"{BASE}/{need['id']}/triage", {"hold": True}).get_json()["state"] == "on_hold"
    assert match(community).offered == 0
    officer.post(f"{BASE}/{need['id']}/triage", {"hold": False})
    assert match(community).offered == 1


def test_matching_by_hand_is_a_job(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any], drain: Callable[[], None]
) -> None:
    make_helper(community, "repair")
    need = posted(resident)
    assert sign_in("officer").post(f"{BASE}/match").status_code == 202
    drain()
    assert resident.get(f"{BASE}/{need['id']}").get_json()["state"] == "offered"


def test_an_officer_takes_a_need_back_from_a_helper_who_cannot_come(
    resident: Any, community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    _, person_id = make_helper(community, "repair")
    need = posted(resident)
    match(community)
    helper = sign_in("volunteer", person_id=person_id)
    offer = helper.get(f"{BASE}/offers").get_json()["items"][0]
    helper.post(f"{BASE}/offers/{offer['id']}/accept")
    officer = sign_in("officer")
    assert "triage" in officer.get(f"{BASE}/{need['id']}").get_json()["may"]
    taken = officer.post(f"{BASE}/{need['id']}/triage", {"hold": False, "why": "志愿者发烧"}).get_json()
    assert (taken["state"], taken["holder"]) == ("triaged", None)
    assert helper.get(f"{BASE}/offers").get_json()["items"] == []
    assert match(community).offered == 0
