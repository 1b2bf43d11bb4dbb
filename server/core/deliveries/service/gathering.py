"""Reading what a plan is made from: the lanes, who is on, what lies at the gate, which visits are due."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.models import Parcel, Route, Stop, StopParcel
from server.core.deliveries.planning import Inputs, PlanHelper, PlanStop
from server.core.deliveries.rules import Custodian, Delivery, Spot
from server.core.deliveries.service.efforts import breaks_due, rounds_of_late, work_lately
from server.core.flags import service as flags
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.places import service as places

LIVE_ROUTES = ("released", "under_way")


def gather(session: Session, community_id: UUID, starts_at: datetime, horizon_s: int) -> Inputs:
    """Read what the next wave is planned from. Raises Refused without a map or an open gate."""
    until = starts_at + timedelta(seconds=horizon_s)
    network = places.network_data(session, community_id)
    gate = places.goods_gate(session, community_id)
    red = flags.red_homes(session, community_id, starts_at)
    sealed = sealed_buildings(session, community_id, red)
    on = helpers.on_shift(session, community_id, starts_at, until)
    free = _free_helpers(session, community_id, on, gate.node_id, starts_at)
    deliveries = tuple(_deliveries(session, community_id, until, red, sealed))
    return Inputs(
        starts_at=starts_at,
        horizon_s=horizon_s,
        network=network,
        helpers=free,
        stops=(
            *deliveries,
            *_visits(session, community_id, starts_at, until, red, sealed, {one.id for one in free}),
        ),
        without_shift=tuple(
            helper.id
            for helper in helpers.all_active(session, community_id)
            if helper.kind == helpers.HelperKind.COURIER and helper.id not in {one.id for one in on}
        ),
        shelves=_shelves(session, community_id, deliveries),
    )


def _shelves(session: Session, community_id: UUID, stops: Iterable[PlanStop]) -> dict[UUID, int]:
    """Return how many parcels fit on each shelf that goods are put down on."""
    on_shelves = [stop.home_id for stop in stops if stop.shelf is not None]
    sites = places.sites_of_homes(session, community_id, on_shelves).values()
    return {site.entrance_id: site.shelf_parcels for site in sorted(sites, key=lambda site: site.entrance_id)}


def sealed_buildings(session: Session, community_id: UUID, red: Iterable[UUID]) -> frozenset[UUID]:
    """Return the buildings with a home under isolation: nobody there shares a shelf."""
    return frozenset(site.building_id for site in places.sites_of_homes(session, community_id, red).values())


def _free_helpers(
    session: Session,
    community_id: UUID,
    on: Iterable[helpers.HelperOnShift],
    depot: UUID,
    starts_at: datetime,
) -> tuple[PlanHelper, ...]:
    routes = session.scalars(
        select(Route).where(
            Route.community_id == community_id, Route.state.in_(LIVE_ROUTES) | Route.needs_disinfection
        )
    ).all()
    busy = {route.helper_id for route in routes if route.state in LIVE_ROUTES}
    clean_at = {
        route.helper_id: route.finished_at + rules.DISINFECTION
        for route in sorted(routes, key=lambda route: route.id)
        if route.finished_at is not None
    }
    worked = work_lately(session, community_id, starts_at)
    free = [helper for helper in on if helper.id not in busy]
    resting = [helper.id for helper in free if any(helper.rests)]
    rounds = rounds_of_late(session, community_id, resting, starts_at)
    found = []
    for helper in free:
        (works_from, works_until), rest = max(
            zip(helper.windows, helper.rests, strict=True), key=lambda one: one[0][1] - one[0][0]
        )
        works_from = max(works_from, clean_at.get(helper.id, works_from))
        found.append(
            PlanHelper(
                id=helper.id,
                profile=helper.vehicle.value,
                start_node=depot,
                end_node=depot,
                works_from=works_from,
                works_until=works_until,
                load_g=helper.capacity.load_g,
                volume_ml=helper.capacity.volume_ml,
                parcels=helper.capacity.parcels,
                breaks=breaks_due(rest, rounds.get(helper.id, ()), starts_at),
                work_before_s=worked.get(helper.id, 0),
            )
        )
    return tuple(found)


def _deliveries(
    session: Session, community_id: UUID, until: datetime, red: frozenset[UUID], sealed: frozenset[UUID]
) -> Iterable[PlanStop]:
    on_routes = select(StopParcel.parcel_id).where(
        StopParcel.community_id == community_id, StopParcel.is_live
    )
    parcels = session.scalars(
        select(Parcel)
        .where(
            Parcel.community_id == community_id,
            Parcel.custodian_kind == Custodian.GATE,
            Parcel.id.not_in(on_routes),
        )
        .order_by(Parcel.id)
    ).all()
    wanted = needs.needs_by_ids(session, community_id, {p.need_id for p in parcels})
    by_home: dict[UUID, list[Parcel]] = {}
    for parcel in parcels:
        need = wanted.get(parcel.need_id)
        # A need with parcels still outside waits for them: one stop, one drop. So does what is wanted later.
        if need is not None and need.state == needs.State.AT_GATE and need.wanted_from < until:
            by_home.setdefault(parcel.home_id, []).append(parcel)
    sites = places.sites_of_homes(session, community_id, by_home)
    at = rules.spots(
        [
            Delivery(h, sites[h].entrance_id, sites[h].building_id, len(p), sites[h].shelf_parcels, h in red)
            for h, p in by_home.items()
        ],
        sealed,
    )
    for home_id, of_home in by_home.items():
        kinds = [wanted[parcel.need_id] for parcel in of_home]
        yield PlanStop(
            id=f"home:{home_id}",
            kind="delivery",
            home_id=home_id,
            node=sites[home_id].node_id,
            spot=at[home_id],
            need_id=None,
            parcel_ids=tuple(p.id for p in of_home),
            load_g=sum(p.load_g for p in of_home),
            volume_ml=sum(p.volume_ml for p in of_home),
            service_s=rules.service_s(len(of_home)),
            door_s=rules.door_s(at[home_id], sites[home_id].floor),
            wanted_from=min(n.wanted_from for n in kinds),
            wanted_until=max(n.wanted_until for n in kinds),
            priority=min(n.priority for n in kinds),
            is_red=home_id in red,
            must_prove=rules.needs_proof(n.kind for n in kinds),
            is_sealed=sites[home_id].building_id in sealed,
            need_ids=tuple(sorted({p.need_id for p in of_home})),
            shelf=sites[home_id].entrance_id if at[home_id] is Spot.SHELF else None,
        )


def _visits(
    session: Session,
    community_id: UUID,
    starts_at: datetime,
    until: datetime,
    red: frozenset[UUID],
    sealed: frozenset[UUID],
    free: Set[UUID],
) -> Iterable[PlanStop]:
    """Return the visits of helpers who are free in this wave; who took one off shift goes by themselves."""
    live = set(
        session.scalars(
            select(Stop.need_id).where(
                Stop.community_id == community_id, Stop.is_live, Stop.need_id.is_not(None)
            )
        )
    )
    due = [
        visit
        for visit in needs.visits_due(session, community_id, starts_at, until)
        if visit.need_id not in live and visit.helper_id in free
    ]
    sites = places.sites_of_homes(session, community_id, [visit.home_id for visit in due])
    for visit in due:
        site = sites[visit.home_id]
        yield PlanStop(
            id=f"need:{visit.need_id}",
            kind="visit",
            home_id=visit.home_id,
            node=site.node_id,
            spot=Spot.DOOR,
            need_id=visit.need_id,
            parcel_ids=(),
            load_g=0,
            volume_ml=0,
            service_s=visit.service_s,
            door_s=rules.door_s(Spot.DOOR, site.floor),
            wanted_from=visit.wanted_from,
            wanted_until=visit.wanted_until,
            priority=visit.priority,
            is_red=visit.home_id in red,
            must_prove=False,
            is_sealed=site.building_id in sealed,
            need_ids=(visit.need_id,),
            only_helper=visit.helper_id,
        )
