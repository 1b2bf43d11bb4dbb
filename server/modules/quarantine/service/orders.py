"""Issuing, extending and ending orders; the home's care; violations and appeals."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.needs import service as needs
from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.events import OrderChanged
from server.modules.quarantine.models import Appeal, Bulk, Order, Violation
from server.modules.quarantine.rules import orders
from server.modules.quarantine.rules.orders import OrderKind, OrderState, OrderStep

OWNERS = ("grid_worker", "officer", "volunteer")
RED = "red"


@dataclass(frozen=True)
class NewOrder:
    """What an officer decides. ``started_at``: when the isolation began, before today perhaps."""

    kind: OrderKind
    started_at: datetime
    until_at: datetime
    legal_basis: str
    ground: str


def issue(session: Session, actor: Actor, community: CommunityRef, home_id: UUID, wanted: NewOrder) -> Order:
    """Issue an order for one home. See ``issue_all``."""
    [row] = issue_all(session, actor, community, [home_id], wanted)
    return row


def issue_all(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    home_ids: Sequence[UUID],
    wanted: NewOrder,
    *,
    bulk_id: UUID | None = None,
) -> list[Order]:
    """Issue an order for each home. From the same instant on they are red: for the gate, the couriers and the map.

    Raises Refused for a bad period, a missing ground or legal basis; NotFound for a home of no such community;
    Conflict if a home has an active order. Then none is issued.
    """
    now = clock.now()
    orders.check_period(wanted.started_at, wanted.until_at, now=now)
    ground, basis = orders.check_ground(wanted.ground), orders.check_ground(wanted.legal_basis)
    raised = flags.raise_flags(
        session, actor, community.id, home_ids=home_ids, kind=RED, ground=ground, until_at=wanted.until_at
    )
    living = people.people_of_homes(session, community.id, home_ids)
    rows = [
        Order(
            id=new_id(),
            community_id=community.id,
            home_id=home_id,
            # As ``people.subject_of_home`` says it of one home.
            subject_id=next(iter(living.get(home_id, [])), home_id),
            bulk_id=bulk_id,
            kind=wanted.kind,
            state=OrderState.ACTIVE,
            legal_basis=basis,
            ground=ground,
            started_at=wanted.started_at,
            until_at=wanted.until_at,
            flag_id=flag.id,
            issued_by=actor.id,
            issued_at=now,
        )
        for home_id, flag in zip(home_ids, raised, strict=True)
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        raise Conflict("quarantine.isolated_already") from None
    facts = {"kind": wanted.kind, "until": wanted.until_at.isoformat()}
    for row in rows:
        _note(session, actor, row, "quarantine.order_issued", facts=facts, why=ground)
        _announce(session, row, living.get(row.home_id, []))
    return rows


def step(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    order_id: UUID,
    wanted: OrderStep,
    *,
    ground: str,
    until_at: datetime | None = None,
) -> Order:
    """Extend, release or withdraw, always by somebody with a name and for a ground.

    Raises Conflict for a step that leads nowhere, Refused without a ground or for a bad new end.
    """
    row = find(session, community.id, order_id, for_update=True)
    target = orders.after(OrderState(row.state), wanted)
    ground, author = orders.check_ground(ground), actor.id
    if wanted is OrderStep.EXTEND:
        _extend(session, actor, row, until_at, ground)
    else:
        _lift(session, actor, row, ground)
        row.ended_at, row.ended_by, row.end_ground = clock.now(), author, ground
    row.state = target
    session.flush()
    _note(session, actor, row, f"quarantine.order_{wanted}", why=ground)
    tell(session, row)
    return row


def _extend(session: Session, actor: Actor, row: Order, until_at: datetime | None, ground: str) -> None:
    now = clock.now()
    if until_at is None or until_at <= row.until_at:
        raise Refused("quarantine.bad_period")
    orders.check_period(row.started_at, until_at, now=now)
    # The new flag holds before the old one ends: there is no instant without.
    flag = flags.raise_flag(
        session, actor, row.community_id, home_id=row.home_id, kind=RED, ground=ground, until_at=until_at
    )
    _lift(session, actor, row, ground)
    row.flag_id, row.until_at = flag.id, until_at


def _lift(session: Session, actor: Actor, row: Order, ground: str) -> None:
    # Somebody may have ended the flag by itself before.
    with suppress(Conflict):
        flags.end_flag(session, actor, row.community_id, row.flag_id, ground)


def answer_supply(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    order_id: UUID,
    *,
    food_days: int,
    medicine_days: int,
) -> Order:
    """Note how many days of food and medicine are left, and open a need for what runs short.

    Raises NotFound unless the actor lives there or goes from door to door here.
    """
    row = find(session, community.id, order_id, for_update=True)
    if not is_worker(actor, community):
        check_lives_there(session, actor, community, row)
    _check_active(row)
    row.food_days, row.medicine_days, row.asked_at = food_days, medicine_days, clock.now()
    session.flush()
    facts = {"food_days": food_days, "medicine_days": medicine_days}
    _note(session, actor, row, "quarantine.supply_answered", facts=facts)
    short = {needs.NeedKind.GROCERIES: food_days, needs.NeedKind.MEDICINE: medicine_days}
    for kind, days in short.items():
        if days < orders.FEW_DAYS:
            line = needs.WantedLine(SUPPLY_LINES[kind])
            needs.post_need(session, actor, community, kind=kind, lines=[line], home_id=row.home_id)
    tell(session, row)
    return row


SUPPLY_LINES = {
    needs.NeedKind.GROCERIES: "隔离期间的食品 / food for the time of isolation",
    needs.NeedKind.MEDICINE: "隔离期间的常用药 / medicine for the time of isolation",
}


def own_supply(
    session: Session, actor: Actor, community: CommunityRef, order_id: UUID, owner_id: UUID
) -> Order:
    """Name who sees to the home's supply. Raises Refused for somebody who does not help here."""
    row = find(session, community.id, order_id, for_update=True)
    _check_active(row)
    if not set(people.roles_at(session, owner_id, community.id)) & set(OWNERS):
        raise Refused("quarantine.no_helper")
    row.supply_owner_id = owner_id
    session.flush()
    _note(session, actor, row, "quarantine.supply_owned", facts={"owner_id": owner_id})
    tell(session, row)
    return row


def sign_off_care(session: Session, actor: Actor, community: CommunityRef, order_id: UUID) -> Order:
    """Say that the home is cared for. Raises Refused while nobody owns its supply or nobody has asked."""
    row = find(session, community.id, order_id, for_update=True)
    _check_active(row)
    if row.supply_owner_id is None:
        raise Refused("quarantine.no_supply_owner")
    if row.asked_at is None:
        raise Refused("quarantine.supply_not_asked")
    if row.signed_off_at is None:
        row.signed_off_at, row.signed_off_by = clock.now(), actor.id
        session.flush()
        _note(session, actor, row, "quarantine.care_signed_off")
        tell(session, row)
    return row


def note_violation(
    session: Session, actor: Actor, community: CommunityRef, order_id: UUID, what: str
) -> Violation:
    """Warn, or report who was warned before. Raises Conflict once it has been reported."""
    row = find(session, community.id, order_id, for_update=True)
    _check_active(row)
    known = session.scalars(select(Violation.step).where(Violation.order_id == row.id)).all()
    wanted = "report" if "warn" in known else "warn"
    if wanted in known:
        raise Conflict("quarantine.reported_already")
    found = Violation(
        id=new_id(),
        community_id=community.id,
        order_id=row.id,
        subject_id=row.subject_id,
        step=wanted,
        what=orders.check_ground(what),
        author_id=actor.id,
        at=clock.now(),
    )
    session.add(found)
    session.flush()
    _note(session, actor, row, f"quarantine.violation_{wanted}", why=found.what)
    tell(session, row)
    return found


def appeal(session: Session, actor: Actor, community: CommunityRef, order_id: UUID, words: str) -> Appeal:
    """Say why the order is wrong. Raises Conflict while an earlier appeal waits for its answer."""
    row = find(session, community.id, order_id, for_update=True)
    check_lives_there(session, actor, community, row)
    _check_active(row)
    made = Appeal(
        id=new_id(),
        community_id=community.id,
        order_id=row.id,
        subject_id=row.subject_id,
        words=orders.check_ground(words),
        made_by=actor.id,
        made_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Conflict("quarantine.appeal_open") from None
    # The words are the person's own: they stay here, sealed, and out of the trail.
    _note(session, actor, row, "quarantine.appealed")
    tell(session, row)
    return made


def decide_appeal(
    session: Session, actor: Actor, community: CommunityRef, appeal_id: UUID, *, grants: bool, answer: str
) -> Appeal:
    """Answer an appeal; granting it releases the home by the same decision.

    Raises Refused for whoever issued or proposed the order: nobody judges their own.
    """
    found = session.scalars(
        select(Appeal)
        .where(Appeal.community_id == community.id, Appeal.id == appeal_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("quarantine.appeal_not_found")
    if found.state != "open":
        raise Conflict("quarantine.appeal_decided")
    row = find(session, community.id, found.order_id, for_update=True)
    if actor.id in _authors(session, row):
        raise Refused("quarantine.own_order")
    found.answer = orders.check_ground(answer)
    found.state = "granted" if grants else "refused"
    found.decided_by, found.decided_at = actor.id, clock.now()
    session.flush()
    _note(session, actor, row, f"quarantine.appeal_{found.state}", why=answer)
    if grants and row.state == OrderState.ACTIVE:
        step(session, actor, community, row.id, OrderStep.RELEASE, ground=answer)
    else:
        tell(session, row)
    return found


def _authors(session: Session, row: Order) -> set[UUID]:
    proposed = session.get_one(Bulk, row.bulk_id).proposed_by if row.bulk_id else row.issued_by
    return {row.issued_by, proposed}


def find(session: Session, community_id: UUID, order_id: UUID, *, for_update: bool = False) -> Order:
    """Return the order. Raises NotFound, also for another community's."""
    wanted = select(Order).where(Order.community_id == community_id, Order.id == order_id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound("quarantine.order_not_found")
    return row


def is_worker(actor: Actor, community: CommunityRef) -> bool:
    """Tell whether the actor goes from door to door or decides here."""
    return actor.has("officer", community) or actor.has("grid_worker", community)


def check_lives_there(session: Session, actor: Actor, community: CommunityRef, row: Order) -> None:
    """Raise NotFound unless the actor lives in the order's home or decides on orders.

    A grid worker does neither: what is answered here shows grounds and readings.
    """
    if actor.has("officer", community):
        return
    if not people.is_member(session, community.id, row.home_id, actor.id):
        raise NotFound("quarantine.order_not_found")


def tell(session: Session, row: Order) -> None:
    """Announce that the order, or what hangs on it, has changed."""
    _announce(session, row, people.members_of_home(session, row.community_id, row.home_id))


def _announce(session: Session, row: Order, watchers: list[UUID]) -> None:
    changed = OrderChanged(
        row.community_id, order_id=row.id, home_id=row.home_id, state=row.state, watchers=watchers
    )
    emit(session, changed)


def _note(
    session: Session,
    actor: Actor,
    row: Order,
    action: str,
    *,
    facts: dict[str, Any] | None = None,
    why: str | None = None,
) -> None:
    """Record an act about an order; its ground is sealed with the home's key and goes when that does."""
    record(
        session,
        actor,
        row.community_id,
        action,
        ("order", row.id),
        facts=facts,
        why=why,
        about=row.subject_id,
    )


def _check_active(row: Order) -> None:
    if row.state != OrderState.ACTIVE:
        raise Conflict("quarantine.not_now", state=row.state)
