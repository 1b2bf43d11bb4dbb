"""From a Plan of the dispatcher to sheets: plain JSON, kept with the wave until couriers go by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch import Plan, Problem, Violation
from dispatch.plan import Rest, Route
from server.core.deliveries.planning.inputs import Inputs, PlanBreak, PlanHelper, PlanStop
from server.core.deliveries.planning.problem import breaks_ahead, is_machine
from server.core.deliveries.planning.ways import Ways


def sheets_of(inputs: Inputs, problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    """Return the routes as JSON: one sheet a courier, each stop with its times and the way there."""
    ways = Ways(inputs, problem)
    stops = {stop.id: stop for stop in inputs.stops}
    helpers = {str(helper.id): helper for helper in inputs.helpers}
    called = {call.stop: inputs.instant(call.from_s) for call in plan.calls}
    sheets = []
    for route in plan.routes:
        helper = helpers[route.vehicle]
        place, entries = str(helper.start_node), []
        for position, visit in enumerate(route.visits, start=1):
            entries.append(
                {
                    **_spec(stops[visit.stop]),
                    "position": position,
                    "plan_arrive_at": inputs.instant(visit.arrive_s),
                    "plan_depart_at": inputs.instant(visit.depart_s),
                    "halt_node": visit.halt_node,
                    "walk_s": visit.walk_s,
                    "wait_s": visit.start_s - visit.arrive_s,
                    "leg": ways.points(helper.profile, place, visit.halt_node),
                    "called_at": called.get(visit.stop),
                }
            )
            place = visit.halt_node
        sheets.append(
            {
                "helper_id": str(helper.id),
                "profile": helper.profile,
                "start_node": str(helper.start_node),
                "begin_at": inputs.instant(route.begin_s),
                "end_at": inputs.instant(route.end_s),
                "shift_end_at": helper.works_until.isoformat(),
                "breaks": _breaks(helper, inputs, route.rests),
                "way_home": ways.points(helper.profile, place, str(helper.end_node)),
                "stops": entries,
            }
        )
    return sheets


def figures_of(inputs: Inputs, plan: Plan, violations: list[Violation]) -> dict[str, Any]:
    """Return the plan's figures as the officer sees them; couriers who do not go are named with why."""
    unused = [{"helper_id": vehicle, "why": why} for vehicle, why in plan.unused_vehicles]
    unused += [{"helper_id": str(helper_id), "why": "no_shift"} for helper_id in inputs.without_shift]
    return {
        "stops": plan.served,
        "unserved": len(plan.unserved),
        "routes": len(plan.routes),
        "cost": plan.cost.total,
        "travel_s": plan.cost.travel_s,
        "walk_s": plan.cost.walk_s,
        "late_s": plan.cost.late_s,
        "unfair_s": plan.cost.unfair_s,
        "violations": len(violations),
        "without_shift": sum(one["why"] == "no_shift" for one in unused),
        "unused_helpers": unused,
        **_worked(inputs, plan),
        "engine": plan.engine,
        "solve_s": round(plan.seconds, 2),
    }


def _worked(inputs: Inputs, plan: Plan) -> dict[str, int]:
    """Return the least and the most that anybody will have worked in the last days, this wave included."""
    in_wave = {route.vehicle: _work_s(route) for route in plan.routes}
    worked = [
        helper.work_before_s + in_wave.get(str(helper.id), 0)
        for helper in inputs.helpers
        if not is_machine(helper)
    ]
    return {"worked_least_s": min(worked), "worked_most_s": max(worked)} if len(worked) > 1 else {}


def _work_s(route: Route) -> int:
    """Return a planned route's seconds on the way and at doors: what is left without waiting and resting."""
    waits_s = sum(visit.start_s - visit.arrive_s for visit in route.visits)
    rests_s = sum(rest.until_s - rest.from_s for rest in route.rests)
    return route.end_s - route.begin_s - waits_s - rests_s


def unserved_of(inputs: Inputs, plan: Plan) -> list[dict[str, Any]]:
    """Return what is not served: home, need, reason, facts, and the smallest change that would serve it."""
    stops = {stop.id: stop for stop in inputs.stops}
    return [
        {
            "home_id": str(stops[u.stop].home_id),
            "need_ids": [str(need_id) for need_id in stops[u.stop].need_ids],
            "parcel_ids": [str(parcel_id) for parcel_id in stops[u.stop].parcel_ids],
            "stop": u.stop,
            "reason": u.reason,
            "facts": u.facts,
            "change": u.change,
        }
        for u in plan.unserved
    ]


def _breaks(helper: PlanHelper, inputs: Inputs, rests: Sequence[Rest]) -> list[dict[str, Any]]:
    """Return every break that was asked for, with when it is taken; None for who is back before it is due."""
    taken = {
        one: inputs.instant(rest.from_s)
        for one, rest in zip(breaks_ahead(helper, inputs), rests, strict=False)
    }
    return [
        {
            "from_at": one.from_at.isoformat(),
            "until_at": one.until_at.isoformat(),
            "rest_s": one.rest_s,
            "rests_from": taken.get(one),
        }
        for one in helper.breaks
    ]


def breaks_from(written: Mapping[str, Any]) -> tuple[PlanBreak, ...]:
    """Return the breaks that a sheet's courier asked for."""
    # A sheet that was written before there were breaks has none.
    return tuple(
        PlanBreak(
            datetime.fromisoformat(one["from_at"]), datetime.fromisoformat(one["until_at"]), one["rest_s"]
        )
        for one in written.get("breaks", ())
    )


def _spec(stop: PlanStop) -> dict[str, Any]:
    spec = asdict(stop)
    for key in ("parcel_ids", "need_ids"):
        spec[key] = [str(one) for one in spec[key]]
    for key in ("home_id", "node", "need_id", "only_helper", "shelf"):
        spec[key] = str(spec[key]) if spec[key] else None
    for key in ("wanted_from", "wanted_until", "promised_at"):
        spec[key] = spec[key].isoformat() if spec[key] else None
    return spec


def stop_from_spec(spec: dict[str, Any]) -> PlanStop:
    """Return the stop that a sheet's entry describes."""
    # What was written before a field was there has none.
    values = {field.name: spec.get(field.name, field.default) for field in fields(PlanStop)}
    for key in ("home_id", "node", "need_id", "only_helper", "shelf"):
        values[key] = UUID(values[key]) if values[key] else None
    for key in ("parcel_ids", "need_ids"):
        values[key] = tuple(UUID(one) for one in spec[key])
    for key in ("wanted_from", "wanted_until", "promised_at"):
        values[key] = datetime.fromisoformat(values[key]) if values[key] else None
    return PlanStop(**values)
