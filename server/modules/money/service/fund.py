"""The community fund: neighbours give, the committee's rule pays for those who cannot. Totals public, names private."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once, touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.money.models import CURRENCY, FundMonth, FundRule, Transfer
from server.modules.money.rules.books import AccountKind, TransferKind
from server.modules.money.rules.fund import Rule, check_payment, month_of
from server.modules.money.service.ledger import account, balance, find_account, post


@dataclass(frozen=True)
class Totals:
    """What everybody may know of the fund: sums and how many homes, no names."""

    balance_fen: int
    given_fen: int
    gifts: int
    paid_fen: int
    month: str
    paid_this_month_fen: int
    homes_this_month: int


def rule_of(session: Session, community_id: UUID) -> Rule:
    """Return the rule that holds; closed until the committee has set one."""
    row = _latest(session, community_id)
    if row is None:
        return Rule()
    return Rule(row.is_open, tuple(row.traits), row.home_month_fen, row.payment_fen)


def set_rule(session: Session, actor: Actor, community: CommunityRef, rule: Rule) -> Rule:
    """Set the rule anew; the old one stays readable."""
    row = _latest(session, community.id)
    version = row.version + 1 if row else 1
    made = insert_once(
        session,
        FundRule,
        {
            "community_id": community.id,
            "version": version,
            "is_open": rule.is_open,
            "traits": list(rule.traits),
            "home_month_fen": rule.home_month_fen,
            "payment_fen": rule.payment_fen,
            "author_id": actor.id,
            "at": clock.now(),
        },
        unless=["community_id", "version"],
    )
    if made is None:
        raise Conflict("money.rule_moved_on")
    record(session, actor, community.id, "money.fund_rule_set", ("fund_rule", made), facts=asdict(rule))
    return rule


def allow(
    session: Session, community: CommunityRef, payer_id: UUID, amount_fen: int, currency: str = CURRENCY
) -> tuple[UUID, str]:
    """Count a payment against the month of the payer's home; return the home and the month.

    Raises Refused where the rule or the month's limit says no.
    """
    home_id = people.home_of_person(session, community.id, payer_id)
    if home_id is None:
        raise Refused("money.fund_no_home")
    rule = rule_of(session, community.id)
    members = people.household_members(session, community.id, home_id)
    check_payment(rule, {trait for _, traits in members for trait in traits}, amount_fen)
    month = month_of(clock.now(), community.zone)
    place = {"community_id": community.id, "home_id": home_id, "month": month, "currency": currency}
    insert_once(
        session,
        FundMonth,
        {**place, "used_fen": 0, "most_fen": rule.home_month_fen},
        unless=["community_id", "home_id", "month", "currency"],
    )
    # One statement decides: two members of the home may order at once.
    taken = session.execute(
        update(FundMonth)
        .filter_by(**place)
        .where(FundMonth.used_fen + amount_fen <= rule.home_month_fen)
        .values(used_fen=FundMonth.used_fen + amount_fen, most_fen=rule.home_month_fen)
    )
    if not touched(taken):
        raise Refused("money.fund_month_used_up", most_fen=rule.home_month_fen)
    return home_id, month


def give_vouchers(session: Session, actor: Actor, community: CommunityRef, amount_fen: int, key: str) -> None:
    """Give of one's own vouchers. Raises Refused("money.not_enough")."""
    post(
        session,
        community.id,
        TransferKind.GIVE,
        amount_fen,
        debit_id=account(session, community.id, AccountKind.WALLET, actor.id),
        credit_id=account(session, community.id, AccountKind.FUND, community.id),
        reference_id=actor.id,
        key=key,
    )
    record(session, actor, community.id, "money.given", ("gift", None), facts={"amount_fen": amount_fen})


def issue_vouchers(
    session: Session, actor: Actor, community: CommunityRef, person_id: UUID, amount_fen: int, key: str
) -> None:
    """Give somebody vouchers of the community; asked again with the same key it is the same gift."""
    if people.home_of_person(session, community.id, person_id) is None:
        raise NotFound("money.person_not_found")
    post(
        session,
        community.id,
        TransferKind.ISSUE,
        amount_fen,
        debit_id=account(session, community.id, AccountKind.ISSUED, community.id),
        credit_id=account(session, community.id, AccountKind.WALLET, person_id),
        reference_id=person_id,
        key=key,
    )
    facts = {"amount_fen": amount_fen}
    record(session, actor, community.id, "money.vouchers_issued", ("person", person_id), facts=facts)


def totals(session: Session, community: CommunityRef) -> Totals:
    """Return the public figures of the fund, by its transfers."""
    # A fund that nobody has given to has no account yet: no transfer has this id.
    fund_id = find_account(session, community.id, AccountKind.FUND, community.id) or community.id
    mine = Transfer.community_id == community.id
    came_in = (TransferKind.GIVE, TransferKind.PAY_OUT)
    given, gifts = _sum(session, mine, Transfer.credit_id == fund_id, Transfer.kind.in_(came_in))
    taken_back, _ = _sum(session, mine, Transfer.debit_id == fund_id, Transfer.kind == TransferKind.REVERSE)
    paid, _ = _sum(session, mine, Transfer.debit_id == fund_id, Transfer.kind == TransferKind.AUTHORISE)
    back, _ = _sum(session, mine, Transfer.credit_id == fund_id, Transfer.kind.not_in(came_in))
    month = month_of(clock.now(), community.zone)
    used, homes = session.execute(
        select(func.coalesce(func.sum(FundMonth.used_fen), 0), func.count()).where(
            FundMonth.community_id == community.id, FundMonth.month == month, FundMonth.used_fen > 0
        )
    ).one()
    return Totals(
        balance_fen=balance(session, community.id, AccountKind.FUND, community.id),
        given_fen=given - taken_back,
        gifts=gifts,
        paid_fen=paid - back,
        month=month,
        paid_this_month_fen=int(used),
        homes_this_month=int(homes),
    )


def _sum(session: Session, *where: ColumnElement[bool]) -> tuple[int, int]:
    total, count = session.execute(
        select(func.coalesce(func.sum(Transfer.amount_fen), 0), func.count()).where(*where)
    ).one()
    return int(total), int(count)


def _latest(session: Session, community_id: UUID) -> FundRule | None:
    wanted = select(FundRule).where(FundRule.community_id == community_id)
    return session.scalars(wanted.order_by(FundRule.version.desc()).limit(1)).first()
