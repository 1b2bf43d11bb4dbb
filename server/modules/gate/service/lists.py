"""The signed list that a scanner works by while it has no network."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import ColumnElement, Select, func, not_, or_, select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.places import service as places
from server.kit import clock
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Credential, Pass, Scan
from server.modules.gate.rules.codes import LIST_DOMAIN
from server.modules.gate.rules.leaving import Quota, Rules, window_start
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
    must_stay = _must_stay(community, rules)
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
        "blocked": base64.b64encode(_blocked(session, community.id, must_stay)).decode(),
        "salt": salt,
        "numbers": base64.b64encode(_numbers(session, community.id, salt, must_stay)).decode(),
    }
    text = json.dumps(payload, separators=(",", ":"), sort_keys=True)
    signature = signing_key(community.id).sign(LIST_DOMAIN + text.encode())
    return text, base64.b64encode(signature).decode()


def _must_stay(community: CommunityRef, rules: Rules) -> ColumnElement[bool]:
    """Return the condition of the passes that must not go out now.

    People held in, quota used up, purpose or kind not let out, not begun yet.
    """
    homes, persons = flags.held_query(community.id, rules.refused_statuses)
    conditions = [
        Pass.home_id.in_(homes),
        Pass.person_id.in_(persons),
        Pass.kind.not_in(rules.kinds),
        Pass.from_at > clock.now(),
    ]
    if rules.purposes:
        conditions.append(Pass.purpose.not_in([*rules.purposes, *rules.exempt_purposes]))
    if rules.quota is not None:
        used_up = Pass.home_id.in_(_homes_without_quota(community, rules, rules.quota))
        conditions.append(used_up & Pass.purpose.not_in(rules.exempt_purposes))
    # Goods have no home, and a condition on nothing is neither true nor false.
    return func.coalesce(or_(*conditions), False)


def _homes_without_quota(community: CommunityRef, rules: Rules, quota: Quota) -> Select[UUID | None]:
    today = clock.now().astimezone(community.zone).date()
    since = datetime.combine(window_start(today, quota), time(), community.zone)
    return (
        select(Scan.home_id)
        .where(
            Scan.community_id == community.id,
            Scan.exit_number.is_not(None),
            Scan.at >= since,
            or_(Scan.purpose.is_(None), Scan.purpose.not_in(rules.exempt_purposes)),
        )
        .group_by(Scan.home_id)
        .having(func.count() >= quota.most_exits)
    )


def _blocked(session: Session, community_id: UUID, must_stay: ColumnElement[bool]) -> bytes:
    serials = session.scalars(
        select(Credential.serial)
        .join(Pass, Pass.id == Credential.pass_id)
        .where(
            Credential.community_id == community_id,
            # A day more: a scanner's clock may be behind.
            Credential.until_at > clock.now() - timedelta(days=1),
            or_(Credential.ended_at.is_not(None), must_stay),
        )
        .order_by(Credential.serial)
    )
    return b"".join(serial.to_bytes(SERIAL_BYTES, "big") for serial in serials)


def _numbers(session: Session, community_id: UUID, salt: str, must_stay: ColumnElement[bool]) -> bytes:
    now = clock.now()
    numbers = session.scalars(
        select(Pass.number).where(
            Pass.community_id == community_id,
            Pass.state == "active",
            Pass.number.is_not(None),
            Pass.until_at > now,
            not_(must_stay),
        )
    )
    hashes = (hashlib.sha256(f"{salt}{number}".encode()).digest()[:HASH_BYTES] for number in numbers)
    return b"".join(sorted(hashes))
