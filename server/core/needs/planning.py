"""The one door from needs into dispatch.

Wants and offers as tasks and candidates, and the assignment back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch.matching import MAX_COST, Candidate, Task, match
from server.core.needs.rules.fit import (
    ALREADY_HOLDS_S,
    Able,
    Shop,
    Wanted,
    capacity_left,
    cost_s,
    misfit,
    shop_cost_s,
)
from server.core.needs.rules.urgency import PRIORITIES

# A need of the guarantee list goes unserved only where four of everyone else's would.
WEIGHT = {priority: 1 << (len(PRIORITIES) - 1 - priority) for priority in PRIORITIES}
# Shops want orders: one more costs a shop far less than one more visit costs a volunteer.
SHOP_FAIRNESS_S = 5


def assign(wanted: Sequence[Wanted], able: Sequence[Able], *, now: datetime) -> dict[UUID, tuple[UUID, int]]:
    """Return need → (helper, cost in seconds) of an optimal assignment.

    Needs that got nobody are left out.
    """
    candidates = [
        Candidate(id=str(helper.helper_id), room=capacity_left(helper, now=now), load=helper.holds)
        for helper in able
    ]
    tasks = [
        Task(
            id=str(need.need_id),
            costs={
                str(helper.helper_id): min(MAX_COST, cost_s(need, helper))
                for helper in able
                if misfit(need, helper) is None
            },
            weight=WEIGHT[need.priority],
        )
        for need in wanted
    ]
    costs = {task.id: task.costs for task in tasks}
    matching = match(tasks, candidates, fairness=ALREADY_HOLDS_S)
    return {
        UUID(task): (UUID(helper), costs[task][helper]) for task, helper in sorted(matching.assigned.items())
    }


def assign_shops(wanted: Sequence[Wanted], shops: Sequence[Shop]) -> dict[UUID, tuple[Shop, int]]:
    """Return need → (shop, cost in seconds).

    Whole baskets first, near shops first, no shop beyond what it takes.
    """
    by_id = {f"{shop.supplier}/{shop.ref}": shop for shop in shops}
    candidates = [Candidate(id=key, room=shop.orders_left) for key, shop in by_id.items()]
    tasks = [
        Task(
            id=str(need.need_id),
            costs={
                key: min(MAX_COST, shop_cost_s(shop.serves[need.need_id], shop.distance_m))
                for key, shop in by_id.items()
                if need.need_id in shop.serves
            },
            weight=WEIGHT[need.priority],
        )
        for need in wanted
    ]
    costs = {task.id: task.costs for task in tasks}
    matching = match(tasks, candidates, fairness=SHOP_FAIRNESS_S)
    return {UUID(task): (by_id[key], costs[task][key]) for task, key in sorted(matching.assigned.items())}
