"""Matching.

Read what is wanted and who could serve it, end the transaction, plan, and write what still holds.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.helpers import service as helpers
from server.core.needs import planning
from server.core.needs.models import Line, Need, Offer, Unmatched
from server.core.needs.rules.fit import Able, Shop, Spot, Wanted
from server.core.needs.rules.kinds import SERVICE_S, SKILL_OF_KIND, Flow, NeedKind
from server.core.needs.rules.lifecycle import ClosedBecause, State, Step
from server.core.needs.rules.suppliers import Basket, SupplierCandidate
from server.core.needs.rules.unmatched import Why, together, why_no_shop, why_nobody
from server.core.needs.service.offers import (
    basket_of,
    due_offers,
    expire_offer,
    offer_to_helper,
    offer_to_shop,
)
from server.core.needs.service.posting import split_off
from server.core.needs.service.reading import IN_HAND
from server.core.needs.service.steps import BY_SYSTEM, find_need, lines_of, take_step
from server.core.needs.service.suppliers import suppliers_of
from server.core.places import service as places
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM

AHEAD = timedelta(hours=24)
# Who let an offer pass in silence is not asked the same thing again at once.
SILENCE_COUNTS = timedelta(hours=1)


@dataclass
class Board:
    """Everything matching looks at, read at one instant."""

    at: datetime
    wanted: list[Wanted] = field(default_factory=list)
    able: list[Able] = field(default_factory=list)
    baskets: dict[UUID, Basket] = field(default_factory=dict)
    baskets_at: dict[UUID, Wanted] = field(default_factory=dict)
    candidates: list[tuple[str, SupplierCandidate]] = field(default_factory=list)


@dataclass(frozen=True)
class MatchFigures:
    """What one matching did."""

    offered: int
    unmatched: int
    expired: int


def match_community(community_id: UUID) -> MatchFigures:
    """Expire what nobody answered, and offer every triaged need of the community to whoever serves it best.

    Opens its own transactions; none is open while the assignment is computed.
    """
    expired = _expire_due(community_id)
    with reading() as session:
        board = read_board(session, community_id)
    if not board.wanted and not board.baskets:
        return MatchFigures(0, 0, expired)
    plan = planning.assign(board.wanted, board.able, now=board.at)
    shop_plan = planning.assign_shops(list(board.baskets_at.values()), _shops(board))
    offered = 0
    # A transaction for each offer: SQLite has one writer, and residents should not wait behind hundreds.
    for need_id, (helper_id, cost) in plan.items():
        with transaction() as session:
            need = _still_triaged(session, community_id, need_id)
            if need is not None:
                offer_to_helper(session, need, helper_id, score=cost)
                offered += 1
    for need_id, (shop, cost) in shop_plan.items():
        with transaction() as session:
            offered += _offer_basket(session, community_id, board, need_id, shop, cost)
    whys = _whys(board, plan.keys() | shop_plan.keys())
    with transaction() as session:
        _write_unmatched(session, community_id, whys, board.at)
    return MatchFigures(offered, len(whys), expired)


def _expire_due(community_id: UUID) -> int:
    with reading() as session:
        due = due_offers(session, community_id, clock.now())
    for offer_id in due:
        with transaction() as session:
            expire_offer(session, community_id, offer_id)
    return len(due)


def _whys(board: Board, matched: Set[UUID]) -> dict[UUID, Why]:
    whys = {
        wanted.need_id: why_nobody(wanted, board.able, now=board.at)
        for wanted in board.wanted
        if wanted.need_id not in matched
    }
    for need_id, basket in board.baskets.items():
        if need_id not in matched:
            whys[need_id] = _why_no_shop(board, basket)
    return together(whys)


def read_board(session: Session, community_id: UUID) -> Board:
    """Read the triaged needs wanted within a day, the helpers on shift until then, and the shops."""
    now = clock.now()
    board = Board(now)
    needs = session.scalars(
        select(Need).where(
            Need.community_id == community_id, Need.state == State.TRIAGED, Need.wanted_from < now + AHEAD
        )
    ).all()
    sites = places.sites_of_homes(session, community_id, [need.home_id for need in needs])
    tried = _tried(session, [need.id for need in needs], now)
    lines = lines_of(session, [need.id for need in needs if need.flow == Flow.GOODS])
    for need in needs:
        site = sites.get(need.home_id)
        if site is None:
            continue
        spot = Spot(site.entrance_id, site.building_id, site.x_m, site.y_m)
        wanted = _wanted(need, spot, tried.get(need.id, frozenset()), now)
        if Flow(need.flow) is Flow.GOODS:
            board.baskets[need.id] = basket_of(need, lines[need.id])
            board.baskets_at[need.id] = wanted
        else:
            board.wanted.append(wanted)
    board.able = _able(session, community_id, now) if board.wanted else []
    if board.baskets:
        for supplier in suppliers_of(session, community_id):
            found = supplier.candidates(session, community_id, list(board.baskets.values()))
            board.candidates += [(supplier.name, candidate) for candidate in found]
    return board


def _wanted(need: Need, spot: Spot, tried: frozenset[UUID], now: datetime) -> Wanted:
    kind = NeedKind(need.kind)
    return Wanted(
        need_id=need.id,
        skill=SKILL_OF_KIND.get(kind),
        language=None,
        spot=spot,
        priority=need.priority,
        wanted_from=max(need.wanted_from, now),
        # A need whose time has passed is still wanted: late is better than never, and the deadline tells the
        # committee.
        wanted_until=need.wanted_until if need.wanted_until > now + timedelta(hours=1) else now + AHEAD,
        service_s=SERVICE_S.get(kind, 0),
        tried=tried,
    )


def _able(session: Session, community_id: UUID, now: datetime) -> list[Able]:
    on_shift = helpers.on_shift(session, community_id, now, now + AHEAD)
    entrances = [helper.entrance_id for helper in on_shift if helper.entrance_id]
    sites = places.sites_of_entrances(session, community_id, entrances)
    holds = _holds(session, community_id)
    able = []
    for helper in on_shift:
        site = sites.get(helper.entrance_id) if helper.entrance_id else None
        able.append(
            Able(
                helper_id=helper.id,
                skills=frozenset(str(skill) for skill in helper.skills),
                languages=helper.languages,
                spot=Spot(site.entrance_id, site.building_id, site.x_m, site.y_m) if site else None,
                windows=helper.windows,
                holds=holds.get(helper.id, 0),
                hours_lately=helper.hours_lately,
            )
        )
    return able


def _holds(session: Session, community_id: UUID) -> dict[UUID, int]:
    rows = session.execute(
        select(Offer.helper_id, func.count())
        .join(Need, Need.id == Offer.need_id)
        .where(
            Offer.community_id == community_id,
            Offer.helper_id.is_not(None),
            (Offer.state == "offered") | ((Offer.state == "accepted") & Need.state.in_(IN_HAND)),
        )
        .group_by(Offer.helper_id)
    )
    return {helper_id: count for helper_id, count in rows if helper_id is not None}


def _tried(session: Session, need_ids: list[UUID], now: datetime) -> dict[UUID, frozenset[UUID]]:
    rows = session.execute(
        select(Offer.need_id, Offer.helper_id, Offer.supplier_ref).where(
            Offer.need_id.in_(need_ids),
            (Offer.state == "declined")
            | ((Offer.state == "expired") & (Offer.answered_at > now - SILENCE_COUNTS)),
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for need_id, helper_id, supplier_ref in rows:
        found.setdefault(need_id, set()).update(who for who in (helper_id, supplier_ref) if who is not None)
    return {need_id: frozenset(who) for need_id, who in found.items()}


def _shops(board: Board) -> list[Shop]:
    shops: dict[tuple[str, UUID], Shop] = {}
    for supplier, candidate in board.candidates:
        if candidate.ref in board.baskets_at[candidate.need_id].tried or not candidate.covered:
            continue
        shop = shops.setdefault(
            (supplier, candidate.ref),
            Shop(supplier, candidate.ref, candidate.label, candidate.distance_m, candidate.orders_left),
        )
        shop.serves[candidate.need_id] = len(board.baskets[candidate.need_id].lines) - len(candidate.covered)
    return list(shops.values())


def _why_no_shop(board: Board, basket: Basket) -> Why:
    mine = [candidate for _, candidate in board.candidates if candidate.need_id == basket.need_id]
    covered = frozenset[UUID]().union(*(candidate.covered for candidate in mine))
    over_limit = frozenset[UUID]().union(*(candidate.over_limit for candidate in mine)) - covered
    tried = board.baskets_at[basket.need_id].tried
    willing = [candidate for candidate in mine if candidate.covered and candidate.ref not in tried]
    return why_no_shop(
        lines=len(basket.lines),
        covered_somewhere=len(covered),
        shops=len(mine),
        shops_full=len(willing),
        over_limit=len(over_limit),
    )


def _still_triaged(session: Session, community_id: UUID, need_id: UUID) -> Need | None:
    need = find_need(session, community_id, need_id, for_update=True)
    return need if State(need.state) is State.TRIAGED else None


def _offer_basket(
    session: Session, community_id: UUID, board: Board, need_id: UUID, shop: Shop, cost: int
) -> int:
    """Offer the basket to the shop; what the shop lacks goes on as a need of its own first.

    Returns offers made.
    """
    need = _still_triaged(session, community_id, need_id)
    if need is None:
        return 0
    covered = next(
        candidate.covered
        for supplier, candidate in board.candidates
        if supplier == shop.supplier and candidate.ref == shop.ref and candidate.need_id == need_id
    )
    lacking = _lacking(session, need, covered)
    if lacking:
        split_off(session, SYSTEM, need, lacking)
        take_step(
            session,
            need,
            Step.CLOSE,
            BY_SYSTEM,
            line_ids=[line.id for line in lacking],
            closed_because=ClosedBecause.OUT_OF_SCOPE,
        )
        need.closed_because = None
    return 1 if offer_to_shop(session, need, shop.supplier, shop.ref, shop.label, score=cost) else 0


def _lacking(session: Session, need: Need, covered: frozenset[UUID]) -> list[Line]:
    live = {line.line_id for line in basket_of(need, lines_of(session, [need.id])[need.id]).lines}
    return [line for line in lines_of(session, [need.id])[need.id] if line.id in live - covered]


def _write_unmatched(session: Session, community_id: UUID, whys: dict[UUID, Why], at: datetime) -> None:
    known = {
        row.need_id: row
        for row in session.scalars(select(Unmatched).where(Unmatched.community_id == community_id))
    }
    for need_id, why in whys.items():
        row = known.get(need_id)
        if row is None:
            row = Unmatched(community_id=community_id, need_id=need_id)
            session.add(row)
        row.reason, row.facts, row.smallest_change, row.computed_at = why.reason, why.facts, why.change, at
