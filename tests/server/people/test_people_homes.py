"""Households, home codes, grants and looks, over HTTP; everything fails closed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from server.core.communities import service as communities
from server.core.people import service as people
from server.core.people.models import Member
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api


def codes_for(officer: Api, slug: str, homes: list[UUID]) -> list[str]:
    answer = officer.post(f"/api/c/{slug}/people/home-codes", {"home_ids": [str(h) for h in homes]})
    assert answer.status_code == 201
    return [item["code"] for item in answer.get_json()["items"]]


@pytest.fixture
def newcomer(sign_in: Callable[..., Api], community: CommunityRef) -> Callable[[], Api]:
    """Somebody with an account but no role here."""

    def make() -> Api:
        with transaction() as session:
            person = people.create_person(session, name="", phone=None)
        elsewhere = _somewhere_else()
        return sign_in("resident", at=elsewhere, person_id=person.id)

    return make


def _somewhere_else() -> CommunityRef:
    with transaction() as session:
        slug = f"x-{uuid4().hex[:8]}"
        return communities.by_id(session, communities.create_community(session, slug, slug).id)


def test_several_members_join_a_home_with_its_paper_code_however_they_type_it(
    sign_in: Callable[..., Api], newcomer: Callable[[], Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    (code,) = codes_for(sign_in("officer"), "wutong", [home])
    url = "/api/c/wutong/people/join"
    first = newcomer().post(url, {"home_code": code, "name": "林半夏"})
    second = newcomer().post(url, {"home_code": code.lower().replace("-", " "), "name": "林南星"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert [m["name"] for m in second.get_json()["members"]] == ["林半夏", "林南星"]


def test_a_home_code_dies_after_two_weeks_and_works_nowhere_else(
    sign_in: Callable[..., Api],
    newcomer: Callable[[], Api],
    community: CommunityRef,
    other_community: CommunityRef,
    clock: SettableClock,
) -> None:
    home, _ = make_homes(community)
    (code,) = codes_for(sign_in("officer"), "wutong", [home])
    body = {"home_code": code, "name": "x"}
    assert newcomer().post("/api/c/guihua/people/join", body).get_json()["code"] == "people.home_code_wrong"
    clock.advance(days=14, seconds=1)
    assert newcomer().post("/api/c/wutong/people/join", body).get_json()["code"] == "people.home_code_wrong"


def test_codes_for_a_whole_entrance_are_shown_once_and_kept_only_as_hashes(
    sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    from server.core.places import service as places

    homes = make_homes(community, 4)
    with reading() as session:
        entrance = places.home(session, community.id, homes[0]).entrance_id
    answer = sign_in("grid_worker").post("/api/c/wutong/people/home-codes", {"entrance_id": str(entrance)})
    codes = [item["code"] for item in answer.get_json()["items"]]
    assert len(set(codes)) == 4
    with reading() as session:
        kept = str(session.connection().exec_driver_sql("SELECT * FROM people_home_code").all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_worker_who_looks_at_a_household_is_seen_by_it_and_sees_no_whole_phone(
    sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    with transaction() as session:
        person = people.create_person(session, name="林半夏", phone="12000000007")
        people.add_member(session, community.id, home, person.id, traits=["elder"])
    shown = sign_in("grid_worker").get(f"/api/c/wutong/people/homes/{home}").get_json()["members"]
    assert shown[0]["phone"].endswith("0007")
    assert "1200000" not in shown[0]["phone"]
    looks = sign_in("resident", person_id=person.id).get("/api/c/wutong/people/looks").get_json()["items"]
    assert [(look["viewer_name"], look["role"], look["purpose"]) for look in looks] == [
        ("Test grid_worker", "grid_worker", "people")
    ]
    assert looks[0]["fields"] == ["name", "phone", "traits"]


@pytest.mark.parametrize("role", ["resident", "volunteer", "courier", "merchant", "guard", "clinic"])
def test_only_workers_see_other_peoples_households(
    role: str, sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    home, _ = make_homes(community)
    make_resident(community, home)
    assert sign_in(role).get(f"/api/c/wutong/people/homes/{home}").status_code == 403


def test_an_officer_sees_no_household_of_another_community(
    sign_in: Callable[..., Api], community: CommunityRef, other_community: CommunityRef
) -> None:
    home, _ = make_homes(other_community)
    make_resident(other_community, home)
    officer = sign_in("officer")
    assert officer.get(f"/api/c/guihua/people/homes/{home}").status_code == 404
    assert officer.get(f"/api/c/wutong/people/homes/{home}").status_code == 404
    assert officer.post(f"/api/c/wutong/people/homes/{home}/members", {"name": "x"}).status_code == 404


def test_nobody_who_is_not_signed_in_reads_or_writes(visitor: Api, community: CommunityRef) -> None:
    home, _ = make_homes(community)
    assert visitor.get(f"/api/c/wutong/people/homes/{home}").status_code == 401
    assert visitor.get("/api/c/wutong/people/looks").status_code == 401
    assert visitor.post("/api/c/wutong/people/grants", {"phone": "1", "role": "admin"}).status_code == 401
    assert visitor.patch("/api/me", {"name": "x"}).status_code == 401


def test_an_officer_grants_and_ends_a_role_and_it_holds_until_then(
    sign_in: Callable[..., Api], community: CommunityRef, clock: SettableClock
) -> None:
    officer = sign_in("officer")
    body = {"phone": "12000000003", "role": "guard", "name": "赵南星"}
    grant = officer.post("/api/c/wutong/people/grants", body).get_json()
    with reading() as session:
        assert people.roles_at(session, UUID(grant["person_id"]), community.id) == ["guard"]
    clock.advance(minutes=1)
    assert officer.post(f"/api/c/wutong/people/grants/{grant['id']}/end").status_code == 200
    with reading() as session:
        assert people.roles_at(session, UUID(grant["person_id"]), community.id) == []


@pytest.mark.parametrize("role", ["officer", "admin"])
def test_an_officer_makes_nobody_an_officer(role: str, sign_in: Callable[..., Api]) -> None:
    body = {"phone": "12000000003", "role": role}
    answer = sign_in("officer").post("/api/c/wutong/people/grants", body)
    assert answer.get_json()["code"] == "people.may_not_grant"


def test_a_grant_of_another_community_cannot_be_ended(
    sign_in: Callable[..., Api], community: CommunityRef, other_community: CommunityRef
) -> None:
    with transaction() as session:
        person = people.create_person(session, name="x", phone=None)
        grant = people.grant_role(session, person.id, "guard", community_id=other_community.id)
    assert sign_in("officer").post(f"/api/c/wutong/people/grants/{grant.id}/end").status_code == 404


def test_a_role_at_a_district_holds_in_every_compound_below_and_nowhere_else(
    sign_in: Callable[..., Api],
) -> None:
    with transaction() as session:
        one = communities.add_area(session, "district", "d1", "一区")
        two = communities.add_area(session, "district", "d2", "二区")
        below = []
        for nth, district in enumerate((one, two)):
            street = communities.add_area(session, "street", f"s{nth}", "街道", parent=district)
            committee = communities.add_area(session, "committee", f"c{nth}", "居委会", parent=street)
            made = communities.create_community(session, f"yard-{nth}", "院", committee=committee)
            below.append(communities.by_id(session, made.id))
        person = people.create_person(session, name="District", phone=None)
        people.grant_role(session, person.id, "officer", area_id=one.id)
        actor = Actor(person.id, people.grants_of(session, person.id))
    assert actor.has("officer", below[0])
    assert not actor.has("officer", below[1])


def test_traits_are_sealed_in_the_database_and_put_the_home_on_the_guarantee_list(
    community: CommunityRef,
) -> None:
    frail, strong = make_homes(community)
    make_resident(community, frail, "alone", "elder")
    make_resident(community, strong)
    with reading() as session:
        assert people.guarantee_tiers(session, community.id, [frail, strong]) == {frail: 0}
        rows = session.connection().exec_driver_sql("SELECT traits FROM people_member").all()
        assert "elder" not in str(rows)
        assert session.query(Member).count() == 2


def test_the_session_names_ones_home_roles_and_helper(
    sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    from tests.factories.neighbourhood import make_helper

    home, _ = make_homes(community)
    helper_id, person_id = make_helper(community, "care")
    with transaction() as session:
        people.add_member(session, community.id, home, person_id)
    mine = sign_in("resident", person_id=person_id).get("/api/session").get_json()["communities"]
    assert [(c["slug"], c["roles"], c["helper_id"], c["merchant_id"]) for c in mine] == [
        ("wutong", ["resident", "volunteer"], str(helper_id), None)
    ]
    assert mine[0]["home"]["id"] == str(home)
