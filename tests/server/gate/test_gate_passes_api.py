"""Passes over HTTP: every state, every step, every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from server.core.flags import service as flags
from server.core.people import service as people
from server.kit import clock as kit_clock
from server.kit.clock import SettableClock
from server.kit.db import transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Pass
from server.modules.gate.rules.codes import from_base45
from server.modules.gate.rules.leaving import Rules
from server.modules.gate.rules.passes import STEPS, PassState, PassStep
from tests.factories.gatehouse import Phone, make_pass, make_phone
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api

PASSES = "/api/c/wutong/gate/passes"
BY_HTTP = [step for step in PassStep if step is not PassStep.EXPIRE]
OWN = {PassStep.WITHDRAW, PassStep.APPEAL}


def period(hours: float = 24) -> dict[str, str]:
    now = kit_clock.now()
    return {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=hours)).isoformat()}


def put_into(pass_id: UUID, state: PassState) -> None:
    """Put a pass into a state, past the rules: what is tried from there is what is tested."""
    with transaction() as session:
        number = "123456" if state is PassState.ACTIVE else None
        session.execute(update(Pass).where(Pass.id == pass_id).values(state=state, number=number))


def allowed(role: str, step: PassStep) -> bool:
    if role == "own":
        return step in OWN
    return role in ("grid_worker", "officer") and step is not PassStep.APPEAL


@pytest.mark.parametrize("role", ["own", "resident", "guard", "courier", "grid_worker", "officer", "clinic"])
def test_every_step_from_every_state_by_every_role(
    role: str, sign_in: Callable[..., Api], community: CommunityRef, resident: UUID
) -> None:
    pass_id = make_pass(community, resident)
    api = sign_in("resident", person_id=resident) if role == "own" else sign_in(role)
    wrong: dict[str, Any] = {}
    for state in PassState:
        for step in BY_HTTP:
            put_into(pass_id, state)
            answer = api.post(f"{PASSES}/{pass_id}/{step}", {"ground": "because"})
            if not allowed(role, step):
                # Whoever has nothing to do with the pass is not told that it exists.
                expected = {403, 404}
            elif (state, step) in STEPS:
                expected = {200}
            else:
                expected = {409}
            if answer.status_code not in expected:
                wrong[f"{state} {step}"] = answer.status_code
            elif answer.status_code == 200 and answer.get_json()["state"] != STEPS[state, step]:
                wrong[f"{state} {step}"] = answer.get_json()["state"]
    assert wrong == {}


def test_apply_approve_show(sign_in: Callable[..., Api], resident: UUID) -> None:
    me, officer = sign_in("resident", person_id=resident), sign_in("officer")
    made = me.post(PASSES, {"purpose": "shopping", **period()}).get_json()
    assert (made["state"], made["number"], made["is_mine_to_show"]) == ("applied", None, True)
    waiting = officer.get(f"{PASSES}?state=applied").get_json()["items"]
    assert [(one["id"], one["name"]) for one in waiting] == [(made["id"], "小梅")]
    approved = officer.post(f"{PASSES}/{made['id']}/approve", {}).get_json()
    assert approved["state"] == "active"
    mine = me.get(f"{PASSES}/mine").get_json()["items"][0]
    assert (mine["state"], len(mine["number"])) == ("active", 6)
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    signed = me.post(f"{PASSES}/{made['id']}/phone", {"public_key": key}).get_json()["signed"]
    assert len(from_base45(signed) or b"") == 106
    assert officer.post(f"{PASSES}/{made['id']}/phone", {"public_key": key}).status_code == 403


def test_a_key_that_is_none_is_refused(
    sign_in: Callable[..., Api], community: CommunityRef, resident: UUID
) -> None:
    me, pass_id = sign_in("resident", person_id=resident), make_pass(community, resident)
    assert me.post(f"{PASSES}/{pass_id}/phone", {"public_key": "xyz"}).status_code == 422


def test_the_rules_approve_what_they_may_and_say_so(
    sign_in: Callable[..., Api], resident: UUID, community: CommunityRef, homes: list[UUID]
) -> None:
    with transaction() as session:
        rules = Rules(approved_by_rule=("shopping",), longest_pass_h=24)
        service.set_rules(session, SYSTEM, community, rules, why="test", on=0)
    me = sign_in("resident", person_id=resident)
    made = me.post(PASSES, {"purpose": "shopping", **period(24)}).get_json()
    assert (made["state"], made["is_decided_by_rule"]) == ("active", True)
    assert me.post(PASSES, {"purpose": "shopping", **period(25)}).get_json()["state"] == "applied"
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="an order")
    made = me.post(PASSES, {"purpose": "shopping", **period(24)}).get_json()
    assert (made["state"], made["is_held"]) == ("applied", True)


def test_one_asks_for_ones_own_home_only(
    sign_in: Callable[..., Api], resident: UUID, community: CommunityRef, homes: list[UUID]
) -> None:
    me, neighbour = sign_in("resident", person_id=resident), make_resident(community, homes[1])
    for other in ({"home_id": str(homes[1])}, {"person_id": str(neighbour)}, {"carrier_id": str(neighbour)}):
        assert me.post(PASSES, {"purpose": "work", **period(), **other}).status_code == 403, other
    worker = sign_in("grid_worker")
    asked = {"purpose": "medical", **period(), "home_id": str(homes[1]), "person_id": str(neighbour)}
    made = worker.post(PASSES, asked).get_json()
    assert made["state"] == "applied"
    assert worker.post(f"{PASSES}/{made['id']}/approve", {}).status_code == 200
    paper = worker.post(f"{PASSES}/{made['id']}/paper").get_json()
    assert len(paper["code"]) == 111


def test_a_companion_shows_the_pass_of_somebody_without_a_phone(
    sign_in: Callable[..., Api], resident: UUID, community: CommunityRef, homes: list[UUID]
) -> None:
    me, grandmother = sign_in("resident", person_id=resident), make_resident(community, homes[0], "elder")
    asked = {"purpose": "medical", **period(), "person_id": str(grandmother), "carrier_id": str(resident)}
    made = me.post(PASSES, asked).get_json()
    assert made["is_mine_to_show"]
    other = sign_in("resident", person_id=grandmother)
    assert not other.get(f"{PASSES}/mine").get_json()["items"][0]["is_mine_to_show"]


def test_nobody_approves_their_own_pass(
    sign_in: Callable[..., Api], community: CommunityRef, homes: list[UUID]
) -> None:
    officer = sign_in("officer")
    with transaction() as session:
        people.add_member(session, community.id, homes[0], officer.person_id or UUID(int=0))
    made = officer.post(PASSES, {"purpose": "work", **period()}).get_json()
    assert officer.post(f"{PASSES}/{made['id']}/approve", {}).status_code == 403


def test_a_pass_of_another_community_is_not_there(
    sign_in: Callable[..., Api], other_community: CommunityRef
) -> None:
    person = make_resident(other_community, make_homes(other_community, 1)[0])
    theirs = make_phone(other_community, person).pass_id
    officer = sign_in("officer")
    for act in ("approve", "refuse", "revoke", "withdraw", "appeal", "paper"):
        answer = officer.post(f"{PASSES}/{theirs}/{act}", None if act == "paper" else {"ground": "x"})
        assert answer.status_code == 404, act
    assert officer.get(PASSES).get_json()["items"] == []


def test_a_home_has_no_more_than_thirty_live_passes(sign_in: Callable[..., Api], resident: UUID) -> None:
    me = sign_in("resident", person_id=resident)
    codes = [me.post(PASSES, {"purpose": "work", **period()}).status_code for _ in range(31)]
    assert codes == [201] * 30 + [422]


def test_what_is_over_expires_by_itself(
    phone: Phone, community: CommunityRef, clock: SettableClock, drain: Callable[[], None]
) -> None:
    clock.advance(days=8)
    with transaction() as session:
        assert service.expire_due(session, community) == 1
        row = service.find(session, community.id, phone.pass_id)
        assert (row.state, row.number) == ("expired", None)
    drain()


def test_bad_applications_say_why(sign_in: Callable[..., Api], resident: UUID) -> None:
    me = sign_in("resident", person_id=resident)
    for wrong, code in (
        ({"kind": "vehicle", **period()}, "gate.subject_missing"),
        (period(24 * 32), "gate.too_long"),
        (period(-1), "gate.bad_period"),
    ):
        assert me.post(PASSES, {"purpose": "work", **wrong}).get_json()["code"] == code
    assert me.post(PASSES, {"purpose": "DROP TABLE", **period()}).status_code == 422
