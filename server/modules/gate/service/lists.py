"""The signed list that a scanner works by while it has no network."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.places import service as places
from server.kit import clock
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Credential, Pass, Scan
from server.modules.gate.rules.codes import LIST_DOMAIN
from server.modules.gate.rules.leaving import Rules, window_start
from server.modules.gate.service.keys import public_key, signing_key
from server.modules.gate.service.ruleset import rules_at

SERIAL_BYTES, HASH_BYTES = 5, 8


def signed_list(session: Session, community: CommunityRef) -> tuple[str, str]:
    """Return (payload, signature in base64).

    The payload is JSON. ``blocked``: serials of passes that the signature alone would let out and that must not go,
    5 bytes each, sorted, in base64; it does not say why. ``numbers``: of each six-digit number that may go out
    now, the first 8 bytes of SHA-256 over salt and number, sorted, in base64.
    """
    now = clock.now()
    version, rules = rules_at(session, community.id)
    key = public_key(community.id).public_bytes(Encoding.Raw, PublicFormat.Raw)
    blocked_passes = _blocked_passes(session, community, rules)
    salt = hashlib.sha256(f"{community.id} {now.isoformat()}".encode()).hexdigest()[:16]
    payload: dict[str, Any] = {
        "v": 1,
        "community": str(community.id),
        "issued_at": now.isoformat().replace("+00:00", "Z"),
        "limit_min": rules.list_limit_min,
        "key": base64.b64encode(key).decode(),
        "rule_version": version,
        "hours": [list(span) for span in rules.hours],
        "gates": [str(gate_id) for gate_id in rules.gates],
        "zone": community.timezone,
        "closed_gates": [str(gate.id) for gate in places.gates(session, community) if not gate.is_open],
        "needs_reading": rules.needs_reading,
        "fever_tenths": rules.fever_tenths,
        "blocked": base64.b64encode(_blocked(session, community.id, blocked_passes)).decode(),
        "salt": salt,
        "numbers": base64.b64encode(_numbers(session, community.id, salt, blocked_passes)).decode(),
    }
    text = json.dumps(payload, separators=(",", ":"), sort_keys=True)
    signature = signing_key(community.id).sign(LIST_DOMAIN + text.encode())
    return text, base64.b64encode(signature).decode()


def _blocked_passes(session: Session, community: CommunityRef, rules: Rules) -> set[UUID]:
    """Return the active passes that must not go out now.

    People held in, quota used up, purpose or kind not let out, not begun yet.
    """
    now = clock.now()
    homes, persons = flags.held_subjects(session, community.id, rules.refused_statuses)
    used_up = _homes_without_quota(session, community, rules)
    rows = session.execute(
        select(Pass.id, Pass.home_id, Pass.person_id, Pass.purpose, Pass.kind, Pass.from_at).where(
            Pass.community_id == community.id, Pass.state == "active"
        )
    )
    allowed = {*rules.purposes, *rules.exempt_purposes}
    return {
        row.id
        for row in rows
        if row.home_id in homes
        or row.person_id in persons
        or row.kind not in rules.kinds
        or row.from_at > now
        or (bool(rules.purposes) and row.purpose not in allowed)
        or (row.home_id in used_up and row.purpose not in rules.exempt_purposes)
    }


def _homes_without_quota(session: Session, community: CommunityRef, rules: Rules) -> set[UUID | None]:
    if rules.quota is None:
        return set()
    today = clock.now().astimezone(community.zone)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - (today.date() - window_start(today.date(), rules.quota))
    return set(
        session.scalars(
            select(Scan.home_id)
            .where(
                Scan.community_id == community.id,
                Scan.exit_number.is_not(None),
                Scan.at >= since,
                or_(Scan.purpose.is_(None), Scan.purpose.not_in(rules.exempt_purposes)),
            )
            .group_by(Scan.home_id)
            .having(func.count() >= rules.quota.most_exits)
        )
    )


def _blocked(session: Session, community_id: UUID, passes: set[UUID]) -> bytes:
    rows = session.execute(
        select(Credential.serial, Credential.pass_id, Credential.ended_at).where(
            Credential.community_id == community_id,
            # A day more: a scanner's clock may be behind.
            Credential.until_at > clock.now() - timedelta(days=1),
        )
    )
    serials = sorted(row.serial for row in rows if row.ended_at is not None or row.pass_id in passes)
    return b"".join(serial.to_bytes(SERIAL_BYTES, "big") for serial in serials)


def _numbers(session: Session, community_id: UUID, salt: str, blocked: set[UUID]) -> bytes:
    now = clock.now()
    rows = session.execute(
        select(Pass.id, Pass.number).where(
            Pass.community_id == community_id,
            Pass.state == "active",
            Pass.number.is_not(None),
            Pass.from_at <= now,
            Pass.until_at > now,
        )
    )
    return b"".join(
        sorted(
            hashlib.sha256(f"{salt}{row.number}".encode()).digest()[:HASH_BYTES]
            for row in rows
            if row.id not in blocked
        )
    )
