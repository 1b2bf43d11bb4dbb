"""What couriers have done of late, and which rests are still before them: read from the routes' own records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.deliveries import planning, rules
from server.core.deliveries.models import Route, Stop
from server.core.deliveries.planning import PlanBreak
from server.core.deliveries.rules import Reached
from server.core.helpers import service as helpers


def work_lately(session: Session, community_id: UUID, now: datetime) -> dict[UUID, int]:
    """Return helper → the seconds of work of the rounds that they finished of late."""
    rows = session.execute(
        select(Route.helper_id, func.sum(Route.work_s))
        .where(
            Route.community_id == community_id,
            Route.finished_at > now - rules.FAIR_WITHIN,
            Route.work_s > 0,
        )
        .group_by(Route.helper_id)
    )
    return {helper_id: int(work_s) for helper_id, work_s in rows}


def work_of(route: Route, stops: list[Stop]) -> int:
    """Return what a round was, by the stops at whose doors the courier stood."""
    reached = [
        Reached(rules.way_m(stop.leg), stop.spec["service_s"] + stop.spec["door_s"] + stop.walk_s)
        for stop in stops
    ]
    return rules.effort_s(reached, rules.way_m(route.way_home), planning.speed_m_s(route.profile))


def rounds_of_late(
    session: Session, community_id: UUID, helper_ids: Iterable[UUID], now: datetime
) -> dict[UUID, list[Route]]:
    """Return each helper's rounds that began within the longest shift."""
    rounds: dict[UUID, list[Route]] = {helper_id: [] for helper_id in helper_ids}
    wanted = select(Route).where(
        Route.community_id == community_id,
        Route.helper_id.in_(list(rounds)),
        Route.begin_at > now - helpers.LONGEST_SHIFT,
    )
    for route in session.scalars(wanted) if rounds else ():
        rounds[route.helper_id].append(route)
    return rounds


def breaks_due(rest: helpers.Rest | None, rounds: Iterable[Route], now: datetime) -> tuple[PlanBreak, ...]:
    """Return the break that a shift's rest still asks for: none once it was taken on an earlier round."""
    if rest is None:
        return ()
    wanted = PlanBreak(rest.from_at, rest.until_at, int(rest.lasts.total_seconds()))
    return () if any(was_taken(route, wanted, now) for route in rounds) else (wanted,)


def was_taken(route: Route, wanted: PlanBreak, now: datetime) -> bool:
    """Tell whether the courier has rested on the round, or does so at this moment."""
    begun = resting_from(route, wanted)
    return begun is not None and begun <= now and (route.finished_at is None or begun < route.finished_at)


def resting_from(route: Route, wanted: PlanBreak) -> datetime | None:
    """Return when a round's plan has the courier begin the break; None if it has not."""
    for one, written in zip(planning.breaks_from({"breaks": route.breaks}), route.breaks, strict=True):
        if one == wanted and written["rests_from"] is not None:
            return datetime.fromisoformat(written["rests_from"])
    return None
