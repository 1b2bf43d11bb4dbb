"""What a pass is shown with: a phone's key or a sheet of paper."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, Forbidden, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Credential, Pass
from server.modules.gate.rules.codes import (
    CodeKind,
    certificate,
    sign_certificate,
    to_base45,
)
from server.modules.gate.service.keys import signing_key
from server.modules.gate.service.ruleset import rules_at

SERIAL_BITS = 40


def bind_device(session: Session, actor: Actor, community: CommunityRef, row: Pass, key_hex: str) -> str:
    """Give the pass to a phone: return it signed, in base45. The phone that had it before loses it.

    ``key_hex``: the phone's Ed25519 public key. Raises Forbidden for anybody but the one who shows the pass.
    """
    if actor.person_id != row.carrier_id:
        raise Forbidden("gate.not_yours")
    _check_active(row)
    key = _public_key(key_hex)
    known = session.scalars(_live(row).where(Credential.public_key == key.hex())).first()
    if known is None:
        known = _make(session, row, CodeKind.ROTATING, key)
        record(session, actor, community.id, "gate.pass_on_phone", ("pass", row.id))
    return _signed(session, row, known, key)


def print_paper(session: Session, actor: Actor, community: CommunityRef, row: Pass) -> str:
    """Return the code for a sheet of paper; the sheet printed before is worth nothing any more."""
    _check_active(row)
    made = _make(session, row, CodeKind.PAPER, b"")
    record(session, actor, community.id, "gate.pass_on_paper", ("pass", row.id))
    return _signed(session, row, made, b"")


def on_phones(session: Session, community_id: UUID, pass_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of the passes are on some phone."""
    return set(
        session.scalars(
            select(Credential.pass_id).where(
                Credential.community_id == community_id,
                Credential.pass_id.in_(list(pass_ids)),
                Credential.kind == CodeKind.ROTATING.name.lower(),
                Credential.ended_at.is_(None),
            )
        )
    )


def end_credentials(
    session: Session, community_id: UUID, pass_id: UUID, kind: CodeKind | None = None
) -> None:
    """End what a pass is shown with: all of it, or of one kind."""
    wanted = select(Credential).where(
        Credential.community_id == community_id,
        Credential.pass_id == pass_id,
        Credential.ended_at.is_(None),
    )
    if kind is not None:
        wanted = wanted.where(Credential.kind == kind.name.lower())
    for credential in session.scalars(wanted):
        credential.ended_at = clock.now()


def _make(session: Session, row: Pass, kind: CodeKind, key: bytes) -> Credential:
    end_credentials(session, row.community_id, row.id, kind)
    made = Credential(
        community_id=row.community_id,
        pass_id=row.id,
        serial=secrets.randbits(SERIAL_BITS),
        kind=kind.name.lower(),
        public_key=key.hex() or None,
        made_at=clock.now(),
        until_at=row.until_at,
    )
    session.add(made)
    session.flush()
    return made


def _signed(session: Session, row: Pass, credential: Credential, key: bytes) -> str:
    _, rules = rules_at(session, row.community_id)
    body = certificate(
        CodeKind[credential.kind.upper()],
        credential.serial,
        credential.until_at,
        device_key=key,
        is_exempt=row.purpose in rules.exempt_purposes,
    )
    return to_base45(sign_certificate(signing_key(row.community_id), row.community_id, body))


def _live(row: Pass) -> Select[Credential]:
    return select(Credential).where(
        Credential.community_id == row.community_id,
        Credential.pass_id == row.id,
        Credential.ended_at.is_(None),
    )


def _check_active(row: Pass) -> None:
    if row.state != "active" or row.until_at <= clock.now():
        raise Conflict("gate.not_active")


def _public_key(key_hex: str) -> bytes:
    try:
        key = bytes.fromhex(key_hex)
        Ed25519PublicKey.from_public_bytes(key)
    except ValueError:
        raise Refused("gate.bad_key") from None
    return key
