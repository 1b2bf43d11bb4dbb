"""Locks, lift readers, thermometers and scanners that talk through the port."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, Forbidden, NotFound, Refused, Unauthenticated
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Device, Reading

SEEN_EVERY = timedelta(minutes=1)


class DeviceKind(StrEnum):
    LOCK = "lock"
    LIFT_READER = "lift_reader"
    THERMOMETER = "thermometer"
    SCANNER = "scanner"


def register(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    kind: DeviceKind,
    label: str,
    gate_id: UUID | None,
    entrance_id: UUID | None,
) -> tuple[Device, str]:
    """Register a device at a gate or a building's door; return it and its token, which is shown this once."""
    if (gate_id is None) == (entrance_id is None):
        raise Refused("gate.device_place")
    if kind is DeviceKind.THERMOMETER and gate_id is None:
        raise Refused("gate.device_place")
    if gate_id is not None:
        places.gate_is_open(session, community, gate_id)
    if entrance_id is not None:
        places.entrance(session, community.id, entrance_id)
    token = secrets.token_urlsafe(32)
    device = Device(
        community_id=community.id,
        kind=kind,
        label=label.strip(),
        gate_id=gate_id,
        entrance_id=entrance_id,
        token_hash=_hash(token),
        made_by=actor.person_id,
        made_at=clock.now(),
    )
    session.add(device)
    session.flush()
    record(
        session, actor, community.id, "gate.device_registered", ("device", device.id), facts={"kind": kind}
    )
    return device, token


def end(session: Session, actor: Actor, community: CommunityRef, device_id: UUID) -> Device:
    """Take a device's token away. Raises NotFound, Conflict if that was done before."""
    device = session.scalars(
        select(Device).where(Device.community_id == community.id, Device.id == device_id).with_for_update()
    ).first()
    if device is None:
        raise NotFound("gate.device_not_found")
    if device.ended_at is not None:
        raise Conflict("gate.device_ended")
    device.ended_at = clock.now()
    record(session, actor, community.id, "gate.device_ended", ("device", device.id))
    return device


def devices(session: Session, community_id: UUID) -> list[Device]:
    """Return the community's devices, newest first."""
    return list(
        session.scalars(select(Device).where(Device.community_id == community_id).order_by(Device.id.desc()))
    )


def by_token(session: Session, community_id: UUID, token: str) -> Device:
    """Return whose token it is. Raises Unauthenticated for none, one that was ended, or another community's."""
    device = session.scalars(
        select(Device).where(
            Device.community_id == community_id, Device.token_hash == _hash(token), Device.ended_at.is_(None)
        )
    ).first()
    if not token or device is None:
        raise Unauthenticated("gate.bad_token")
    now = clock.now()
    if session.info["writes"] and (device.seen_at is None or device.seen_at < now - SEEN_EVERY):
        device.seen_at = now
    return device


def take_reading(session: Session, device: Device, tenths: int) -> None:
    """Keep a thermometer's reading until the next scan at its gate; the one before is forgotten."""
    if device.kind != DeviceKind.THERMOMETER or device.gate_id is None:
        raise Forbidden("gate.no_thermometer")
    session.execute(delete(Reading).where(Reading.device_id == device.id))
    session.add(
        Reading(
            community_id=device.community_id,
            device_id=device.id,
            gate_id=device.gate_id,
            tenths=tenths,
            at=clock.now(),
        )
    )
    session.flush()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
