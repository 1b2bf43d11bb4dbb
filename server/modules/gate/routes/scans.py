"""Endpoints of the guard, and of whoever looks back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.gate import service
from server.modules.gate.models import Scan
from server.modules.gate.routes.blueprint import bp
from server.modules.gate.rules.leaving import Outcome
from server.modules.gate.schemas import (
    DayQuery,
    FindingOut,
    FindingsOut,
    FindingsQuery,
    FlowOut,
    FlowRowOut,
    GateNowOut,
    GatesOut,
    ListOut,
    LoggedScanOut,
    LogIn,
    LogOut,
    ReasonOut,
    ScanIn,
    ScanOut,
    ScansOut,
    ScansQuery,
)
from server.modules.gate.service import FindingKind, How

SHOWS_WHO = (How.NUMBER, How.DOCUMENT, How.PAPER)


@bp.get("/gates")
@bp.output(GatesOut)
@allow("gate.scan")
def list_gates() -> GatesOut:
    """List the gates and whether they are open."""
    with reading() as session:
        return GatesOut(items=_gates(session))


@bp.post("/scans")
@bp.input(ScanIn, arg_name="body")
@bp.output(ScanOut)
@allow("gate.scan")
def scan(body: ScanIn) -> ScanOut:
    """Scan somebody; ``ref`` makes it happen once, however often it is sent."""
    with transaction() as session:
        presented = service.Presented(**body.model_dump())
        by = service.By(current_actor())
        return _scan_out(session, service.scan(session, by, current_community(), presented))


@bp.post("/log")
@bp.input(LogIn, arg_name="body")
@bp.output(LogOut)
@allow("gate.scan")
def take_in_log(body: LogIn) -> LogOut:
    """Take in what a scanner saw while it had no network; a row that is known changes nothing."""
    rows = [service.Logged(**{**one.model_dump(), "reasons": tuple(one.reasons)}) for one in body.scans]
    with transaction() as session:
        done = service.take_in(session, service.By(current_actor()), current_community(), rows)
        return LogOut(new=done.new, known=done.known)


@bp.get("/list")
@bp.output(ListOut)
@allow("gate.scan")
def offline_list() -> ListOut:
    """Return the signed list by which a scanner works without network."""
    with reading() as session:
        payload, signature = service.signed_list(session, current_community())
        return ListOut(payload=payload, signature=signature, now=clock.now())


@bp.get("/scans")
@bp.input(ScansQuery, location="query", arg_name="query")
@bp.output(ScansOut)
@allow("gate.look_back")
def list_scans(query: ScansQuery) -> ScansOut:
    """List scans, newest first."""
    with reading() as session:
        rows = service.scans_page(session, current_community().id, pass_id=query.pass_id, limit=query.limit)
        return ScansOut(items=[LoggedScanOut.model_validate(row) for row in rows])


@bp.get("/findings")
@bp.input(FindingsQuery, location="query", arg_name="query")
@bp.output(FindingsOut)
@allow("gate.look_back")
def list_findings(query: FindingsQuery) -> FindingsOut:
    """List overrides, and what does not add up: double uses, people let out who should not have been."""
    kinds = [query.kind] if query.kind else list(FindingKind)
    with reading() as session:
        found = service.findings_page(session, current_community().id, kinds, query.limit)
        scans = {finding.scan_id: session.get_one(Scan, finding.scan_id) for finding in found}
        return FindingsOut(
            items=[
                FindingOut(
                    id=finding.id,
                    kind=FindingKind(finding.kind),
                    key=finding.key,
                    scan_ref=scans[finding.scan_id].ref,
                    pass_id=finding.pass_id,
                    gate_id=scans[finding.scan_id].gate_id,
                    at=scans[finding.scan_id].at,
                    why=scans[finding.scan_id].why,
                    found_at=finding.found_at,
                )
                for finding in found
            ]
        )


@bp.get("/flow")
@bp.input(DayQuery, location="query", arg_name="query")
@bp.output(FlowOut)
@allow("gate.look_back")
def gate_flow(query: DayQuery) -> FlowOut:
    """Count who went through which gate in which hour of a day."""
    community = current_community()
    day = query.day or clock.now().astimezone(community.zone).date()
    with reading() as session:
        rows = service.flow(session, community, day)
        return FlowOut(day=day, gates=_gates(session), rows=[FlowRowOut.model_validate(row) for row in rows])


def _gates(session: Session) -> list[GateNowOut]:
    return [GateNowOut.model_validate(gate) for gate in places.gates(session, current_community())]


def _scan_out(session: Session, row: Scan) -> ScanOut:
    who, about = {"name": "", "home": "", "subject": ""}, None
    if row.pass_id is not None and (row.how in SHOWS_WHO or row.kind != "resident"):
        shown = service.find(session, row.community_id, row.pass_id)
        who, about = service.names_on(session, [shown])[shown.id], shown.subject_id
    return ScanOut(
        about=about,
        ref=row.ref,
        outcome=Outcome(row.outcome),
        reasons=[ReasonOut(**reason_facts(reason)) for reason in row.reasons],
        kind=row.kind,
        purpose=row.purpose,
        at=row.at,
        **who,
    )


def reason_facts(reason: dict[str, object]) -> dict[str, object]:
    """Return what a guard is told of a reason."""
    return {name: value for name, value in reason.items() if name in ReasonOut.model_fields}
