"""A small compound to plan waves in: a gate, two ways round, three buildings; homes, couriers and goods on demand.

gate ──100 m── fork ──100 m── east (building 1)
                │               │
               60 m            60 m
                │               │
             (building 2) west ─100 m─ far (building 3)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from server.core.deliveries import service as deliveries
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.people import service as people
from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.kit import clock
from server.kit.db import new_id, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef

SPOTS = {
    "gate": (0.0, 0.0),
    "fork": (100.0, 0.0),
    "east": (200.0, 0.0),
    "west": (100.0, 60.0),
    "far": (200.0, 60.0),
}
LANES = (("gate", "fork"), ("fork", "east"), ("fork", "west"), ("west", "far"), ("east", "far"))
BUILDINGS = {"1": "east", "2": "west", "3": "far"}
ROLES = {"walk": "volunteer", "cart": "courier", "trike": "courier"}


@dataclass
class Yard:
    """What was made, by name: lanes as "fork-east", homes as "1-101"."""

    community: CommunityRef
    nodes: dict[str, UUID] = field(default_factory=dict)
    lanes: dict[str, UUID] = field(default_factory=dict)
    homes: dict[str, UUID] = field(default_factory=dict)
    gate: UUID = field(default_factory=new_id)


def make_yard(community: CommunityRef, *, floors: int = 2, shelf_parcels: int = 24) -> Yard:
    """Make the compound with one home a floor in each building."""
    yard = Yard(community)
    with transaction() as session:
        session.add(Network(community_id=community.id, version=1, latitude=31.28, longitude=121.5))
        for name, (x_m, y_m) in SPOTS.items():
            yard.nodes[name] = new_id()
            session.add(Node(id=yard.nodes[name], community_id=community.id, ref=name, x_m=x_m, y_m=y_m))
        session.flush()
        for start, end in LANES:
            yard.lanes[f"{start}-{end}"] = _add_lane(session, yard, start, end)
        gate = Gate(
            id=yard.gate, community_id=community.id, ref="g", node_id=yard.nodes["gate"], label="南门"
        )
        session.add(gate)
        for number, node in BUILDINGS.items():
            point = StandingPoint(id=new_id(), community_id=community.id, node_id=yard.nodes[node])
            building = Building(id=new_id(), community_id=community.id, ref=number, label=number, outline=[])
            session.add_all([point, building])
            session.flush()
            door = Entrance(
                id=new_id(),
                community_id=community.id,
                ref=number,
                building_id=building.id,
                node_id=yard.nodes[node],
                label="1",
                shelf_parcels=shelf_parcels,
            )
            session.add(door)
            session.flush()
            for floor in range(1, floors + 1):
                home_id = yard.homes[f"{number}-{floor}01"] = new_id()
                session.add(
                    Home(
                        id=home_id,
                        community_id=community.id,
                        entrance_id=door.id,
                        floor=floor,
                        door=f"{floor}01",
                        label=f"{number}-1-{floor}01",
                    )
                )
    return yard


def _add_lane(session: object, yard: Yard, start: str, end: str) -> UUID:
    (x1, y1), (x2, y2) = SPOTS[start], SPOTS[end]
    lane = Lane(
        id=new_id(),
        community_id=yard.community.id,
        ref=f"{start}-{end}",
        from_node=yard.nodes[start],
        to_node=yard.nodes[end],
        points=[[x1, y1], [x2, y2]],
        length_m=abs(x1 - x2) + abs(y1 - y2),
        kind="service",
        width_cm=400,
        is_fire_lane=True,
    )
    session.add(lane)  # type: ignore[attr-defined]  # a Session; the kit's helper gives no other type here
    return lane.id


def add_gate(yard: Yard, label: str, node: str, *, is_open: bool = True, takes_goods: bool = True) -> UUID:
    """Make one more gate, at a node of the drawing."""
    with transaction() as session:
        gate = Gate(
            id=new_id(),
            community_id=yard.community.id,
            ref=label,
            node_id=yard.nodes[node],
            label=label,
            is_open=is_open,
            takes_goods=takes_goods,
        )
        session.add(gate)
        return gate.id


def put_on(
    yard: Yard, vehicle: str = "walk", *, hours: float = 6, skills: tuple[str, ...] = ()
) -> tuple[UUID, UUID]:
    """Make a helper who is on from now. Returns (helper, person). Without hours: enrolled, but not on."""
    with transaction() as session:
        person = people.create_person(session, name="Test courier", phone=None)
        row = helpers.enrol(
            session,
            SYSTEM,
            yard.community,
            kind=helpers.HelperKind(ROLES[vehicle]),
            vehicle=helpers.Vehicle(vehicle),
            skills=[helpers.Skill(skill) for skill in skills],
            person_id=person.id,
        )
        helpers.approve(session, SYSTEM, yard.community, row.id)
        if hours:
            now = clock.now()
            helpers.add_shift(session, SYSTEM, yard.community, row.id, now, now + timedelta(hours=hours))
        return row.id, person.id


def move_in(yard: Yard, home: str) -> UUID:
    """Make somebody who lives in the home; return the person."""
    with transaction() as session:
        person = people.create_person(session, name="林小梅", phone=None)
        people.add_member(session, yard.community.id, yard.homes[home], person.id, traits=[])
        people.grant_role(session, person.id, "resident", community_id=yard.community.id)
        return person.id


def pack_for(
    yard: Yard, home: str, *, kind: str = "groceries", parcels: int = 1, load_g: int = 2000
) -> tuple[UUID, list[str]]:
    """Make a need of the home whose goods a shop has packed. Returns (need, parcel codes)."""
    with transaction() as session:
        need = needs.post_need(
            session,
            SYSTEM,
            yard.community,
            kind=needs.NeedKind(kind),
            lines=[needs.WantedLine("大米", 1, None)],
            home_id=yard.homes[home],
            note_text="门口有狗",
        )
        for step, party in (
            (needs.Step.OFFER, needs.Party.SYSTEM),
            (needs.Step.ACCEPT, needs.Party.SERVER),
            (needs.Step.SOURCE, needs.Party.SERVER),
        ):
            needs.take_step(session, need, step, needs.By(SYSTEM, party, "merchant"))
        codes = [
            deliveries.create_parcel(
                session,
                SYSTEM,
                yard.community.id,
                need_id=need.id,
                home_id=yard.homes[home],
                load_g=load_g,
                volume_ml=3000,
            ).code
            for _ in range(parcels)
        ]
        return need.id, codes


def bring(yard: Yard, home: str, *, kind: str = "groceries", parcels: int = 1, load_g: int = 2000) -> UUID:
    """Make a need whose goods lie at the gate; return it."""
    need_id, codes = pack_for(yard, home, kind=kind, parcels=parcels, load_g=load_g)
    with transaction() as session:
        deliveries.receive(session, SYSTEM, yard.community, codes=codes, counted=None, handover_id=None)
    return need_id
