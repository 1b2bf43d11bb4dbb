"""From rows to answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.permissions import current_actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine import service
from server.modules.quarantine.models import Appeal, Bulk, Check, Order, Referral, Task
from server.modules.quarantine.rules import orders
from server.modules.quarantine.rules.checks import How, Symptom
from server.modules.quarantine.rules.orders import OrderKind, OrderState
from server.modules.quarantine.schemas import (
    AppealOut,
    BulkOut,
    CheckOut,
    IsolationOut,
    IsolationRowOut,
    PatientOut,
    ReferralOut,
    TaskOut,
    ViolationOut,
)

BULK_LABELS = 200


def rows_out(session: Session, community: CommunityRef, rows: Sequence[Order]) -> list[IsolationRowOut]:
    """Return orders as in a list."""
    labels = places.home_labels(session, community.id, [row.home_id for row in rows])
    last = service.last_check_at(session, community.id, [row.id for row in rows])
    return [IsolationRowOut.model_validate(_row(row, community, labels, last)) for row in rows]


def order_out(session: Session, community: CommunityRef, row: Order) -> IsolationOut:
    """Return one order whole; its reader is written down unless it is their own home."""
    labels = places.home_labels(session, community.id, [row.home_id])
    last = service.last_check_at(session, community.id, [row.id])
    is_home = people.is_member(session, community.id, row.home_id, current_actor().id)
    about = None if is_home else row.subject_id
    named = {one for one in (row.issued_by, row.supply_owner_id) if one is not None}
    names = people.names(session, named)
    return IsolationOut.model_validate(
        {
            **_row(row, community, labels, last),
            "about": about,
            "legal_basis": row.legal_basis,
            "ground": row.ground,
            "issued_by_name": names.get(row.issued_by, ""),
            "issued_at": row.issued_at,
            "ended_at": row.ended_at,
            "end_ground": row.end_ground,
            "food_days": row.food_days,
            "medicine_days": row.medicine_days,
            "supply_owner_name": names.get(row.supply_owner_id) if row.supply_owner_id else None,
            "signed_off_at": row.signed_off_at,
            "checks": checks_out(session, service.checks_of(session, community.id, row.id), is_home=is_home),
            "appeals": appeals_out(
                session, community, service.appeals_here(session, community.id, order_id=row.id)
            ),
            "violations": [
                ViolationOut.model_validate(
                    {"about": about, "step": one.step, "what": one.what, "at": one.at}
                )
                for one in service.violations_of(session, community.id, row.id)
            ],
        }
    )


def checks_out(session: Session, rows: Sequence[Check], *, is_home: bool) -> list[CheckOut]:
    """Return checks with what was measured."""
    names = service.names_of(session, {row.person_id for row in rows})
    return [
        CheckOut.model_validate(
            {
                "about": None if is_home else row.person_id,
                "id": row.id,
                "person_id": row.person_id,
                "first_name": names.get(row.person_id, ""),
                "due_at": row.due_at,
                "state": row.state,
                "is_second": row.second_of is not None,
                "how": How(row.how) if row.how else None,
                "done_at": row.done_at,
                "is_alarming": row.is_alarming,
                "temperature": row.temperature,
                "symptoms": [Symptom(one) for one in (row.symptoms or "").split()],
            }
        )
        for row in rows
    ]


def appeals_out(session: Session, community: CommunityRef, rows: Sequence[Appeal]) -> list[AppealOut]:
    """Return appeals with their words."""
    of_orders = {row.order_id: service.find(session, community.id, row.order_id) for row in rows}
    labels = places.home_labels(session, community.id, [one.home_id for one in of_orders.values()])
    me = current_actor().id
    return [
        AppealOut.model_validate(
            {
                "about": None if row.made_by == me else row.subject_id,
                "id": row.id,
                "order_id": row.order_id,
                "home_label": labels.get(of_orders[row.order_id].home_id, ""),
                "state": row.state,
                "words": row.words,
                "answer": row.answer,
                "made_at": row.made_at,
                "decided_at": row.decided_at,
            }
        )
        for row in rows
    ]


def referrals_out(session: Session, community: CommunityRef, rows: Sequence[Referral]) -> list[ReferralOut]:
    """Return who is to be seen by a clinician, by first name and home."""
    of_orders = {row.order_id: service.find(session, community.id, row.order_id) for row in rows}
    labels = places.home_labels(session, community.id, [one.home_id for one in of_orders.values()])
    names = service.names_of(session, {row.person_id for row in rows})
    return [
        ReferralOut(
            id=row.id,
            order_id=row.order_id,
            home_label=labels.get(of_orders[row.order_id].home_id, ""),
            first_name=names.get(row.person_id, ""),
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )
        for row in rows
    ]


def patients_out(session: Session, community: CommunityRef, rows: Sequence[Referral]) -> list[PatientOut]:
    """Return referrals with their readings."""
    seen = referrals_out(session, community, rows)
    checks = service.checks_by_id(session, community.id, [row.check_id for row in rows])
    return [
        PatientOut.model_validate(
            {
                **one.model_dump(include={"id", "home_label", "first_name", "opened_at"}),
                "about": row.person_id,
                "temperature": checks[row.check_id].temperature,
                "symptoms": [Symptom(each) for each in (checks[row.check_id].symptoms or "").split()],
            }
        )
        for one, row in zip(seen, rows, strict=True)
    ]


def tasks_out(session: Session, community: CommunityRef, rows: Sequence[Task]) -> list[TaskOut]:
    """Return tasks with where to go and whom to ask for."""
    checks = service.checks_by_id(session, community.id, [row.check_id for row in rows])
    sites = places.sites_of_homes(session, community.id, [row.home_id for row in rows])
    names = service.names_of(session, {check.person_id for check in checks.values()})
    asked = service.orders_with_supply(session, community.id, {row.order_id for row in rows})
    return [
        TaskOut.model_validate(
            {
                "id": row.id,
                "rung": row.rung,
                "order_id": row.order_id,
                "check_id": row.check_id,
                "home_id": row.home_id,
                "home_label": sites[row.home_id].label,
                "floor": sites[row.home_id].floor,
                "first_name": names.get(checks[row.check_id].person_id, ""),
                "due_at": checks[row.check_id].due_at,
                "opened_at": row.opened_at,
                "is_supply_asked": row.order_id in asked,
            }
        )
        for row in rows
        if row.home_id in sites
    ]


def bulk_out(session: Session, community: CommunityRef, row: Bulk) -> BulkOut:
    """Return a proposal with the homes that it names."""
    shown = [UUID(one) for one in row.homes[:BULK_LABELS]]
    labels = places.home_labels(session, community.id, shown)
    return BulkOut.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "kind": OrderKind(row.kind),
            "homes": len(row.homes),
            "home_labels": sorted(labels.values()),
            "why": row.why,
            "legal_basis": row.legal_basis,
            "from_at": row.from_at,
            "until_at": row.until_at,
            "proposed_at": row.proposed_at,
            "is_mine": row.proposed_by == current_actor().id,
        }
    )


def _row(
    row: Order, community: CommunityRef, labels: dict[UUID, str], last: dict[UUID, datetime]
) -> dict[str, object]:
    now = clock.now()
    state = OrderState(row.state)
    until = min(now, row.ended_at) if row.ended_at else now
    return {
        "id": row.id,
        "home_id": row.home_id,
        "home_label": labels.get(row.home_id, ""),
        "kind": OrderKind(row.kind),
        "state": state,
        "started_at": row.started_at,
        "until_at": row.until_at,
        "day": orders.day_number(row.started_at, until, community.zone),
        "is_overdue": orders.is_overdue(state, row.until_at, now),
        "has_owner": row.supply_owner_id is not None,
        "is_signed_off": row.signed_off_at is not None,
        "last_check_at": last.get(row.id),
    }
