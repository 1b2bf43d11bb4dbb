"""Notices: told once, to those whom it concerns, and read by them alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import func, select

from server.core.needs import service as needs
from server.core.needs.events import NeedChanged
from server.core.notices import reactions, service
from server.core.notices.models import Notice
from server.core.notices.rules import NoticeKind
from server.kit.db import reading, transaction
from server.kit.live import backlog
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper, make_homes, make_resident, make_shop
from tests.server.conftest import Api

URL = "/api/c/wutong/notices"


def test_an_event_that_comes_twice_is_told_once(community: CommunityRef) -> None:
    home, _ = make_homes(community)
    person = make_resident(community, home)
    event = NeedChanged(
        community.id,
        uuid4(),
        state="dropped",
        need_kind="groceries",
        home_id=home,
        watchers=[person],
        helper_id=None,
        closed_because=None,
    )
    for _ in range(2):
        with transaction() as session:
            reactions.on_need_changed(session, event)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 1


def test_a_helper_hears_of_an_offer_and_the_home_of_its_acceptance(
    sign_in: Callable[..., Api], community: CommunityRef, drain: Callable[[], None]
) -> None:
    home, _ = make_homes(community)
    resident = sign_in("resident", person_id=make_resident(community, home))
    _, helper = make_helper(community, "care")
    volunteer = sign_in("volunteer", person_id=helper)
    resident.post("/api/c/wutong/needs", {"kind": "elder_help", "lines": [{"text": "x", "quantity": 1}]})
    needs.match_community(community.id)
    drain()
    told = volunteer.get(URL, query_string={"unread": "true"}).get_json()["items"]
    assert "offer_made" in [notice["kind"] for notice in told]
    offer = next(notice["subject_id"] for notice in told if notice["kind"] == "offer_made")
    assert volunteer.post(f"/api/c/wutong/needs/offers/{offer}/accept").status_code == 200
    drain()
    kinds = [notice["kind"] for notice in resident.get(URL).get_json()["items"]]
    assert kinds == ["need_scheduled"]


def test_a_shop_hears_of_its_order(
    sign_in: Callable[..., Api], community: CommunityRef, drain: Callable[[], None]
) -> None:
    home, _ = make_homes(community)
    resident = sign_in("resident", person_id=make_resident(community, home))
    _, keeper = make_shop(community, {"大米": 5})
    body = {"kind": "groceries", "lines": [{"text": "大米", "quantity": 1}]}
    assert resident.post("/api/c/wutong/needs", body).status_code == 201
    needs.match_community(community.id)
    drain()
    kinds = [n["kind"] for n in sign_in("merchant", person_id=keeper).get(URL).get_json()["items"]]
    assert "order_placed" in kinds


def test_the_live_channel_says_that_there_is_something_and_not_what(
    community: CommunityRef, drain: Callable[[], None]
) -> None:
    home, _ = make_homes(community)
    person = make_resident(community, home)
    with transaction() as session:
        service.tell(session, community.id, [person], NoticeKind.FLAG_RAISED, ("flag", None), {"flag": "red"})
    drain()
    with reading() as session:
        messages = backlog(session, community.id, f"person:{person}", 0)["messages"]
        notice = session.scalars(select(Notice)).one()
    told = [message["data"] for message in messages if message["kind"] == "notice.new"]
    assert told == [{"notice_id": str(notice.id)}]


def test_a_page_that_has_just_loaded_asks_for_nothing_old(
    community: CommunityRef, drain: Callable[[], None]
) -> None:
    home, _ = make_homes(community)
    person = make_resident(community, home)
    room = f"person:{person}"
    with transaction() as session:
        service.tell(session, community.id, [person], NoticeKind.FLAG_RAISED, ("flag", None), {"flag": "red"})
    drain()
    with reading() as session:
        from_now = backlog(session, community.id, room, -1)
        assert from_now["messages"] == []
        assert backlog(session, community.id, room, from_now["seq"])["messages"] == []


def test_reading_some_or_all_is_counted_and_touches_nobody_elses(
    sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    mine, other = make_resident(community, home), make_resident(community, home)
    with transaction() as session:
        for kind in (NoticeKind.NEED_SOURCING, NoticeKind.NEED_DROPPED, NoticeKind.NEED_CLOSED):
            service.tell(session, community.id, [mine, other], kind, ("need", uuid4()))
    me, neighbour = sign_in("resident", person_id=mine), sign_in("resident", person_id=other)
    first = me.get(URL, query_string={"limit": 2}).get_json()
    assert (first["unread"], len(first["items"])) == (3, 2)
    rest = me.get(URL, query_string={"after": first["next"]}).get_json()
    assert [n["kind"] for n in first["items"] + rest["items"]] == [
        "need_closed",
        "need_dropped",
        "need_sourcing",
    ]
    foreign = [n["id"] for n in neighbour.get(URL).get_json()["items"]]
    assert me.post(f"{URL}/read", {"ids": [first["items"][0]["id"], *foreign]}).get_json() == {"unread": 2}
    assert me.post(f"{URL}/read", {"ids": None}).get_json() == {"unread": 0}
    assert neighbour.get(URL).get_json()["unread"] == 3


def test_a_notice_is_read_in_the_readers_language(
    sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    person = make_resident(community, home)
    with transaction() as session:
        service.tell(session, community.id, [person], NoticeKind.NEED_DROPPED, ("need", uuid4()))
    me = sign_in("resident", person_id=person)
    zh = me.get(URL, headers={"Accept-Language": "zh-CN"}).get_json()["items"][0]["text"]
    en = me.get(URL, headers={"Accept-Language": "en-GB,en"}).get_json()["items"][0]["text"]
    assert zh.startswith("物品已送达")
    assert en.startswith("Your goods")


def test_notices_of_one_community_are_not_seen_in_another(
    sign_in: Callable[..., Api], community: CommunityRef, other_community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    person = make_resident(community, home)
    with transaction() as session:
        service.tell(session, community.id, [person], NoticeKind.NEED_DROPPED, ("need", uuid4()))
    me = sign_in("resident", at=other_community, person_id=person)
    assert me.get("/api/c/guihua/notices").get_json()["items"] == []
    assert me.post("/api/c/guihua/notices/read", {"ids": None}).status_code == 200
    assert sign_in("resident", person_id=person).get(URL).get_json()["unread"] == 1


def test_officers_hear_of_who_offers_to_help_and_the_helper_of_the_answer(
    sign_in: Callable[..., Api], community: CommunityRef, drain: Callable[[], None]
) -> None:
    officer = sign_in("officer")
    applicant = sign_in("resident")
    body = {"kind": "volunteer", "vehicle": "walk", "skills": ["care"]}
    helper = applicant.post("/api/c/wutong/helpers", body).get_json()
    drain()
    assert "helper_applied" in [n["kind"] for n in officer.get(URL).get_json()["items"]]
    officer.post(f"/api/c/wutong/helpers/{helper['id']}/approve")
    drain()
    kinds = [n["kind"] for n in applicant.get(URL).get_json()["items"]]
    assert "helper_approved" in kinds
