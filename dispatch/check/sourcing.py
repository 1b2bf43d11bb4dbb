"""Sourcing: is it there, is it what was asked for, and does it add up? It shares no code with the solver."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from fractions import Fraction

from dispatch.check.findings import Violation
from dispatch.sourcing.plan import Short, SourcingCost, SourcingPlan
from dispatch.sourcing.problem import Basket, SourcingProblem

QUARTERS = 4


def check_sourcing(problem: SourcingProblem, plan: SourcingPlan) -> list[Violation]:
    """Return everything that is wrong with the answer; an empty list if the goods can be handed out as it says."""
    if plan.digest != problem.digest():
        return [Violation("plan_of_another_problem")]
    found = [*_unknown(problem, plan)]
    if found:
        return found
    found += _too_much(problem, plan)
    found += _short(problem, plan)
    real = _cost(problem, plan)
    for part in fields(SourcingCost):
        says, is_ = getattr(plan.cost, part.name), getattr(real, part.name)
        if says != is_:
            found.append(Violation("wrong_cost", facts={"part": part.name, "says": says, "is": is_}))
    if plan.bound_fen > plan.cost.total:
        found.append(Violation("bound_above_cost"))
    return found


def _unknown(problem: SourcingProblem, plan: SourcingPlan) -> list[Violation]:
    lines = {(basket.id, line.id): line for basket in problem.baskets for line in basket.lines}
    prices = {(stock.shop, stock.product): stock.price_fen for stock in problem.stock}
    found = []
    for one in plan.allocations:
        line, price = lines.get((one.basket, one.line)), prices.get((one.shop, one.product))
        facts = {"basket": one.basket, "line": one.line, "product": one.product, "shop": one.shop}
        if line is None or price is None or one.quantity < 1:
            found.append(Violation("no_such_thing", facts=facts))
        elif one.product not in [option.product for option in line.options]:
            found.append(Violation("not_asked_for", facts=facts))
        elif line.most_fen is not None and price > line.most_fen:
            found.append(Violation("too_dear", facts=facts))
    return found


def _too_much(problem: SourcingProblem, plan: SourcingPlan) -> list[Violation]:
    found = []
    for stock in problem.stock:
        gone = sum(a.quantity for a in plan.allocations if (a.shop, a.product) == (stock.shop, stock.product))
        if gone > stock.on_hand:
            found.append(
                Violation("oversold", facts={"shop": stock.shop, "product": stock.product, "gone": gone})
            )
    for basket in problem.baskets:
        own = [a for a in plan.allocations if a.basket == basket.id]
        for line in basket.lines:
            if sum(a.quantity for a in own if a.line == line.id) > line.quantity:
                found.append(Violation("more_than_asked", facts={"basket": basket.id, "line": line.id}))
        for limit in problem.limits:
            if sum(a.quantity for a in own if a.product == limit.product) > limit.most:
                found.append(
                    Violation("over_household_limit", facts={"basket": basket.id, "product": limit.product})
                )
    return found


def _short(problem: SourcingProblem, plan: SourcingPlan) -> list[Violation]:
    """Return what the answer says is short and is not, and the other way round."""
    got = Counter[tuple[str, str]]()
    for one in plan.allocations:
        got[one.basket, one.line] += one.quantity
    says: dict[tuple[str, str], Short] = {(one.basket, one.line): one for one in plan.short}
    found = []
    for basket in problem.baskets:
        for line in basket.lines:
            missing = line.quantity - got[basket.id, line.id]
            said = says.pop((basket.id, line.id), None)
            if max(0, missing) != (said.missing if said else 0):
                found.append(Violation("wrong_shortage", facts={"basket": basket.id, "line": line.id}))
    return found + [Violation("wrong_shortage", facts={"basket": name, "line": line}) for name, line in says]


def _cost(problem: SourcingProblem, plan: SourcingPlan) -> SourcingCost:
    goods = substitutes = missing = listed = 0
    for one in plan.allocations:
        stock = next(s for s in problem.stock if (s.shop, s.product) == (one.shop, one.product))
        basket = next(b for b in problem.baskets if b.id == one.basket)
        line = next(li for li in basket.lines if li.id == one.line)
        goods += stock.price_fen * one.quantity
        substitutes += next(o.penalty_fen for o in line.options if o.product == one.product) * one.quantity
    places = {(one.basket, one.shop) for one in plan.allocations}
    for basket in problem.baskets:
        lack = _lack(problem, plan, basket)
        if basket.is_guaranteed:
            listed += lack
        else:
            missing += lack
    return SourcingCost(goods, substitutes, problem.shop_fen * len(places), missing, listed)


def _lack(problem: SourcingProblem, plan: SourcingPlan, basket: Basket) -> int:
    """Return the price of what a basket lacks, unit by unit: the first quarter once, the last four times."""
    units = sum(line.quantity for line in basket.lines)
    missing = units - sum(one.quantity for one in plan.allocations if one.basket == basket.id)
    price = 0
    for nth in range(max(0, missing)):
        quarter = next(q for q in range(1, QUARTERS + 1) if nth < int(Fraction(units * q, QUARTERS)))
        price += problem.missing_fen * quarter
    return price
