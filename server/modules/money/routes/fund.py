"""Endpoints of the community fund."""

from __future__ import annotations

from dataclasses import asdict

from flask import request

from server.kit.db import new_id, reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.money import service
from server.modules.money.routes.blueprint import bp
from server.modules.money.rules.fund import Rule
from server.modules.money.schemas import FundOut, FundRuleIn, FundRuleOut, GiftIn


@bp.get("/fund")
@bp.output(FundOut)
@allow("money.pay")
def read_fund() -> FundOut:
    """Show the fund's totals to everybody who lives here: sums, no names."""
    with reading() as session:
        totals = service.totals(session, current_community())
        is_open = service.rule_of(session, current_community().id).is_open
        return FundOut(**asdict(totals), is_open=is_open)


@bp.post("/fund/gifts")
@bp.input(GiftIn, arg_name="body")
@bp.output({}, status_code=204)
@allow("money.pay")
@idempotent
def give(body: GiftIn) -> str:
    """Give to the fund: vouchers at once, a card through the provider."""
    actor, community, key = current_actor(), current_community(), request.headers["Idempotency-Key"]
    with transaction() as session:
        if body.source == service.Source.WALLET:
            service.give_vouchers(session, actor, community, body.amount_fen, key)
        else:
            # A gift is an order of its own, with nobody to be paid.
            gift = service.Charge(
                order_ref=new_id(),
                payer_id=actor.id,
                payee_id=None,
                amount_fen=body.amount_fen,
                source=body.source,
                key=key,
                method=body.method,
                return_url=f"{request.host_url}receipts",
            )
            service.charge(session, actor, community, gift)
        return ""


@bp.get("/fund/rule")
@bp.output(FundRuleOut)
@allow("money.pay")
def read_rule() -> FundRuleOut:
    """Show the committee's rule: who may be paid for, and up to how much."""
    with reading() as session:
        return _rule_out(service.rule_of(session, current_community().id))


@bp.put("/fund/rule")
@bp.input(FundRuleIn, arg_name="body")
@bp.output(FundRuleOut)
@allow("money.settle")
def put_rule(body: FundRuleIn) -> FundRuleOut:
    """Set the committee's rule."""
    rule = Rule(body.is_open, tuple(sorted(set(body.traits))), body.home_month_fen, body.payment_fen)
    with transaction() as session:
        return _rule_out(service.set_rule(session, current_actor(), current_community(), rule))


def _rule_out(rule: Rule) -> FundRuleOut:
    return FundRuleOut.model_validate({**asdict(rule), "traits": list(rule.traits)})
