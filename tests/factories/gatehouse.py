"""A gate to test with: gates, passes, and phones that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.core.people import service as people
from server.core.places.models import Gate, Network, Node
from server.kit import clock
from server.kit.db import new_id, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate import service
from server.modules.gate.rules import codes
from server.modules.gate.rules.passes import PassKind, PassStep


@dataclass(frozen=True)
class Phone:
    """A phone with a pass on it."""

    pass_id: UUID
    number: str
    key: Ed25519PrivateKey
    signed: bytes

    def code(self, at: datetime | None = None) -> str:
        """Return what it shows at an instant (default: now)."""
        return codes.rotating_code(self.signed, codes.step_at(at or clock.now()), self.key)


def make_gates(community: CommunityRef, *labels: str) -> list[UUID]:
    """Make gates."""
    made = []
    with transaction() as session:
        if session.get(Network, community.id) is None:
            session.add(Network(community_id=community.id, latitude=31.0, longitude=121.0))
        for label in labels:
            node = Node(id=new_id(), community_id=community.id, ref=f"gate {label}", x_m=1.0, y_m=1.0)
            session.add(node)
            session.flush()
            gate = Gate(
                id=new_id(), community_id=community.id, ref=label, node_id=node.id, label=label, hours=[]
            )
            session.add(gate)
            made.append(gate.id)
    return made


def make_pass(
    community: CommunityRef,
    person_id: UUID,
    *,
    purpose: str = "shopping",
    kind: str = "resident",
    subject: str = "",
    days: float = 7,
    document: str = "",
) -> UUID:
    """Make an active pass of somebody who lives here."""
    now = clock.now()
    asked = service.Application(
        PassKind(kind), purpose, now, now + timedelta(days=days), subject=subject, document=document
    )
    with transaction() as session:
        actor = Actor(person_id, people.grants_of(session, person_id))
        row = service.apply(session, actor, community, asked)
        if row.state == "applied":
            service.step(session, SYSTEM, community, row.id, PassStep.APPROVE)
        return row.id


def put_on_phone(community: CommunityRef, person_id: UUID, pass_id: UUID) -> Phone:
    """Give the pass to a new phone of this person."""
    key = Ed25519PrivateKey.generate()
    with transaction() as session:
        row = service.find(session, community.id, pass_id)
        signed = service.bind_device(
            session, Actor(person_id), community, row, key.public_key().public_bytes_raw().hex()
        )
        raw = codes.from_base45(signed)
        assert raw is not None
        return Phone(pass_id, row.number or "", key, raw)


def make_phone(community: CommunityRef, person_id: UUID, **pass_: str) -> Phone:
    """Make an active pass and put it on a phone."""
    return put_on_phone(community, person_id, make_pass(community, person_id, **pass_))  # type: ignore[arg-type]
