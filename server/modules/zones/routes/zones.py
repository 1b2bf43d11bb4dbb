"""Endpoints of the zones that stand, and of appeals against them."""

from __future__ import annotations

from uuid import UUID

from server.core.people import service as people
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.zones import service
from server.modules.zones.routes import views
from server.modules.zones.routes.blueprint import bp
from server.modules.zones.schemas import (
    MyZonesOut,
    ZoneAnswerIn,
    ZoneAppealOut,
    ZoneDeskOut,
    ZonesStandingOut,
    ZoneWhyIn,
)


@bp.get("/standing")
@bp.output(ZonesStandingOut)
@allow("zones.see")
def standing() -> ZonesStandingOut:
    """Read which entrances are in a zone now, for the map: no homes, no grounds."""
    with reading() as session:
        community = current_community()
        return ZonesStandingOut(doors=views.standing_out(session, community))


@bp.get("/desk")
@bp.output(ZoneDeskOut)
@allow("zones.decide")
def zone_desk() -> ZoneDeskOut:
    """Read what stands, what waits for a second officer, and the open appeals."""
    with reading() as session:
        community = current_community()
        found = service.open_appeals(session, community.id)
        labels = places.home_labels(session, community.id, [home_id for _, home_id in found])
        appeals = [views.appeal_out(row, labels.get(home_id, "")) for row, home_id in found]
        waiting = service.waiting_here(session, community.id)
        return ZoneDeskOut(doors=views.standing_out(session, community), waiting=waiting, appeals=appeals)


@bp.get("/mine")
@bp.output(MyZonesOut)
@allow("zones.see_own")
def my_zones() -> MyZonesOut:
    """Read the zones around my own home: level, basis, end, who decided, my appeals."""
    with reading() as session:
        community = current_community()
        home_id = people.home_of_person(session, community.id, current_actor().id)
        return MyZonesOut(items=views.mine_out(session, community, home_id) if home_id else [])


@bp.post("/homes/<uuid:zone_home_id>/appeals")
@bp.input(ZoneWhyIn, arg_name="body")
@bp.output(ZoneAppealOut, status_code=201)
@allow("zones.see_own")
@idempotent
def appeal(zone_home_id: UUID, body: ZoneWhyIn) -> ZoneAppealOut:
    """Say why my home should not be in the zone."""
    with transaction() as session:
        community = current_community()
        made = service.appeal(session, current_actor(), community, zone_home_id, body.why)
        return views.appeal_out(made, "")


@bp.post("/appeals/<uuid:appeal_id>/decide")
@bp.input(ZoneAnswerIn, arg_name="body")
@bp.output(ZoneAppealOut)
@allow("zones.decide")
@idempotent
def decide_appeal(appeal_id: UUID, body: ZoneAnswerIn) -> ZoneAppealOut:
    """Answer an appeal; granted, the home is taken out of the zone."""
    with transaction() as session:
        community = current_community()
        made = service.decide_appeal(
            session, current_actor(), community, appeal_id, grants=body.grants, answer=body.answer
        )
        return views.appeal_out(made, "")
