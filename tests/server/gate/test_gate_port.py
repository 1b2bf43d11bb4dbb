"""The port for devices, and the signed list."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from apiflask import APIFlask
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient
from sqlalchemy import select

from server.core.flags import service as flags
from server.kit import clock as clock_of
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.models import Credential, Device, Reading, Scan
from server.modules.gate.module.device_command import GateDevice
from server.modules.gate.rules.codes import LIST_DOMAIN
from server.modules.gate.rules.leaving import Quota, Rules
from server.modules.gate.rules.passes import PassStep
from tests.factories.gatehouse import Phone, make_gates, make_phone
from tests.factories.neighbourhood import make_resident
from tests.server.conftest import Api

PORT = "/api/c/wutong/gate/port"
DEVICES = "/api/c/wutong/gate/devices"


class Lock:
    """A device: no account, no cookie, a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: dict[str, Any], port: str = PORT) -> Any:
        return self.client.post(port + path, json=body, headers=self.headers)

    def show(self, text: str, **more: Any) -> Any:
        return self.post("/scans", {"ref": str(uuid4()), "direction": "out", "text": text, **more}).get_json()


@pytest.fixture
def register(app: APIFlask, sign_in: Callable[..., Api], gates: list[UUID]) -> Callable[..., Lock]:
    officer = sign_in("officer")

    def make(kind: str = "lock", **place: str) -> Lock:
        body = {"kind": kind, "label": "test", **(place or {"gate_id": str(gates[0])})}
        answer = officer.post(DEVICES, body)
        assert answer.status_code == 201, answer.get_json()
        return Lock(app.test_client(), answer.get_json()["token"])

    return make


def the_list(lock: Lock) -> dict[str, Any]:
    """Fetch the list, verify it as a device does, and return what it says."""
    answer = lock.client.get(f"{PORT}/list", headers=lock.headers).get_json()
    said: dict[str, Any] = json.loads(answer["payload"])
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said["key"]))
    signed = LIST_DOMAIN + answer["payload"].encode()
    key.verify(base64.b64decode(answer["signature"]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(answer["signature"]), signed.replace(b"limit_min", b"limit_max"))
    return said


def blocked(lock: Lock) -> list[int]:
    raw = base64.b64decode(the_list(lock)["blocked"])
    return [int.from_bytes(raw[at : at + 5], "big") for at in range(0, len(raw), 5)]


def serial_of(pass_id: UUID) -> int:
    with reading() as session:
        return (
            session.scalars(
                select(Credential.serial).where(Credential.pass_id == pass_id).order_by(Credential.id.desc())
            ).first()
            or 0
        )


def test_a_lock_opens_once_and_says_why_not(register: Callable[..., Lock], phone: Phone) -> None:
    lock = register()
    first, second = lock.show(phone.code()), lock.show(phone.code())
    assert (first["opens"], first["reasons"]) == (True, [])
    assert (second["opens"], second["reasons"]) == (False, ["double_use"])
    assert lock.show("rubbish", direction="in")["opens"]


def test_a_lift_reader_at_a_door_takes_people_home(
    register: Callable[..., Lock], phone: Phone, homes: list[UUID], sign_in: Callable[..., Api]
) -> None:
    guard = sign_in("officer")
    entrance = guard.get("/api/c/wutong/places/homes").get_json()["items"][0]["entrance_id"]
    reader = register("lift_reader", entrance_id=entrance)
    assert reader.show(phone.code(), direction="in")["outcome"] == "admit"


def test_a_thermometers_reading_is_used_once_and_forgotten(
    register: Callable[..., Lock], phone: Phone, clock: SettableClock
) -> None:
    thermometer, lock = register("thermometer"), register()
    assert thermometer.post("/readings", {"tenths": 385}).status_code == 200
    assert lock.show(phone.code())["reasons"] == ["reading_high"]
    with reading() as session:
        assert session.scalars(select(Reading)).all() == []
    assert lock.show(phone.code())["opens"]
    thermometer.post("/readings", {"tenths": 385})
    clock.advance(seconds=120)
    assert lock.show(phone.code())["opens"]
    assert lock.post("/readings", {"tenths": 365}).status_code == 403
    assert thermometer.post("/readings", {"tenths": 900}).status_code == 422


def test_a_token_opens_nothing_once_it_is_ended_unknown_or_anothers(
    app: APIFlask,
    register: Callable[..., Lock],
    sign_in: Callable[..., Api],
    phone: Phone,
    other_community: CommunityRef,
) -> None:
    lock, officer = register(), sign_in("officer")
    body = {"ref": str(uuid4()), "direction": "out", "text": phone.code()}
    assert lock.post("/scans", body, port="/api/c/guihua/gate/port").status_code == 401
    assert Lock(app.test_client(), "guess").post("/scans", body).status_code == 401
    assert app.test_client().post(f"{PORT}/scans", json=body).status_code == 401
    with reading() as session:
        device = session.scalars(select(Device)).one()
        assert len(device.token_hash) == 64
        assert device.token_hash not in lock.headers["Authorization"]
    assert officer.post(f"{DEVICES}/{device.id}/end").status_code == 200
    assert officer.post(f"{DEVICES}/{device.id}/end").status_code == 409
    for answer in (
        lock.post("/scans", body),
        lock.post("/log", {"scans": []}),
        lock.post("/readings", {"tenths": 365}),
        lock.client.get(f"{PORT}/list", headers=lock.headers),
    ):
        assert answer.status_code == 401


def test_a_device_stands_at_one_place_of_ours(
    sign_in: Callable[..., Api], gates: list[UUID], other_community: CommunityRef
) -> None:
    officer, theirs = sign_in("officer"), make_gates(other_community, "南门")[0]
    for place, status in (({}, 422), ({"gate_id": str(theirs)}, 404), ({"gate_id": str(uuid4())}, 404)):
        assert officer.post(DEVICES, {"kind": "lock", "label": "x", **place}).status_code == status


def test_a_devices_log_is_taken_in_once(register: Callable[..., Lock], phone: Phone) -> None:
    lock = register()
    row = {
        "ref": str(uuid4()),
        "direction": "out",
        "text": phone.code(),
        "at": "2026-03-02T09:00:00Z",
        "has_opened": True,
        "list_issued_at": "2026-03-02T08:59:00Z",
    }
    assert lock.post("/log", {"scans": [row]}).get_json() == {"new": 1, "known": 0}
    assert lock.post("/log", {"scans": [row]}).get_json() == {"new": 0, "known": 1}


def test_the_list_carries_every_revocation(
    register: Callable[..., Lock],
    phone: Phone,
    community: CommunityRef,
    homes: list[UUID],
    clock: SettableClock,
) -> None:
    lock = register()
    other = make_phone(community, make_resident(community, homes[1]))
    assert blocked(lock) == []
    with transaction() as session:
        flag = flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="x")
    assert blocked(lock) == [serial_of(phone.pass_id)]
    assert "red" not in str(the_list(lock))
    with transaction() as session:
        flags.end_flag(session, SYSTEM, community.id, flag.id, "over")
        service.step(session, SYSTEM, community, other.pass_id, PassStep.REVOKE, ground="lost")
    clock.advance(seconds=1)
    assert blocked(lock) == [serial_of(other.pass_id)]


def test_the_list_blocks_a_home_whose_quota_is_used_up(
    register: Callable[..., Lock], phone: Phone, community: CommunityRef, clock: SettableClock
) -> None:
    lock = register()
    with transaction() as session:
        service.set_rules(session, SYSTEM, community, Rules(quota=Quota(1, 2)), why="test", on=0)
    assert blocked(lock) == []
    assert lock.show(phone.code())["opens"]
    assert blocked(lock) == [serial_of(phone.pass_id)]
    clock.advance(days=2)
    assert blocked(lock) == []


class Wire(httpx.BaseTransport):
    """Carries a device's requests into the application, or nowhere."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.is_cut = client, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_cut:
            raise httpx.ConnectError("cut")
        answer = self.client.open(
            request.url.path,
            method=request.method,
            data=request.read(),
            headers={name: value for name, value in request.headers.items() if name != "host"},
        )
        return httpx.Response(answer.status_code, content=answer.data)


def test_the_software_device_works_with_network_and_without(
    app: APIFlask,
    register: Callable[..., Lock],
    phone: Phone,
    community: CommunityRef,
    homes: list[UUID],
    tmp_path: Path,
) -> None:
    """By the wall's clock, as a device has no other."""
    wire = Wire(app.test_client())
    lock, state = register(), tmp_path / "device.json"
    with clock_of.using(clock_of.SystemClock()):
        phone = make_phone(community, make_resident(community, homes[0]))
        client = httpx.Client(base_url=f"http://localhost{PORT}", headers=lock.headers, transport=wire)
        device = GateDevice(client, state)
        device.open()
        assert device.show("out", phone.code()) == {"opens": True, "reasons": [], "is_offline": False}
        wire.is_cut = True
        other = make_phone(community, make_resident(community, homes[1]))
        # A device that was switched off meanwhile knows what it knew.
        device = GateDevice(client, state)
        device.open()
        code = other.code()
        assert device.show("out", code) == {"opens": True, "reasons": [], "is_offline": True}
        assert device.show("out", code)["reasons"] == ["double_use"]
        assert not device.show("out", "rubbish")["opens"]
        assert device.show("in", "rubbish")["opens"]
        wire.is_cut = False
        assert device.sync()
        assert device.kept["log"] == []
    with reading() as session:
        assert len(session.scalars(select(Scan)).all()) == 5


def test_a_device_without_a_list_lets_nobody_out(app: APIFlask, register: Callable[..., Lock]) -> None:
    wire = Wire(app.test_client())
    wire.is_cut = True
    device = GateDevice(httpx.Client(base_url="http://localhost", transport=wire))
    device.open()
    assert device.show("out", "123456") == {"opens": False, "reasons": ["stale"], "is_offline": True}
    assert device.show("in", "123456")["opens"]
