"""A list over HTTP: read, looked at, proposed by one officer, approved by another, in force, ended."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from server.core.communities import service as communities
from server.core.flags import service as flags
from server.core.flags.models import Flag
from server.kit import clock as kit_clock
from server.kit.audit import AuditRow
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.zones import service
from server.modules.zones.models import Zone, ZoneList, ZoneRow
from tests.factories.zone_lists import (
    BASE,
    Door,
    doors_of,
    last_day,
    paste,
    proposal,
    propose,
    put_in_force,
    rows,
)

Compound = dict[Door, list[UUID]]


def red(community: CommunityRef) -> frozenset[UUID]:
    with reading() as session:
        return flags.red_homes(session, community.id)


def end_due(community: CommunityRef) -> None:
    with transaction() as session:
        service.end_due(session, communities.by_id(session, community.id))


def test_a_list_becomes_zones_and_flags_in_one_approval(
    community: CommunityRef, compound: Compound, officer: Any, second: Any
) -> None:
    made = propose(officer, "梧桐里1号楼", "梧桐里2号楼2单元", "桂花园1号楼")
    assert made["groups"] == {"understood": 2, "review": 0, "not_ours": 1, "over": 0}
    assert red(community) == frozenset()
    standing = second.post(f"{BASE}/lists/{made['id']}/approve", {"why": "checked"}).get_json()
    assert (standing["state"], standing["homes"]) == ("in_force", 3)
    assert red(community) == {*compound[1, 1], *compound[1, 2], *compound[2, 2]}
    assert {zone["label"] for zone in standing["zones"]} == {"1号楼-1单元", "1号楼-2单元", "2号楼-2单元"}


def test_lower_levels_are_told_and_mark_nobody(
    community: CommunityRef, compound: Compound, resident: Any, officer: Any, second: Any
) -> None:
    put_in_force(officer, second, "梧桐里（除2号楼外）", level="low")
    assert red(community) == frozenset()
    [mine] = resident.get(f"{BASE}/mine").get_json()["items"]
    assert (mine["level"], mine["is_red"], mine["reason"]) == ("low", False, "a case in the building")
    kinds = [one["kind"] for one in resident.get("/api/c/wutong/notices").get_json()["items"]]
    assert kinds == ["zone_set"]


def test_what_was_not_understood_waits_until_somebody_decides(
    community: CommunityRef, compound: Compound, officer: Any, second: Any, sign_in: Callable[..., Any]
) -> None:
    made = paste(officer, "梧桐里1号楼旁平房", "梧桐里9号楼")
    waiting = rows(officer, made["id"], "review")
    assert [[doubt["why"] for doubt in row["doubts"]] for row in waiting] == [["part"], ["building"]]
    path = f"{BASE}/lists/{made['id']}/confirm"
    assert officer.post(path, proposal()).get_json()["code"] == "zones.review_first"
    door = doors_of(community)[3, 1]
    decide = f"{BASE}/rows/{waiting[0]['id']}/decide"
    assert officer.post(decide, {"door_ids": [door], "why": " "}).status_code == 422
    assert (
        officer.post(decide, {"door_ids": [str(uuid4())], "why": "x"}).get_json()["code"]
        == "zones.door_not_here"
    )
    settled = officer.post(decide, {"door_ids": [door], "why": "the shed belongs to it"}).get_json()
    assert (settled["state"], settled["places"][0]["building"]) == ("settled", "3号楼")
    other = sign_in("officer")
    dismissed = other.post(f"{BASE}/rows/{waiting[1]['id']}/decide", {"door_ids": [], "why": "we have no 9"})
    assert dismissed.get_json()["state"] == "dismissed"
    assert officer.post(path, proposal()).status_code == 200
    # Whoever has decided on a row had a hand in the list.
    approve = f"{BASE}/lists/{made['id']}/approve"
    assert other.post(approve, {"why": "x"}).get_json()["code"] == "zones.second_person"
    assert second.post(approve, {"why": "x"}).status_code == 200
    assert red(community) == set(compound[3, 1])


def test_settling_a_row_lets_another_be_without_it(
    community: CommunityRef, compound: Compound, officer: Any
) -> None:
    made = paste(
        officer, "地点,等级", "梧桐里1号楼旁平房,高风险", "梧桐里（除高风险区外）,中风险", level=None
    )
    assert made["groups"]["review"] == 2
    first = rows(officer, made["id"], "review")[0]
    doors = doors_of(community)
    wanted = [doors[1, 1], doors[1, 2]]
    officer.post(f"{BASE}/rows/{first['id']}/decide", {"door_ids": wanted, "why": "all of building 1"})
    rest = rows(officer, made["id"], "understood")[1]
    assert set(rest["door_ids"]) == {doors[number, door] for number in (2, 3) for door in (1, 2)}


def test_levels_on_other_days_are_not_subtracted_in_silence(compound: Compound, officer: Any) -> None:
    lines = (
        "地点,等级,结束日期",
        f"梧桐里1号楼,高风险,{last_day(2)}",
        f"梧桐里除高风险区外,低风险,{last_day(9)}",
    )
    made = paste(officer, *lines, level=None)
    [row] = rows(officer, made["id"], "review")
    assert [doubt["why"] for doubt in row["doubts"]] == ["dates"]


def test_rows_whose_days_have_passed_are_apart(compound: Compound, officer: Any) -> None:
    made = paste(officer, "梧桐里1号楼 2月20日至2月25日", "梧桐里2号楼", "梧桐里3号楼 2月30日")
    assert made["groups"] == {"understood": 1, "review": 1, "not_ours": 0, "over": 1}


def test_unread_days_are_asked_for(community: CommunityRef, compound: Compound, officer: Any) -> None:
    made = paste(officer, "地点,等级,日期", "梧桐里1号楼,高风险,不日", level=None)
    [row] = rows(officer, made["id"], "review")
    body: dict[str, Any] = {"door_ids": row["door_ids"], "why": "asked the district"}
    path = f"{BASE}/rows/{row['id']}/decide"
    assert officer.post(path, body).get_json()["code"] == "zones.days_missing"
    body["until_on"] = last_day(3)
    assert officer.post(path, body).get_json()["until_on"] == last_day(3)


def test_a_list_needs_reason_basis_and_an_end_within_bounds(compound: Compound, officer: Any) -> None:
    path = f"{BASE}/lists/{paste(officer, '梧桐里1号楼')['id']}/confirm"
    for field in ("reason", "legal_basis", "until_on"):
        assert officer.post(path, {**proposal(), field: ""}).status_code == 422
    for days in (-2, 61):
        assert officer.post(path, proposal(days)).get_json()["code"] == "zones.bad_end"
    empty = paste(officer, "桂花园1号楼")
    assert (
        officer.post(f"{BASE}/lists/{empty['id']}/confirm", proposal()).get_json()["code"] == "zones.no_doors"
    )


def test_zones_end_with_their_own_last_day_at_midnight_of_the_compound(
    community: CommunityRef, compound: Compound, officer: Any, second: Any, clock: SettableClock
) -> None:
    lines = (
        "地点,等级,开始,结束",
        f"梧桐里1号楼,高风险,{last_day(0)},{last_day(1)}",
        f"梧桐里2号楼,高风险,{last_day(2)},",
    )
    made = propose(officer, *lines, days=4)
    second.post(f"{BASE}/lists/{made['id']}/approve", {"why": "checked"})
    building = {number: {*compound[number, 1], *compound[number, 2]} for number in (1, 2, 3)}
    assert red(community) == building[1]
    # It is 17:00 in Shanghai on the first day; the second one ends in 31 hours.
    clock.advance(hours=30)
    end_due(community)
    assert red(community) == building[1]
    clock.advance(hours=1)
    end_due(community)
    assert red(community) == building[2]
    states = {
        zone["label"][:1]: zone["state"]
        for zone in officer.get(f"{BASE}/lists/{made['id']}").get_json()["zones"]
    }
    assert states == {"1": "ended", "2": "standing"}
    clock.advance(days=3)
    end_due(community)
    ended = officer.get(f"{BASE}/lists/{made['id']}").get_json()
    assert (ended["state"], ended["ended_by_name"], red(community)) == ("ended", None, frozenset())


def test_a_named_decision_ends_some_doors_or_all(
    community: CommunityRef, compound: Compound, resident: Any, officer: Any, second: Any
) -> None:
    made = put_in_force(officer, second, "梧桐里1号楼", "梧桐里3号楼2单元")
    path, doors = f"{BASE}/lists/{made['id']}/lift", doors_of(community)
    assert officer.post(path, {"why": ""}).status_code == 422
    assert officer.post(path, {"why": "x", "entrance_ids": [doors[2, 1]]}).status_code == 404
    officer.post(path, {"why": "tests negative", "entrance_ids": [doors[1, 1]]})
    assert red(community) == {*compound[1, 2], *compound[3, 2]}
    assert resident.get(f"{BASE}/mine").get_json()["items"] == []
    ended = officer.post(path, {"why": "district has lifted it"}).get_json()
    assert (ended["state"], ended["ended_why"], red(community)) == (
        "ended",
        "district has lifted it",
        frozenset(),
    )
    # The notice of its beginning, unread, the flag's and the end's.
    kinds = {one["kind"] for one in resident.get("/api/c/wutong/notices").get_json()["items"]}
    assert {"zone_set", "zone_ended"} <= kinds


def test_another_flag_on_the_home_stays(
    community: CommunityRef, compound: Compound, officer: Any, second: Any
) -> None:
    home = compound[1, 1][0]
    officer.post("/api/c/wutong/flags", {"home_id": str(home), "ground": "an order of its own"})
    made = put_in_force(officer, second, "梧桐里1号楼1单元")
    officer.post(f"{BASE}/lists/{made['id']}/lift", {"why": "over"})
    assert home in red(community)


def test_a_door_in_two_rows_is_one_zone_and_one_flag(
    community: CommunityRef, compound: Compound, officer: Any, second: Any
) -> None:
    put_in_force(officer, second, "梧桐里1号楼", "梧桐里1号楼1单元")
    with reading() as session:
        assert len(flags.flags_here(session, community.id, compound[1, 1][0])) == 1
        assert session.scalar(select(func.count()).select_from(Zone)) == 2


def test_what_has_changed_since_the_proposal_is_not_approved(
    community: CommunityRef, compound: Compound, officer: Any, second: Any, clock: SettableClock
) -> None:
    made = propose(officer, "梧桐里1号楼 3月1日至3月3日", "梧桐里2号楼")
    clock.advance(days=3)
    answer = second.post(f"{BASE}/lists/{made['id']}/approve", {"why": "checked"})
    assert answer.get_json()["code"] == "zones.changed_since"
    assert officer.get(f"{BASE}/lists/{made['id']}").get_json()["state"] == "waiting"
    assert red(community) == frozenset()


def test_an_appeal_is_judged_by_somebody_without_a_hand_in_it(
    community: CommunityRef,
    compound: Compound,
    resident: Any,
    officer: Any,
    second: Any,
    sign_in: Callable[..., Any],
) -> None:
    put_in_force(officer, second, "梧桐里1号楼")
    [mine] = resident.get(f"{BASE}/mine").get_json()["items"]
    path = f"{BASE}/homes/{mine['zone_home_id']}/appeals"
    assert sign_in("resident").post(path, {"why": "x"}).status_code == 404
    made = resident.post(path, {"why": "our door is on the other street"}).get_json()
    assert resident.post(path, {"why": "again"}).get_json()["code"] == "zones.appeal_open"
    answer = {"grants": True, "answer": "right: another entrance"}
    for own in (officer, second):
        assert own.post(f"{BASE}/appeals/{made['id']}/decide", answer).get_json()["code"] == "zones.own_list"
    third = sign_in("officer")
    assert [one["words"] for one in third.get(f"{BASE}/desk").get_json()["appeals"]] == [made["words"]]
    assert third.post(f"{BASE}/appeals/{made['id']}/decide", answer).get_json()["state"] == "granted"
    assert red(community) == set(compound[1, 2])
    looks = resident.get("/api/c/wutong/people/looks").get_json()["items"]
    assert {look["purpose"] for look in looks} == {"zones"}
    again = third.post(f"{BASE}/appeals/{made['id']}/decide", answer)
    assert again.get_json()["code"] == "zones.appeal_decided"


def workbook(*lines: str) -> bytes:
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in line.split(","))
        + "</row>"
        for line in lines
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "csv", "gb18030"])
def test_files_are_read_as_what_they_are(compound: Compound, officer: Any, kind: str) -> None:
    lines = ("区,地点,等级", "东丽区,梧桐里除1号楼以及2号楼外,高风险")
    text = "\n".join(lines)
    content = workbook(*lines) if kind == "xlsx" else text.encode("gb18030" if kind == "gb18030" else "utf-8")
    answer = officer.post(f"{BASE}/lists/upload?name=notice", data=content)
    assert answer.status_code == 201, answer.get_json()
    [row] = rows(officer, answer.get_json()["id"], "review")
    # The community hangs under no district here: whether 东丽区 is ours nobody knows.
    assert [doubt["why"] for doubt in row["doubts"]] == ["namesake"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xff\xff\xff", "地点\n".encode()])
def test_what_is_no_list_is_refused_and_leaves_nothing(
    compound: Compound, officer: Any, content: bytes
) -> None:
    answer = officer.post(f"{BASE}/lists/upload?name=notice", data=content)
    assert answer.status_code in (400, 422)
    assert officer.get(f"{BASE}/lists").get_json()["items"] == []


def test_a_list_may_call_us_by_another_name(compound: Compound, officer: Any) -> None:
    assert paste(officer, "同济新村1号楼")["groups"]["not_ours"] == 1
    assert paste(officer, "同济新村1号楼", other_names=["同济新村"])["groups"]["understood"] == 1


STEPS: dict[str, dict[str, Any]] = {
    "confirm": {},
    "drop": {"why": "x"},
    "send-back": {"why": "x"},
    "approve": {"why": "x"},
    "lift": {"why": "x"},
}
LEGAL = {
    ("draft", "confirm"): "waiting",
    ("draft", "drop"): "dropped",
    ("waiting", "send-back"): "draft",
    ("waiting", "approve"): "in_force",
    ("in_force", "lift"): "ended",
}
WAY: dict[str, tuple[str, ...]] = {
    "draft": (),
    "waiting": ("confirm",),
    "in_force": ("confirm", "approve"),
    "ended": ("confirm", "approve", "lift"),
    "dropped": ("drop",),
}
WITHOUT_POWER = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "clinic")


def brought_to(state: str, officer: Any, second: Any) -> dict[str, Any]:
    made = paste(officer, "梧桐里1号楼", "梧桐里旁平房与附近")
    for row in rows(officer, made["id"], "review"):
        officer.post(f"{BASE}/rows/{row['id']}/decide", {"door_ids": [], "why": "nobody lives there"})
    for step in WAY[state]:
        who = second if step == "approve" else officer
        answer = who.post(f"{BASE}/lists/{made['id']}/{step}", STEPS[step] or proposal())
        assert answer.status_code == 200, answer.get_json()
    return made


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", WAY)
def test_only_legal_steps_move_a_list(
    community: CommunityRef, compound: Compound, officer: Any, second: Any, state: str, step: str
) -> None:
    made = brought_to(state, officer, second)
    before = red(community)
    who = second if step == "approve" else officer
    answer = who.post(f"{BASE}/lists/{made['id']}/{step}", STEPS[step] or proposal())
    now = officer.get(f"{BASE}/lists/{made['id']}").get_json()["state"]
    if (state, step) in LEGAL:
        assert (answer.status_code, now) == (200, LEGAL[state, step])
    else:
        assert (answer.status_code, answer.get_json()["code"]) == (409, "zones.moved_on")
        assert (now, red(community)) == (state, before)


@pytest.mark.parametrize("state", [state for state in WAY if state != "draft"])
def test_rows_are_decided_in_drafts_only(compound: Compound, officer: Any, second: Any, state: str) -> None:
    made = brought_to(state, officer, second)
    [row] = rows(officer, made["id"], "understood")
    answer = officer.post(f"{BASE}/rows/{row['id']}/decide", {"door_ids": [], "why": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "zones.moved_on")


@pytest.mark.parametrize("role", WITHOUT_POWER)
def test_only_officers_decide(
    compound: Compound, officer: Any, second: Any, sign_in: Callable[..., Any], role: str
) -> None:
    made, other = brought_to("waiting", officer, second), sign_in(role)
    [row] = rows(officer, made["id"], "understood")
    for step, body in STEPS.items():
        assert other.post(f"{BASE}/lists/{made['id']}/{step}", body or proposal()).status_code == 403
    assert other.post(f"{BASE}/lists", {"name": "x", "text": "x"}).status_code == 403
    assert other.post(f"{BASE}/lists/upload?name=x", data=b"x").status_code == 403
    assert other.post(f"{BASE}/rows/{row['id']}/decide", {"door_ids": [], "why": "x"}).status_code == 403
    for path in ("lists", f"lists/{made['id']}", f"lists/{made['id']}/rows", "desk"):
        assert other.get(f"{BASE}/{path}").status_code == 403
    assert other.get(f"{BASE}/standing").status_code == (200 if role in ("guard", "grid_worker") else 403)


def test_the_proposer_cannot_approve_and_neither_can_the_table(
    community: CommunityRef, compound: Compound, officer: Any, sign_in: Callable[..., Any]
) -> None:
    made = paste(officer, "梧桐里1号楼")
    proposer = sign_in("officer")
    proposer.post(f"{BASE}/lists/{made['id']}/confirm", proposal())
    for who in (officer, proposer):
        answer = who.post(f"{BASE}/lists/{made['id']}/approve", {"why": "x"})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "zones.second_person")
        with pytest.raises(IntegrityError), transaction() as session:
            values = {"state": "in_force", "approved_by": who.person_id, "approved_why": "x"}
            session.execute(update(ZoneList).where(ZoneList.id == UUID(made["id"])).values(values))
    assert red(community) == frozenset()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "ended"},
        {"state": "waiting", "reason": ""},
        {"state": "waiting", "until_on": None},
        {"ended_by": UUID(int=0), "ended_why": ""},
        {"state": "in_force", "approved_why": ""},
        {"state": "elsewhere"},
    ],
)
def test_the_table_refuses_what_no_step_leads_to(
    compound: Compound, officer: Any, second: Any, values: dict[str, Any]
) -> None:
    made = put_in_force(officer, second, "梧桐里1号楼")
    if "ended_by" in values:
        values = {**values, "ended_by": officer.person_id}
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(ZoneList).where(ZoneList.id == UUID(made["id"])).values(values))


def test_a_row_that_a_person_decided_has_a_name_and_a_reason(compound: Compound, officer: Any) -> None:
    made = paste(officer, "梧桐里1号楼")
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(ZoneRow).where(ZoneRow.list_id == UUID(made["id"])).values(state="settled"))


def test_other_communities_neither_read_nor_write(
    compound: Compound,
    other_community: CommunityRef,
    resident: Any,
    officer: Any,
    second: Any,
    sign_in: Callable[..., Any],
) -> None:
    made = put_in_force(officer, second, "梧桐里1号楼")
    [mine] = resident.get(f"{BASE}/mine").get_json()["items"]
    appeal = resident.post(f"{BASE}/homes/{mine['zone_home_id']}/appeals", {"why": "x"}).get_json()
    [row] = rows(officer, made["id"], "understood")
    there = sign_in("officer", at=other_community)
    base = "/api/c/guihua/zones"
    assert there.get(f"{base}/lists").get_json()["items"] == []
    assert there.get(f"{base}/standing").get_json()["doors"] == []
    assert there.get(f"{base}/desk").get_json()["appeals"] == []
    for path in (f"lists/{made['id']}", f"lists/{made['id']}/rows"):
        assert there.get(f"{base}/{path}").status_code == 404
        assert there.get(f"{BASE}/{path}").status_code == 404
    for step, body in STEPS.items():
        assert there.post(f"{base}/lists/{made['id']}/{step}", body or proposal()).status_code == 404
    assert there.post(f"{base}/rows/{row['id']}/decide", {"door_ids": [], "why": "x"}).status_code == 404
    assert there.post(f"{base}/homes/{mine['zone_home_id']}/appeals", {"why": "x"}).status_code == 404
    answer = {"grants": True, "answer": "x"}
    assert there.post(f"{base}/appeals/{appeal['id']}/decide", answer).status_code == 404
    body = {"name": "x", "text": "桂花园1号楼旁平房", "level": "high"}
    theirs = there.post(f"{base}/lists", body).get_json()
    [waiting] = there.get(f"{base}/lists/{theirs['id']}/rows").get_json()["items"]
    wanted = {"door_ids": row["door_ids"], "why": "x"}
    refused = there.post(f"{base}/rows/{waiting['id']}/decide", wanted)
    assert refused.get_json()["code"] == "zones.door_not_here"


def test_every_step_leaves_a_name_and_a_reason_in_the_trail(
    compound: Compound, officer: Any, second: Any
) -> None:
    made = put_in_force(officer, second, "梧桐里1号楼1单元")
    officer.post(f"{BASE}/lists/{made['id']}/lift", {"why": "over"})
    with reading() as session:
        wanted = select(AuditRow).where(AuditRow.action.like("zones.%")).order_by(AuditRow.id)
        trail = [(row.action, row.actor_id, row.why) for row in session.scalars(wanted)]
    assert trail == [
        ("zones.imported", officer.person_id, None),
        ("zones.confirmed", officer.person_id, "a case in the building"),
        ("zones.approved", second.person_id, "checked"),
        ("zones.lifted", officer.person_id, "over"),
    ]


def test_flags_hold_no_longer_than_their_zone(compound: Compound, officer: Any, second: Any) -> None:
    put_in_force(officer, second, "梧桐里1号楼", days=59)
    with reading() as session:
        pairs = set(
            zip(session.scalars(select(Flag.until_at)), session.scalars(select(Zone.until_at)), strict=False)
        )
    assert all(flag == zone for flag, zone in pairs)
    assert max(flag for flag, _ in pairs) <= kit_clock.now() + timedelta(days=60)
