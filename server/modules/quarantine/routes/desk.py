"""Endpoints of the officer's desk: exceptions, many homes at once, settings."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.quarantine import service
from server.modules.quarantine.routes import views
from server.modules.quarantine.routes.blueprint import bp
from server.modules.quarantine.rules.ladder import Settings
from server.modules.quarantine.schemas import (
    ApprovalIn,
    BulkIn,
    BulkOut,
    BulksOut,
    DaysQuery,
    DeskOut,
    IsolationDayOut,
    IsolationDaysOut,
    IsolationSpotOut,
    IsolationSpotsOut,
    PatientsOut,
    ReferralOut,
    SettingsBody,
)


@bp.get("/desk")
@bp.output(DeskOut)
@allow("quarantine.decide")
def desk() -> DeskOut:
    """Read what has to be decided or seen to."""
    with reading() as session:
        community = current_community()
        counts = service.exceptions(session, community.id)
        return DeskOut(
            overdue=counts.overdue,
            missed=counts.missed,
            without_owner=counts.without_owner,
            not_signed_off=counts.not_signed_off,
            referrals=views.referrals_out(session, community, service.open_referrals(session, community.id)),
            appeals=views.appeals_out(session, community, service.appeals_here(session, community.id)),
        )


@bp.get("/days")
@bp.input(DaysQuery, location="query", arg_name="query")
@bp.output(IsolationDaysOut)
@allow("quarantine.decide")
def list_days(query: DaysQuery) -> IsolationDaysOut:
    """Count the checks of each of the last days, and how far the missed ones climbed."""
    with reading() as session:
        found = service.days(session, current_community(), query.days)
        return IsolationDaysOut(items=[IsolationDayOut.model_validate(asdict(one)) for one in found])


@bp.get("/spots")
@bp.output(IsolationSpotsOut)
@allow("quarantine.decide")
def list_spots() -> IsolationSpotsOut:
    """List the entrances with isolated homes, for the map."""
    with reading() as session:
        found = service.spots(session, current_community().id)
        return IsolationSpotsOut(items=[IsolationSpotOut.model_validate(asdict(one)) for one in found])


@bp.get("/referrals")
@bp.output(PatientsOut)
@allow("quarantine.treat")
def list_referrals() -> PatientsOut:
    """List who waits to be seen, with what was measured; each of them is shown who looked."""
    with reading() as session:
        community = current_community()
        rows = service.open_referrals(session, community.id)
        return PatientsOut(items=views.patients_out(session, community, rows), next=None)


@bp.post("/referrals/<uuid:referral_id>/close")
@bp.output(ReferralOut)
@allow("quarantine.refer")
@idempotent
def close_referral(referral_id: UUID) -> ReferralOut:
    """Note that a clinician has taken the person over."""
    with transaction() as session:
        community = current_community()
        row = service.close_referral(session, current_actor(), community, referral_id)
        return views.referrals_out(session, community, [row])[0]


@bp.get("/bulks")
@bp.output(BulksOut)
@allow("quarantine.decide")
def list_bulks() -> BulksOut:
    """List the latest proposals for many homes."""
    with reading() as session:
        community = current_community()
        rows = service.bulks(session, community.id)
        return BulksOut(items=[views.bulk_out(session, community, row) for row in rows], next=None)


@bp.post("/bulks")
@bp.input(BulkIn, arg_name="body")
@bp.output(BulkOut, status_code=201)
@allow("quarantine.decide")
@idempotent
def propose_bulk(body: BulkIn) -> BulkOut:
    """Propose one order for many homes; another officer has to approve."""
    with transaction() as session:
        community = current_community()
        wanted = service.NewOrder(**body.model_dump(exclude={"home_ids"}))
        row = service.propose(session, current_actor(), community, body.home_ids, wanted)
        return views.bulk_out(session, community, row)


@bp.post("/bulks/<uuid:bulk_id>/decide")
@bp.input(ApprovalIn, arg_name="body")
@bp.output(BulkOut)
@allow("quarantine.decide")
@idempotent
def decide_bulk(bulk_id: UUID, body: ApprovalIn) -> BulkOut:
    """Approve or refuse what another officer proposed."""
    with transaction() as session:
        community = current_community()
        row = service.decide(session, current_actor(), community, bulk_id, approves=body.approves)
        return views.bulk_out(session, community, row)


@bp.get("/settings")
@bp.output(SettingsBody)
@allow("quarantine.see_own")
def read_settings() -> SettingsBody:
    """Read when checks are due and what follows a missed one."""
    with reading() as session:
        return _settings(service.settings_of(session, current_community().id))


@bp.post("/settings")
@bp.input(SettingsBody, arg_name="body")
@bp.output(SettingsBody)
@allow("quarantine.decide")
@idempotent
def change_settings(body: SettingsBody) -> SettingsBody:
    """Set when checks are due and what follows a missed one."""
    wanted = Settings(tuple(body.hours), tuple(body.rungs_min), body.fever_tenths, body.second_reading_min)
    with transaction() as session:
        return _settings(service.change_settings(session, current_actor(), current_community().id, wanted))


def _settings(found: Settings) -> SettingsBody:
    return SettingsBody(
        hours=list(found.hours),
        rungs_min=list(found.rungs_min),
        fever_tenths=found.fever_tenths,
        second_reading_min=found.second_reading_min,
    )
