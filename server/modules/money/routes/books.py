"""Endpoints of the books: a shop's statement, the report of differences, and what the provider calls."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from server.kit.db import reading, transaction
from server.kit.errors import BadRequest, NotFound, OutsideFailed, Unavailable
from server.kit.http import by_bearer
from server.kit.idempotency import idempotent
from server.kit.jobs import enqueue
from server.kit.permissions import allow, current_actor, public
from server.kit.ports.payments import ForgedEvent, NotTaken
from server.kit.tenancy import current_community
from server.modules.money.routes.blueprint import bp, root
from server.modules.money.rules.statements import as_csv
from server.modules.money.schemas import (
    BooksOut,
    DifferenceOut,
    MonthQuery,
    NextOut,
    PayeeOut,
    ReconciliationOut,
    StatementLineOut,
    StatementOut,
    SumOut,
)
from server.modules.money.service import ledger, messages, payees, providers, reconciling, statements

RECONCILE = "money.reconcile"


@bp.get("/statements/<uuid:payee_id>")
@bp.input(MonthQuery, location="query", arg_name="query")
@bp.output(StatementOut)
@allow("money.see_statement")
def read_statement(payee_id: UUID, query: MonthQuery) -> StatementOut:
    """Show what a shop of mine was paid in a month."""
    with reading() as session:
        row, lines = statements.statement(
            session, current_actor(), current_community(), payee_id, query.month
        )
        return StatementOut(
            payee_id=row.id,
            label=row.label,
            month=query.month,
            total_fen=sum(line.amount_fen for line in lines),
            lines=[StatementLineOut.model_validate(line) for line in lines],
        )


@bp.get("/statements/<uuid:payee_id>.csv")
@bp.input(MonthQuery, location="query", arg_name="query")
@allow("money.see_statement")
def download_statement(payee_id: UUID, query: MonthQuery) -> Response:
    """Hand out the same as CSV."""
    community = current_community()
    with reading() as session:
        row, lines = statements.statement(session, current_actor(), community, payee_id, query.month)
        response = Response(as_csv(row.label, lines, community.zone), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="statement-{query.month}.csv"'
    return response


@bp.get("/payees/<uuid:payee_id>")
@bp.output(PayeeOut)
@allow("money.see_statement")
def read_payee(payee_id: UUID) -> PayeeOut:
    """Show a shop of mine as somebody who is paid."""
    with reading() as session:
        row = statements.kept_payee(session, current_actor(), current_community(), payee_id)
        return PayeeOut.model_validate(row)


@bp.post("/payees/<uuid:payee_id>/account")
@bp.output(NextOut)
@allow("money.see_statement")
@idempotent
def open_account(payee_id: UUID) -> NextOut:
    """Lead a shop of mine to the provider's page, where it says who it is; an account is made for it at first.

    The provider is asked outside of any transaction, under the payee's id: asked twice, it is one account.
    """
    community, actor = current_community(), current_actor()
    providers.refuse_if_off()
    with reading() as session:
        row = statements.kept_payee(session, actor, community, payee_id)
        label, account = row.label, row.provider_account
    try:
        provider = providers.outside()
        made = account or provider.make_account(label, key=f"account:{payee_id}")
        with transaction() as session:
            account = payees.set_account(session, actor, community, payee_id, made)
        return NextOut(next_url=provider.onboarding_url(account, f"{request.host_url}takings"))
    except (OutsideFailed, NotTaken):
        raise Unavailable("money.provider_away", retry_after_s=10) from None


@bp.get("/books")
@bp.output(BooksOut)
@allow("money.settle")
def read_books() -> BooksOut:
    """Add up the books as they are now."""
    with reading() as session:
        community_id = current_community().id
        balances, moved = ledger.totals(session, community_id)
        report = reconciling.Report()
        reconciling.compare_books(session, community_id, report)
        return BooksOut(
            balances=[SumOut(kind=kind, amount_fen=fen) for kind, fen in sorted(balances.items())],
            moved=[SumOut(kind=kind, amount_fen=fen) for kind, fen in sorted(moved.items())],
            differences=[DifferenceOut.model_validate(one) for one in report.differences],
        )


@bp.get("/reconciliation")
@bp.output(ReconciliationOut)
@allow("money.settle")
def read_reconciliation() -> ReconciliationOut:
    """Show the latest comparison of our books with themselves and with the provider's list."""
    with reading() as session:
        row = reconciling.latest(session, current_community().id)
        if row is None:
            raise NotFound("money.not_reconciled_yet")
        return ReconciliationOut.model_validate(row)


@bp.post("/reconciliation")
@bp.output({}, status_code=202)
@allow("money.settle")
@idempotent
def start_reconciliation() -> str:
    """Compare now; the report is there as soon as the provider has answered."""
    with transaction() as session:
        enqueue(session, RECONCILE, current_community().id)
        return ""


@root.post("/money/webhooks/stripe")
@root.output({}, status_code=204)
@by_bearer
@public("the provider's machine calls it; its signature is checked instead of a session")
def take_message() -> str:
    """Take a message of the provider's: signed at most five minutes ago, each once, in whatever order."""
    provider = providers.outside()
    if provider.why_off() is not None:
        raise NotFound("http.not_found")
    try:
        message = provider.open_message(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except ForgedEvent:
        raise BadRequest("money.bad_signature") from None
    with transaction() as session:
        messages.take(session, provider.name, message)
    return ""
