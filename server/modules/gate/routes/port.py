"""The port for devices: docs/gate-port.md. A device is known by its token and by nothing else."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.http import by_bearer
from server.kit.permissions import Actor, public
from server.kit.tenancy import current_community
from server.modules.gate import service
from server.modules.gate.models import Device
from server.modules.gate.routes.blueprint import bp
from server.modules.gate.rules.codes import CodeKind, read_code
from server.modules.gate.rules.leaving import Direction, Outcome
from server.modules.gate.schemas import (
    LogOut,
    PortListOut,
    PortLoggedIn,
    PortLogIn,
    PortScanIn,
    PortScanOut,
    PortStateOut,
    ReadingIn,
)
from server.modules.gate.service import How

TOKEN = "a device has no account: it is known by the token in its own header"
DIGITS = 6


@bp.post("/port/scans")
@bp.input(PortScanIn, arg_name="body")
@bp.output(PortScanOut)
@public(TOKEN)
@by_bearer
def port_scan(body: PortScanIn) -> PortScanOut:
    """A lock or reader was shown a code: shall it open?"""
    with transaction() as session:
        device = _device(session)
        presented = service.Presented(
            ref=body.ref,
            direction=body.direction,
            how=_how(body.text),
            text=body.text,
            gate_id=device.gate_id,
            entrance_id=device.entrance_id,
            reading_tenths=body.reading_tenths,
        )
        row = service.scan(session, service.By(Actor(None), device), current_community(), presented)
        return PortScanOut(
            ref=row.ref,
            opens=row.outcome != Outcome.DENY,
            outcome=Outcome(row.outcome),
            reasons=[reason["code"] for reason in row.reasons],
            now=clock.now(),
        )


@bp.post("/port/readings")
@bp.input(ReadingIn, arg_name="body")
@bp.output(PortStateOut)
@public(TOKEN)
@by_bearer
def port_reading(body: ReadingIn) -> PortStateOut:
    """A thermometer has measured somebody; the next scan at its gate uses it."""
    with transaction() as session:
        service.take_reading(session, _device(session), body.tenths)
        return PortStateOut(now=clock.now())


@bp.get("/port/list")
@bp.output(PortListOut)
@public(TOKEN)
def port_list() -> PortListOut:
    """The signed list by which a device works without network."""
    with reading() as session:
        device = _device(session)
        payload, signature = service.signed_list(session, current_community())
        return PortListOut(payload=payload, signature=signature, now=clock.now(), gate_id=device.gate_id)


@bp.post("/port/log")
@bp.input(PortLogIn, arg_name="body")
@bp.output(LogOut)
@public(TOKEN)
@by_bearer
def port_log(body: PortLogIn) -> LogOut:
    """What a device did while it had no network; a row that is known changes nothing."""
    with transaction() as session:
        device = _device(session)
        rows = [_logged(device, one) for one in body.scans]
        done = service.take_in(session, service.By(Actor(None), device), current_community(), rows)
        return LogOut(new=done.new, known=done.known)


def _device(session: Session) -> Device:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return service.by_token(session, current_community().id, token.strip() if kind == "Bearer" else "")


def _how(text: str) -> How:
    if not text:
        return How.NONE
    if len(text) == DIGITS and text.isdecimal():
        return How.NUMBER
    code = read_code(text)
    return How.PAPER if code is not None and code.kind is CodeKind.PAPER else How.CODE


def _logged(device: Device, one: PortLoggedIn) -> service.Logged:
    opened = Outcome.ALLOW if one.has_opened else Outcome.DENY
    return service.Logged(
        ref=one.ref,
        direction=one.direction,
        how=_how(one.text),
        text=one.text,
        gate_id=device.gate_id,
        entrance_id=device.entrance_id,
        at=one.at,
        outcome=Outcome.ADMIT if one.direction is Direction.IN else opened,
        reasons=tuple(one.reasons),
        list_issued_at=one.list_issued_at,
    )
