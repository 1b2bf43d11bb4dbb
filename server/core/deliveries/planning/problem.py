"""From what was read to a Problem of the dispatcher: instants become seconds, rows become lanes, couriers and stops."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from dispatch import BadProblem, Problem
from dispatch.problem import Break, Lane, Node, Promise, Shelf, StandingPoint, Stop, Vehicle
from server.core.deliveries import rules
from server.core.deliveries.planning.inputs import (
    PROFILES,
    Inputs,
    PlanBreak,
    PlanHelper,
    PlanStop,
    SolverFailed,
    speed_m_s,
)
from server.core.places.service import NetworkData


def problem_of(inputs: Inputs) -> Problem:
    """Return the dispatcher's problem. Times become seconds after ``starts_at``.

    Raises SolverFailed for what no dispatcher could read, such as a lane that ends nowhere.
    """
    try:
        return _problem(inputs)
    except BadProblem as error:
        raise SolverFailed(str(error)) from error


def _problem(inputs: Inputs) -> Problem:
    return Problem(
        nodes=nodes_of(inputs.network),
        lanes=lanes_of(inputs.network),
        profiles=PROFILES,
        vehicles=tuple(_vehicle(helper, inputs) for helper in inputs.helpers),
        stops=tuple(_stop(stop, inputs) for stop in inputs.stops),
        horizon_s=inputs.horizon_s,
        standing_points=points_of(inputs.network),
        shelves=tuple(Shelf(str(entrance), parcels) for entrance, parcels in inputs.shelves.items()),
        call_interval_s=rules.CALL_INTERVAL_S,
        fair_work_s=_fair_work_s(inputs),
    )


def nodes_of(network: NetworkData) -> tuple[Node, ...]:
    """Return the network's nodes as the dispatcher knows them."""
    return tuple(Node(str(node.id), node.x_m, node.y_m) for node in network.nodes)


def lanes_of(network: NetworkData) -> tuple[Lane, ...]:
    """Return the network's lanes as the dispatcher knows them."""
    return tuple(
        Lane(
            id=str(lane.id),
            from_node=str(lane.from_node),
            to_node=str(lane.to_node),
            length_m=lane.length_m,
            width_cm=lane.width_cm,
            is_fire_lane=lane.is_fire_lane,
            is_oneway=lane.is_oneway,
            steps=lane.steps,
            is_open=lane.state == "open",
        )
        for lane in network.lanes
    )


def points_of(network: NetworkData) -> tuple[StandingPoint, ...]:
    """Return where carts may stand as the dispatcher knows it."""
    return tuple(StandingPoint(str(p.id), str(p.node_id), p.width_cm) for p in network.standing_points)


def _vehicle(helper: PlanHelper, inputs: Inputs) -> Vehicle:
    return Vehicle(
        id=str(helper.id),
        profile=helper.profile,
        start_node=str(helper.start_node),
        end_node=str(helper.end_node),
        shift_start_s=max(0, inputs.seconds(helper.works_from)),
        shift_end_s=min(inputs.horizon_s, inputs.seconds(helper.works_until)),
        load_g=helper.load_g,
        volume_ml=helper.volume_ml,
        parcels=helper.parcels,
        skills=frozenset({_own_skill(helper.id)}),
        has_left=helper.has_left,
        has_been_red=helper.has_been_red,
        breaks=tuple(
            Break(max(0, inputs.seconds(one.from_at)), inputs.seconds(one.until_at), one.rest_s)
            for one in breaks_ahead(helper, inputs)
        ),
        work_before_s=helper.work_before_s,
        is_machine=is_machine(helper),
    )


def breaks_ahead(helper: PlanHelper, inputs: Inputs) -> list[PlanBreak]:
    """Return the breaks that can still be begun in time once the courier is there."""
    begins = max(inputs.starts_at, helper.works_from)
    return sorted((one for one in helper.breaks if one.until_at >= begins), key=lambda one: one.from_at)


def without_breaks(problem: Problem) -> Problem:
    """Return the problem with everybody resting only once they are back."""
    return replace(problem, vehicles=tuple(replace(one, breaks=()) for one in problem.vehicles))


def is_machine(helper: PlanHelper) -> bool:
    """Tell whether nobody walks with it."""
    return helper.profile == "unmanned"


def _fair_work_s(inputs: Inputs) -> int | None:
    """Return up to how much everybody works if this wave goes first to who has done least; None for one alone."""
    people = [helper for helper in inputs.helpers if not is_machine(helper)]
    if len(people) < 2:
        return None
    at = {node.id: (node.x_m, node.y_m) for node in inputs.network.nodes}
    spots = [at[stop.node] for stop in inputs.stops]
    way_m = rules.expected_way_m(spots, at[people[0].start_node], len(people))
    speed = min(speed_m_s(helper.profile) for helper in people)
    work_s = sum(stop.service_s + stop.door_s for stop in inputs.stops) + way_m / speed
    return rules.fair_level_s([helper.work_before_s for helper in people], rules.FAIR_SLACK * work_s)


def _stop(stop: PlanStop, inputs: Inputs) -> Stop:
    window = rules.window_s(stop.wanted_from, stop.wanted_until, start=inputs.starts_at)
    is_on_board = stop.only_helper is not None and stop.kind == "delivery"
    return Stop(
        id=stop.id,
        node=str(stop.node),
        kind="visit" if stop.kind == "visit" else "delivery",
        load_g=stop.load_g,
        volume_ml=stop.volume_ml,
        parcels=len(stop.parcel_ids),
        service_s=stop.service_s,
        door_s=stop.door_s,
        # What is on board is brought even when its time is over.
        windows=(window,) if window and window[0] <= inputs.horizon_s and not is_on_board else (),
        priority=stop.priority,
        due_s=rules.PRIORITY_DUE_S if stop.priority == 0 else None,
        # A visit that a helper accepted is theirs: nobody else may be sent to that home in their place.
        skills=frozenset({_own_skill(stop.only_helper)})
        if stop.only_helper and not is_on_board
        else frozenset(),
        is_red=stop.is_red,
        only_vehicle=str(stop.only_helper) if is_on_board else None,
        promised=_promise(stop, inputs),
        shelf=str(stop.shelf) if stop.shelf in inputs.shelves else None,
    )


def _promise(stop: PlanStop, inputs: Inputs) -> Promise | None:
    if stop.promised_at is None or stop.only_helper not in {helper.id for helper in inputs.helpers}:
        return None
    return Promise(str(stop.only_helper), max(0, inputs.seconds(stop.promised_at)))


def _own_skill(helper_id: UUID) -> str:
    return f"helper:{helper_id}"
