"""What providers tell us: that something has happened to a payment. Each message once; what it says is not believed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import insert_once, is_uuid, reading, touched
from server.kit.errors import OutsideFailed
from server.kit.jobs import enqueue
from server.kit.ports.payments import NotTaken, Payments, ProviderMessage
from server.kit.tenancy import only
from server.modules.money.models import Payment, ProviderEvent
from server.modules.money.service.looking import look
from server.modules.money.service.providers import outside

LOOK = "money.look"
KEPT = timedelta(days=90)


def take(session: Session, provider: str, message: ProviderMessage) -> bool:
    """Write a message down and have its payment looked at; return False if it has come before."""
    made = insert_once(
        session,
        ProviderEvent,
        {
            "provider": provider,
            "event_id": message.event_id[:80],
            "kind": message.kind[:60],
            "object_ref": message.object_ref[:80],
            "received_at": clock.now(),
        },
        unless=["provider", "event_id"],
    )
    if made is None:
        return False
    if message.object_ref:
        enqueue(session, LOOK, None, {"object_ref": message.object_ref}, key=f"{LOOK}:{made}")
    return True


def forget(session: Session) -> int:
    """Forget messages that no provider sends again (Stripe: a month at most, and never with an old signature)."""
    old = ProviderEvent.received_at < clock.now() - KEPT
    return touched(session.execute(delete(ProviderEvent).where(old)))


def look_at(object_ref: str, provider: Payments | None = None) -> None:
    """Bring the payment that the provider calls ``object_ref`` up to date; nothing if it is none of ours.

    Raises OutsideFailed where the provider is away, or something of ours has to end first: the job comes again.
    """
    provider = provider or outside()
    try:
        place = _place(object_ref, provider)
    except NotTaken:
        return
    if place is None:
        return
    community_id, payment_id = place
    with only(community_id):
        found = look(community_id, payment_id, provider, ref=object_ref)
    if any(one["kind"] in ("dispute", "refund") for one in found.differences):
        raise OutsideFailed("payments: an operation of ours is still under way")


def _place(object_ref: str, provider: Payments) -> tuple[UUID, UUID] | None:
    """Return the community and id of the payment. A message may be faster than our own writing down of its name."""
    known = select(Payment.community_id, Payment.id)
    with reading() as session:
        row = session.execute(known.where(Payment.provider_ref == object_ref)).first()
    if row is None:
        named = provider.payment_of(object_ref)
        if named is None or not is_uuid(named):
            return None
        with reading() as session:
            row = session.execute(known.where(Payment.id == UUID(named))).first()
    return (row[0], row[1]) if row else None
