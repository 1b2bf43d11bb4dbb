"""The cost, added up anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from dispatch.check.findings import Findings
from dispatch.plan import Cost
from dispatch.problem import Stop

URGENT, SOON = 0, 1
PROMISE_TOLERANCE_S = 600


def check_cost(findings: Findings, travel_s: int, work_s: dict[str, int]) -> None:
    """Compare every part of the cost with an own sum."""
    plan, weights, stops = findings.plan, findings.problem.weights, findings.stops
    visits = [(route.vehicle, visit) for route in plan.routes for visit in route.visits]
    own = Cost(
        travel_s=travel_s,
        walk_s=sum(visit.walk_s for _, visit in visits),
        late_s=sum(_late(findings, stops[visit.stop], visit.start_s) for _, visit in visits),
        vehicles_s=len(plan.routes) * weights.vehicle_s,
        unserved_s=sum(weights.unserved_s // (stops[one.stop].priority + 1) for one in plan.unserved),
        contacts_s=_contacts(findings),
        waits_s=_waits(findings),
        unfair_s=sum(_unfair(findings, vehicle, seconds) for vehicle, seconds in work_s.items()),
        broken_s=sum(_broken(findings, stops[v.stop], vehicle, v.start_s) for vehicle, v in visits),
        fails_s=sum(_fails(findings, vehicle) for vehicle, _ in visits),
    )
    for part in fields(Cost):
        says, is_ = getattr(plan.cost, part.name), getattr(own, part.name)
        if says != is_:
            findings.say("wrong_cost", None, None, part=part.name, says=says, is_=is_)


def _late(findings: Findings, stop: Stop, start_s: int) -> int:
    if stop.due_s is None:
        return 0
    times = {URGENT: 4, SOON: 2}.get(stop.priority, 1)
    return max(0, start_s - max(0, stop.due_s)) * findings.problem.weights.late * times


def _contacts(findings: Findings) -> int:
    together = Counter((findings.stops[call.stop].shelf, call.from_s) for call in findings.plan.calls)
    return sum(homes * (homes - 1) // 2 for homes in together.values()) * findings.problem.weights.contact_s


def _waits(findings: Findings) -> int:
    called = {call.stop: call.from_s for call in findings.plan.calls}
    total = 0
    for route in findings.plan.routes:
        for visit in route.visits:
            if visit.stop in called and visit.carries:
                total += (called[visit.stop] - visit.depart_s) * findings.problem.weights.wait_percent // 100
    return total


def _unfair(findings: Findings, vehicle: str, work_s: int) -> int:
    problem = findings.problem
    if problem.fair_work_s is None or findings.vehicles[vehicle].is_machine:
        return 0
    share_s = max(0, problem.fair_work_s - findings.vehicles[vehicle].work_before_s)
    return max(0, work_s - share_s) * problem.weights.unfair


def _broken(findings: Findings, stop: Stop, vehicle: str, start_s: int) -> int:
    if stop.promised is None:
        return 0
    weights = findings.problem.weights
    moved_s = weights.moved_s if vehicle != stop.promised.vehicle else 0
    return moved_s + max(0, start_s - stop.promised.start_s - PROMISE_TOLERANCE_S) * weights.later


def _fails(findings: Findings, vehicle: str) -> int:
    profile = findings.profiles[findings.vehicles[vehicle].profile]
    return profile.fails_percent * findings.problem.weights.failed_s // 100
