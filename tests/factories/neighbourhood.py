"""A small neighbourhood to test with: homes, people in them, helpers on shift, a shop with stock."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.core.helpers import service as helpers
from server.core.people import service as people
from server.core.places.models import Building, Entrance, Home, Node
from server.kit import clock
from server.kit.db import new_id, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market


def make_homes(community: CommunityRef, count: int = 2) -> list[UUID]:
    """Make homes behind one entrance of one building: 1号楼-1单元, doors 101, 201, …"""
    with transaction() as session:
        node = Node(id=new_id(), community_id=community.id, ref="n1", x_m=0.0, y_m=0.0)
        building = Building(id=new_id(), community_id=community.id, ref="b1", label="1号楼", outline=[])
        session.add_all([node, building])
        session.flush()
        entrance = Entrance(
            id=new_id(),
            community_id=community.id,
            ref="e1",
            building_id=building.id,
            node_id=node.id,
            label="1单元",
        )
        session.add(entrance)
        session.flush()
        homes = [
            Home(
                id=new_id(),
                community_id=community.id,
                entrance_id=entrance.id,
                floor=floor,
                door=f"{floor}01",
                label=f"1号楼-1单元-{floor}01",
            )
            for floor in range(1, count + 1)
        ]
        session.add_all(homes)
        return [home.id for home in homes]


def make_resident(community: CommunityRef, home_id: UUID, *traits: str) -> UUID:
    """Make somebody who lives in the home."""
    with transaction() as session:
        person = people.create_person(session, name="林小梅", phone=None)
        people.add_member(session, community.id, home_id, person.id, traits=list(traits))
        people.grant_role(session, person.id, "resident", community_id=community.id)
        return person.id


def make_helper(
    community: CommunityRef,
    *skills: str,
    kind: str = "volunteer",
    hours: float = 6,
    entrance_id: UUID | None = None,
) -> tuple[UUID, UUID]:
    """Make an approved helper who is on for some hours from now. Returns (helper, person)."""
    with transaction() as session:
        person = people.create_person(session, name="Test helper", phone=None)
        row = helpers.enrol(
            session,
            SYSTEM,
            community,
            kind=helpers.HelperKind(kind),
            skills=[helpers.Skill(skill) for skill in skills],
            entrance_id=entrance_id,
            person_id=person.id,
        )
        helpers.approve(session, SYSTEM, community, row.id)
        now = clock.now()
        if hours:
            helpers.add_shift(session, SYSTEM, community, row.id, now, now + timedelta(hours=hours))
        return row.id, person.id


def make_shop(community: CommunityRef, stock: dict[str, int], *, distance_m: int = 300) -> tuple[UUID, UUID]:
    """Make a shop with items (name → on hand). Returns (merchant, keeper)."""
    with transaction() as session:
        keeper = people.create_person(session, name="Test keeper", phone=None)
        shop = market.register_merchant(
            session, SYSTEM, community, name="便民超市", keeper_id=keeper.id, distance_m=distance_m
        )
        for name, on_hand in stock.items():
            market.stock_item(
                session,
                SYSTEM,
                community.id,
                shop.id,
                name=name,
                unit="份",
                price_fen=1000,
                on_hand=on_hand,
                weight_g=2000,
            )
        return shop.id, keeper.id
