"""Calls to shelves: every home once, when its goods are there, few at a time, never more than the shelf holds."""

from __future__ import annotations

from collections import Counter

from dispatch.check.findings import Findings


def check_calls(findings: Findings) -> None:
    """Note what is wrong with the calls."""
    problem, stops = findings.problem, findings.stops
    put_down = {
        visit.stop: visit.depart_s
        for route in findings.plan.routes
        for visit in route.visits
        if stops[visit.stop].shelf is not None and visit.carries
    }
    called = Counter(call.stop for call in findings.plan.calls)
    for stop in put_down:
        if called[stop] != 1:
            findings.say("not_called", None, stop, times=called[stop])
    for call in findings.plan.calls:
        if call.stop not in put_down:
            findings.say("called_for_nothing", None, call.stop)
        elif call.from_s < put_down[call.stop] or call.from_s % problem.call_interval_s:
            findings.say("called_too_early", None, call.stop, from_s=call.from_s, there_s=put_down[call.stop])
    if not findings.found:
        _check_crowds(findings, put_down)


def _check_crowds(findings: Findings, put_down: dict[str, int]) -> None:
    problem, stops = findings.problem, findings.stops
    ends = {call.stop: call.from_s + problem.call_interval_s for call in findings.plan.calls}
    for shelf in problem.shelves:
        here = [stop for stop in put_down if stops[stop].shelf == shelf.id]
        at_once = Counter(ends[stop] for stop in here)
        if at_once and max(at_once.values()) > shelf.homes_at_once:
            findings.say("crowd", None, None, shelf=shelf.id, homes=max(at_once.values()))
        for stop in here:
            at_s = put_down[stop]
            parcels = sum(stops[o].parcels for o in here if put_down[o] <= at_s < ends[o])
            if parcels > shelf.parcels:
                findings.say("shelf_full", None, stop, shelf=shelf.id, parcels=parcels, holds=shelf.parcels)
