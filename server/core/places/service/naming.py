"""What buildings and doors are called, and what their shelves hold."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.models import Building, Entrance, Home
from server.core.places.rules import keeping
from server.kit.audit import record
from server.kit.errors import Conflict, NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def name_building(
    session: Session, actor: Actor, community: CommunityRef, building_id: UUID, label: str
) -> Building:
    """Give a building its number or name; its homes are called after it. Raises NotFound, Conflict for a taken one."""
    building = session.scalars(
        select(Building)
        .where(Building.community_id == community.id, Building.id == building_id)
        .with_for_update()
    ).first()
    if building is None:
        raise NotFound("places.building_not_found")
    same = select(Building.id).where(
        Building.community_id == community.id, Building.label == label, Building.id != building_id
    )
    if session.scalar(same) is not None:
        raise Conflict("places.label_taken", label=label)
    building.label, building.is_named = label, True
    session.flush()
    rename_homes(session, community.id, building_id)
    facts = {"label": label}
    record(session, actor, community.id, "places.building_named", ("building", building_id), facts=facts)
    return building


def change_entrance(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    entrance_id: UUID,
    *,
    label: str | None = None,
    shelf_parcels: int | None = None,
) -> Entrance:
    """Name a door, or say how many parcels its shelf holds (0: no shelf); None leaves a value.

    Raises NotFound, Conflict if another door of the building has the label.
    """
    door = session.scalars(
        select(Entrance)
        .where(Entrance.community_id == community.id, Entrance.id == entrance_id)
        .with_for_update()
    ).first()
    if door is None:
        raise NotFound("places.entrance_not_found")
    if label is not None:
        same = select(Entrance.id).where(
            Entrance.community_id == community.id,
            Entrance.building_id == door.building_id,
            Entrance.label == label,
            Entrance.id != entrance_id,
        )
        if session.scalar(same) is not None:
            raise Conflict("places.label_taken", label=label)
        door.label, door.is_named = label, True
    if shelf_parcels is not None:
        door.shelf_parcels = shelf_parcels
    session.flush()
    rename_homes(session, community.id, door.building_id)
    facts = {"label": door.label, "shelf_parcels": door.shelf_parcels}
    record(session, actor, community.id, "places.entrance_changed", ("entrance", door.id), facts=facts)
    return door


def rename_homes(session: Session, community_id: UUID, building_id: UUID | None = None) -> None:
    """Call homes after their building and door as these are labelled now; all of them, or one building's."""
    homes = (
        select(Home, Entrance.label, Building.label)
        .join(Entrance, Entrance.id == Home.entrance_id)
        .join(Building, Building.id == Entrance.building_id)
        .where(Home.community_id == community_id)
    )
    if building_id is not None:
        homes = homes.where(Building.id == building_id)
    for home, door, building in session.execute(homes):
        home.label = keeping.home_label(building, door, home.door)
