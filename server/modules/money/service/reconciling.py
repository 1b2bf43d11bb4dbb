"""Reconciliation: do our books agree with themselves, and with the provider's list? Every night, and when asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import is_uuid, new_id, reading, transaction
from server.kit.errors import OutsideFailed
from server.kit.ports.payments import Intent, Payments
from server.modules.money.models import Account, Operation, Payment, Reconciliation, Transfer
from server.modules.money.rules.books import TransferKind, columns_after
from server.modules.money.rules.payments import OperationState
from server.modules.money.service.ledger import derived_balance
from server.modules.money.service.looking import apply
from server.modules.money.service.providers import outside

log = structlog.get_logger()
# How far back the provider's list is read: what is older has been settled, refunded or disputed by message.
LOOKS_BACK = timedelta(days=40)
STUCK_AFTER = timedelta(hours=1)
# Of so many differences somebody has to be called anyway.
MOST = 500


@dataclass
class Report:
    compared: int = 0
    has_provider_answered: bool | None = None
    differences: list[dict[str, object]] = field(default_factory=list)

    def add(self, what: str, about: UUID | str, ours: int, theirs: int) -> None:
        self.differences.append(
            {"kind": what, "payment_id": str(about), "ours_fen": ours, "theirs_fen": theirs}
        )


def reconcile(community_id: UUID, provider: Payments | None = None) -> UUID:
    """Compare, bring in what messages have missed, and keep the report; return its id."""
    provider = provider or outside()
    report = Report()
    if provider.why_off() is None:
        try:
            _compare_with(provider, community_id, report)
            report.has_provider_answered = True
        except OutsideFailed as error:
            log.warning("money.provider_away", error=str(error))
            report.has_provider_answered = False
    with transaction() as session:
        compare_books(session, community_id, report)
        row = Reconciliation(
            id=new_id(),
            community_id=community_id,
            at=clock.now(),
            compared=report.compared,
            has_provider_answered=report.has_provider_answered,
            differences=report.differences[:MOST],
        )
        session.add(row)
        return row.id


def latest(session: Session, community_id: UUID) -> Reconciliation | None:
    """Return the newest report."""
    wanted = select(Reconciliation).where(Reconciliation.community_id == community_id)
    return session.scalars(wanted.order_by(Reconciliation.id.desc()).limit(1)).first()


def compare_books(session: Session, community_id: UUID, report: Report) -> None:
    """Compare what is kept beside the transfers with what they say, and find what nobody has answered."""
    sums: dict[UUID, dict[TransferKind, int]] = defaultdict(dict)
    rows = session.execute(
        select(Transfer.reference_id, Transfer.kind, func.sum(Transfer.amount_fen))
        .where(Transfer.community_id == community_id)
        .group_by(Transfer.reference_id, Transfer.kind)
    )
    for reference_id, kind, amount in rows:
        sums[reference_id][TransferKind(kind)] = int(amount)
    for payment in session.scalars(select(Payment).where(Payment.community_id == community_id)):
        report.compared += 1
        for column, derived in columns_after(sums.get(payment.id, {})).items():
            kept = getattr(payment, column)
            if kept != derived:
                report.add(f"kept_{column}", payment.id, kept, derived)
    for account in session.scalars(
        select(Account).where(Account.community_id == community_id, Account.balance_fen.is_not(None))
    ):
        derived = derived_balance(session, community_id, account.id)
        if account.balance_fen != derived:
            report.add("kept_balance", account.id, account.balance_fen or 0, derived)
    stuck = select(Operation).where(
        Operation.community_id == community_id,
        Operation.state == OperationState.WANTED.value,
        Operation.asked_at < clock.now() - STUCK_AFTER,
    )
    for operation in session.scalars(stuck):
        report.add(f"unanswered_{operation.step}", operation.payment_id, operation.amount_fen, 0)


def _compare_with(provider: Payments, community_id: UUID, report: Report) -> None:
    since = clock.now() - LOOKS_BACK
    listed: set[str] = set()
    for intent in provider.listed(since):
        if intent.community_id == str(community_id):
            listed.add(intent.ref)
            _compare(community_id, intent, report)
    with reading() as session:
        _find_missing(session, community_id, since, listed, report)


def _compare(community_id: UUID, intent: Intent, report: Report) -> None:
    with transaction() as session:
        wanted = UUID(intent.payment_id) if intent.payment_id and is_uuid(intent.payment_id) else None
        known = session.scalars(
            select(Payment.id).where(Payment.community_id == community_id, Payment.id == wanted)
        ).first()
        if known is None:
            report.add("not_ours", intent.payment_id or intent.ref, 0, intent.captured_fen)
            return
        report.differences += apply(session, community_id, known, intent).differences
        payment = session.get_one(Payment, known)
        refunded = sum(one.amount_fen for one in intent.refunds if one.state != "failed")
        lost = sum(one.amount_fen for one in intent.disputes if one.state == "lost")
        paid_out = sum(one.amount_fen for one in intent.transfers)
        paid_out -= sum(one.amount_fen for one in intent.reversals)
        for what, ours, theirs in (
            ("captured", payment.captured_fen, intent.captured_fen),
            ("refunded", payment.refunded_fen, refunded + lost),
            # What the shop still owes after a dispute stands here until Connect has it back.
            ("paid_out", payment.paid_out_fen if payment.payee_id else 0, paid_out),
        ):
            if ours != theirs:
                report.add(what, payment.id, ours, theirs)


def _find_missing(
    session: Session, community_id: UUID, since: datetime, listed: set[str], report: Report
) -> None:
    """Payments that we think the provider has, and that are not on its list. Clocks may differ by an hour."""
    ours = session.scalars(
        select(Payment).where(
            Payment.community_id == community_id,
            Payment.provider_ref.is_not(None),
            Payment.asked_at > since + timedelta(hours=1),
        )
    )
    for payment in ours:
        if payment.provider_ref not in listed:
            report.add("not_theirs", payment.id, payment.captured_fen, 0)
