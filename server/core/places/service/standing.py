"""Standing points: where carts may stand on fire lanes without blocking them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.models import Lane, Node, StandingPoint
from server.core.places.rules import marks
from server.core.places.service.version import bump
from server.kit.audit import record
from server.kit.errors import NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def add_standing_point(
    session: Session, actor: Actor, community: CommunityRef, x_m: float, y_m: float
) -> StandingPoint:
    """Mark the fire-lane node nearest to (x, y) as a standing point. Raises Refused if none is within 30 m."""
    on_fire_lanes = select(Lane.from_node).where(Lane.community_id == community.id, Lane.is_fire_lane)
    others = select(Lane.to_node).where(Lane.community_id == community.id, Lane.is_fire_lane)
    nodes = session.scalars(
        select(Node).where(Node.community_id == community.id, Node.id.in_(on_fire_lanes.union(others)))
    ).all()
    near = min(nodes, key=lambda n: (n.x_m - x_m) ** 2 + (n.y_m - y_m) ** 2, default=None)
    if near is None or (near.x_m - x_m) ** 2 + (near.y_m - y_m) ** 2 > 900:
        raise Refused("places.no_fire_lane_here")
    known = session.scalars(
        select(StandingPoint).where(
            StandingPoint.community_id == community.id, StandingPoint.node_id == near.id
        )
    ).first()
    point = known or StandingPoint(community_id=community.id, node_id=near.id)
    point.is_proposed = False
    session.add(point)
    session.flush()
    bump(session, community.id)
    record(session, actor, community.id, "places.standing_point_marked", ("standing_point", point.id))
    return point


def remove_standing_point(session: Session, actor: Actor, community: CommunityRef, point_id: UUID) -> None:
    """Remove a standing point. Raises NotFound."""
    point = session.scalars(
        select(StandingPoint).where(StandingPoint.community_id == community.id, StandingPoint.id == point_id)
    ).first()
    if point is None:
        raise NotFound("places.standing_point_not_found")
    session.delete(point)
    bump(session, community.id)
    record(session, actor, community.id, "places.standing_point_removed", ("standing_point", point_id))


def propose_anew(session: Session, community_id: UUID) -> None:
    """Propose standing points for the fire lanes as they are marked now; those set by hand stay."""
    session.flush()
    lanes_at: dict[UUID, list[Lane]] = {}
    for lane in session.scalars(
        select(Lane).where(Lane.community_id == community_id, Lane.kind != "approach")
    ):
        for node_id in (lane.from_node, lane.to_node):
            lanes_at.setdefault(node_id, []).append(lane)
    nodes = {node.id: node for node in session.scalars(select(Node).where(Node.community_id == community_id))}
    points = {
        point.node_id: point
        for point in session.scalars(select(StandingPoint).where(StandingPoint.community_id == community_id))
    }
    by_hand = [nodes[node_id] for node_id, point in points.items() if not point.is_proposed]
    proposed = marks.propose_standing_points(
        (_junction(nodes[node_id], lanes) for node_id, lanes in lanes_at.items()),
        [(node.x_m, node.y_m) for node in by_hand],
    )
    for node_id, point in points.items():
        if point.is_proposed and node_id not in proposed:
            session.delete(point)
    for node_id in proposed:
        if node_id not in points:
            session.add(StandingPoint(community_id=community_id, node_id=node_id))
    session.flush()


def _junction(node: Node, lanes: list[Lane]) -> marks.Junction:
    return marks.Junction(
        node=node.id,
        x_m=node.x_m,
        y_m=node.y_m,
        lanes=len(lanes),
        has_wide_fire_lane=any(lane.is_fire_lane and lane.width_cm >= marks.STAND_ON_CM for lane in lanes),
    )
