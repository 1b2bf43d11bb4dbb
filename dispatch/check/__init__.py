"""The independent checker: is this plan really a plan for this problem?

It shares no code with the search: it finds its own shortest times, its own loads and its own cost. A plan from anywhere
must pass here before anybody walks it.
"""

from __future__ import annotations

from collections import Counter

from dispatch.check.calls import check_calls
from dispatch.check.cost import check_cost
from dispatch.check.findings import Findings, Violation
from dispatch.check.route import RouteCheck
from dispatch.check.ways import Times
from dispatch.plan import Plan
from dispatch.problem import Problem

__all__ = ["Violation", "check"]


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return everything that is wrong with the plan; an empty list if it can be walked as it is."""
    if plan.digest != problem.digest():
        return [Violation("plan_of_another_problem")]
    findings = Findings(problem, plan)
    _check_all_accounted_for(findings)
    _check_together(findings)
    for name, count in Counter(route.vehicle for route in plan.routes).items():
        if count > 1:
            findings.say("vehicle_twice", name, None, times=count)
    times, travel_s, work_s = Times(problem), 0, {}
    for route in plan.routes:
        vehicle = findings.vehicles.get(route.vehicle)
        if vehicle is None:
            findings.say("unknown_vehicle", route.vehicle, None)
        elif all(visit.stop in findings.stops for visit in route.visits):
            one = RouteCheck(findings, times, route, vehicle)
            one.run()
            travel_s += one.travel_s
            work_s[route.vehicle] = one.work_s
    if not findings.found:
        check_calls(findings)
    if not findings.found:
        check_cost(findings, travel_s, work_s)
    return findings.found


def _check_all_accounted_for(findings: Findings) -> None:
    plan, stops = findings.plan, findings.stops
    visited = Counter(visit.stop for route in plan.routes for visit in route.visits)
    unserved = Counter(one.stop for one in plan.unserved)
    for stop in findings.problem.stops:
        wanted = 1 if unserved[stop.id] else stop.people
        count = visited[stop.id] + unserved[stop.id]
        if count == 0:
            findings.say("stop_missing", None, stop.id)
        elif count > wanted:
            findings.say("stop_twice", None, stop.id, times=count)
        elif stop.people == 1 and any(
            not visit.carries for route in plan.routes for visit in route.visits if visit.stop == stop.id
        ):
            findings.say("goods_twice_or_never", None, stop.id)
        elif count < wanted:
            findings.say("courier_missing", None, stop.id, people=count)
    for name in visited | unserved:
        if name not in stops:
            findings.say("unknown_stop", None, name)
    for one in plan.unserved:
        if not one.reason:
            findings.say("unserved_without_reason", None, one.stop)


def _check_together(findings: Findings) -> None:
    """Where two are needed, two different couriers begin at the same second."""
    for stop in findings.problem.stops:
        if stop.people < 2:
            continue
        visits = [(r.vehicle, v) for r in findings.plan.routes for v in r.visits if v.stop == stop.id]
        if len({vehicle for vehicle, _ in visits}) < len(visits):
            findings.say("courier_missing", None, stop.id, people=1)
        elif visits and sum(visit.carries for _, visit in visits) != 1:
            findings.say("goods_twice_or_never", None, stop.id)
        elif len({visit.start_s for _, visit in visits}) > 1:
            findings.say("not_together", None, stop.id, starts_s=[visit.start_s for _, visit in visits])
