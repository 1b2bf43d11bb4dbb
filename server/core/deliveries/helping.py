"""What would help a wave that is planned: asked of the dispatcher beside everything else, told by the calendar.

It has a process of its own, at the lowest priority, for as long as it takes: no plan waits behind it, and where it
dies or hangs, nothing dies or hangs with it. No table is touched here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from dispatch import Plan, Problem
from dispatch.helping import Help, what_would_help
from dispatch.plan import Cost, Route, Visit
from server.core.deliveries import planning
from server.core.deliveries.planning import Inputs, SolverFailed, stop_from_spec
from server.kit.apart import Died, run_aside

# Starting the process and loading the search count as well, and everything else goes first.
GRACE_S = 60
# More than an officer would read.
MOST = 5


def as_planned(
    now: Inputs,
    sheets: Iterable[dict[str, Any]],
    unserved: Iterable[dict[str, Any]],
    unused: Iterable[dict[str, Any]],
) -> Inputs:
    """Return the inputs of a plan that still holds: without the goods and the couriers that have come since."""
    planned = [stop_from_spec(entry) for sheet in sheets for entry in sheet["stops"]]
    left = {one["stop"] for one in unserved}
    knew = {sheet["helper_id"] for sheet in sheets} | {one["helper_id"] for one in unused}
    return replace(
        now,
        helpers=tuple(helper for helper in now.helpers if str(helper.id) in knew),
        stops=(*planned, *(stop for stop in now.stops if stop.id in left)),
    )


def find_help(
    inputs: Inputs, sheets: Iterable[dict[str, Any]], seconds: float, *, is_apart: bool
) -> list[dict[str, Any]]:
    """Return the few changes that help most, as JSON. ``sheets``: the plan's routes. Raises SolverFailed."""
    problem = _without_own_skills(inputs, planning.problem_of(inputs))
    plan = _routes_of(sheets)
    found = _apart(problem, plan, seconds) if is_apart else what_would_help(problem, plan, seconds)
    return [_told(help_, inputs) for help_ in _best(found)]


def _without_own_skills(inputs: Inputs, problem: Problem) -> Problem:
    """Say who accepted a visit by name: by skills, one more courier would have them all."""
    owners = {stop.id: stop.only_helper for stop in inputs.stops if stop.kind == "visit"}
    stops = tuple(
        replace(stop, skills=frozenset(), only_by=frozenset({str(owners[stop.id])}))
        if owners.get(stop.id)
        else stop
        for stop in problem.stops
    )
    return replace(problem, stops=stops)


def _routes_of(sheets: Iterable[dict[str, Any]]) -> Plan:
    """Return the plan's orders, all that a search begins from: its times and its cost are found anew."""
    routes = tuple(
        Route(
            sheet["helper_id"],
            tuple(Visit(entry["id"], entry["halt_node"], 0, 0, 0) for entry in sheet["stops"]),
            0,
            0,
        )
        for sheet in sheets
    )
    return Plan(digest="", routes=routes, unserved=(), cost=Cost())


def _apart(problem: Problem, plan: Plan, seconds: float) -> list[Help]:
    try:
        return run_aside(
            what_would_help,
            problem,
            plan,
            seconds,
            within_s=seconds + GRACE_S,
            memory_bytes=planning.MEMORY_BYTES,
        )
    except Died as error:
        raise SolverFailed(str(error)) from error


def _best(found: Iterable[Help]) -> list[Help]:
    """Return the best few, of one more courier of a kind only the hour that helps most."""
    best: list[Help] = []
    named: set[str] = set()
    for help_ in found:
        profile = help_.change.get("add")
        if profile in named:
            continue
        named |= {profile} if profile else set()
        best.append(help_)
    return best[:MOST]


def _told(help_: Help, inputs: Inputs) -> dict[str, Any]:
    """Return the help with instants for seconds and the lane's name; people stay ids, since their names may go."""
    change = help_.change
    gains = {"serves_more": help_.serves_more, "saves_s": help_.saves_s}
    if "add" in change:
        from_at, until_at = (
            (inputs.starts_at + timedelta(seconds=change[key])).isoformat() for key in ("from_s", "until_s")
        )
        return {"kind": "add", "profile": change["add"], "from_at": from_at, "until_at": until_at, **gains}
    if "reopen" in change:
        lane = next(one for one in inputs.network.lanes if str(one.id) == change["reopen"])
        return {
            "kind": "reopen",
            "lane_id": str(lane.id),
            "lane_name": lane.name,
            "lane_ref": lane.ref,
            **gains,
        }
    helper = next(one for one in inputs.helpers if one.id == UUID(change["lengthen_shift"]))
    until = helper.works_until + timedelta(minutes=change["minutes"])
    return {
        "kind": "lengthen_shift",
        "helper_id": str(helper.id),
        "minutes": change["minutes"],
        "until_at": until.isoformat(),
        **gains,
    }
