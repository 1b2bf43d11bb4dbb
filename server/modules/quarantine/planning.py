"""The walk from door to door: the dispatcher decides the order."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from dispatch import BadProblem, Limits, Problem, solve
from dispatch.problem import Lane, Node, Profile, Stop, Vehicle
from server.core.places.service import NetworkData

WALK = Profile("walk", speed_m_s=1.2, width_cm=60)
AT_DOOR_S = 180
HORIZON_S = 24 * 3600
# The walk of one person: a fixed number of rounds gives the same order for the same doors.
ROUNDS = 2000
SECONDS = 2.0


def walk(network: NetworkData, start: UUID, doors: Mapping[UUID, UUID]) -> list[UUID]:
    """Return the doors in walking order from ``start``. ``doors``: door → its node.

    What no lane reaches comes last, in the order given. Raises ValueError for lanes that contradict themselves.
    """
    try:
        plan = solve(_problem(network, start, doors), Limits(SECONDS, rounds=ROUNDS))
    except BadProblem as error:
        raise ValueError(str(error)) from error
    reached = [UUID(visit.stop) for route in plan.routes for visit in route.visits]
    return reached + [door for door in doors if door not in set(reached)]


def _problem(network: NetworkData, start: UUID, doors: Mapping[UUID, UUID]) -> Problem:
    worker = Vehicle(
        id="worker",
        profile=WALK.name,
        start_node=str(start),
        end_node=str(start),
        shift_start_s=0,
        shift_end_s=HORIZON_S,
        load_g=0,
        volume_ml=0,
        parcels=0,
    )
    return Problem(
        nodes=tuple(Node(str(node.id), node.x_m, node.y_m) for node in network.nodes),
        lanes=tuple(
            Lane(
                id=str(lane.id),
                from_node=str(lane.from_node),
                to_node=str(lane.to_node),
                length_m=lane.length_m,
                width_cm=lane.width_cm,
                is_oneway=lane.is_oneway,
                steps=lane.steps,
                is_open=lane.state == "open",
            )
            for lane in network.lanes
        ),
        profiles=(WALK,),
        vehicles=(worker,),
        stops=tuple(
            Stop(id=str(door), node=str(node), kind="visit", service_s=AT_DOOR_S)
            for door, node in doors.items()
        ),
        horizon_s=HORIZON_S,
    )
