"""Endpoints of the gate: what comes, what is in, what does not add up."""

from __future__ import annotations

from uuid import UUID

from server.core.deliveries import service
from server.core.deliveries.routes.blueprint import bp
from server.core.deliveries.routes.views import codes_out, gate_out, parcel_out
from server.core.deliveries.schemas import (
    GateOut,
    MismatchesOut,
    MismatchOut,
    ParcelOut,
    ReceivedOut,
    ReceiveIn,
    WhyIn,
)
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community


@bp.get("/gate")
@bp.output(GateOut)
@allow("deliveries.gate")
def get_gate() -> GateOut:
    """What is on its way to the gate, what lies there, and what does not add up."""
    with reading() as session:
        return gate_out(session, current_community())


@bp.post("/gate/receive")
@bp.input(ReceiveIn, arg_name="body")
@bp.output(ReceivedOut)
@allow("deliveries.gate")
@idempotent
def receive(body: ReceiveIn) -> ReceivedOut:
    """Take parcels in: by the codes that were scanned, or a whole delivery by its count."""
    with transaction() as session:
        taken, unknown, mismatch = service.receive(
            session,
            current_actor(),
            current_community(),
            codes=body.parcel_codes,
            counted=body.counted,
            handover_id=body.handover_id,
        )
        return ReceivedOut(taken=codes_out(taken), unknown_codes=unknown, has_mismatch=mismatch)


@bp.get("/parcels/<code>")
@bp.output(ParcelOut)
@allow("deliveries.gate")
def get_parcel(code: str) -> ParcelOut:
    """Who has a parcel, and who had it before."""
    with reading() as session:
        return parcel_out(session, service.find_parcel(session, current_community().id, code))


@bp.get("/mismatches")
@bp.output(MismatchesOut)
@allow("deliveries.gate")
def list_mismatches() -> MismatchesOut:
    """Counts that did not add up and that nobody has looked into."""
    with reading() as session:
        rows = service.open_mismatches(session, current_community().id)
        return MismatchesOut(items=[MismatchOut.model_validate(row, from_attributes=True) for row in rows])


@bp.post("/mismatches/<uuid:mismatch_id>/close")
@bp.input(WhyIn, arg_name="body")
@bp.output(MismatchOut)
@allow("deliveries.plan")
@idempotent
def close_mismatch(mismatch_id: UUID, body: WhyIn) -> MismatchOut:
    """Say what came out."""
    with transaction() as session:
        row = service.close_mismatch(session, current_actor(), current_community(), mismatch_id, body.why)
        return MismatchOut.model_validate(row, from_attributes=True)
