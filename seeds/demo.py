"""The demo: a compound with its people, shops and helpers, and a morning's work half done.

Everything goes through the services, as anybody's doing would. Making it twice makes it once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from seeds import DEMO_MAP, DEMO_SLUG, DEMO_WITHIN
from seeds.hierarchy import COMMITTEE_CODE, DEMO_BRANCH, seed_demo_branch
from seeds.morning import live_a_morning
from seeds.names import (
    ABOUT,
    ACCOUNTS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    HELPERS,
    PHONES_FROM,
    SHOPS,
    DemoAccount,
    Shop,
)
from server.core.communities import service as communities
from server.core.flags import service as flags
from server.core.helpers import service as helpers
from server.core.people import service as people
from server.core.places import service as places
from server.core.places.rules.osm import read_osm
from server.core.places.rules.surveying import survey
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market

log = structlog.get_logger()

OCCUPIED_HOMES = 96
RED_HOMES = (9, 15, 21)
FIRST_HELPER_HOME = 30
DOORS_A_FLOOR, DOORS_A_FLOOR_OF_A_TOWER, TOWER_FROM_LEVELS = 2, 4, 10
SHIFT = timedelta(hours=10)
TRAITS = ("elder", "elder", "chronic", "disabled", "pregnant", "under14")


@dataclass
class Cast:
    """Who is in the demo. ``homes``: those with people in them; ``first``: whom each of these belongs to."""

    community: CommunityRef
    homes: list[UUID] = field(default_factory=list)
    first: list[UUID] = field(default_factory=list)
    accounts: dict[str, UUID] = field(default_factory=dict)
    helpers: list[UUID] = field(default_factory=list)
    phones: int = 0

    def actor(self, session: Session, person_id: UUID) -> Actor:
        """Return the person as an actor, with the roles held."""
        return Actor(person_id, people.grants_of(session, person_id))


def seed_demo(app: Flask) -> dict[str, int]:
    """Make the demo community, or put its helpers on shift again; return what there is.

    ``app``: without a worker (``has_worker=False``), so that the wave is planned right here.
    """
    linli = app.extensions["linli"]
    with app.app_context():
        with reading() as session:
            known = communities.find(session, DEMO_SLUG)
        if known is not None:
            return {"shifts": renew_shifts(known)}
        seed_demo_branch()
        # One transaction: a demo that was interrupted is no demo, and the next start makes it whole.
        with transaction() as session:
            demo = _people_the_compound(
                session, frozenset(m.name for m in linli.registry.modules if not m.is_core)
            )
        for module in linli.registry.modules:
            if module.seeds is not None:
                module.seeds(demo.community)
        needs = live_a_morning(demo, linli.jobs.run_pending)
        renew_shifts(demo.community)
        log.info("demo.made", homes=len(demo.homes), needs=needs)
        return {"homes": len(demo.homes), "needs": needs, "helpers": len(demo.helpers)}


def renew_shifts(community: CommunityRef) -> int:
    """Put every demo helper who is not on for the next hour on for ten; return how many were."""
    now, count = clock.now(), 0
    with transaction() as session:
        enrolled = helpers.all_active(session, community.id)
        shifts = helpers.shifts_of(session, community.id, [row.id for row in enrolled], since=now)
        for row in enrolled:
            until = max((shift.until_at for shift in shifts[row.id]), default=now)
            if until < now + timedelta(hours=1):
                helpers.add_shift(session, SYSTEM, community, row.id, max(now, until), until + SHIFT)
                count += 1
    return count


def _people_the_compound(session: Session, modules: frozenset[str]) -> Cast:
    committee = communities.add_area(session, "committee", COMMITTEE_CODE, DEMO_BRANCH[-1][2])
    made = communities.create_community(
        session, DEMO_SLUG, DEMO_WITHIN, name_en="Wutong Court", committee=committee, modules=sorted(modules)
    )
    demo = Cast(communities.by_id(session, made.id))
    places.import_map(session, SYSTEM, demo.community, survey(read_osm(DEMO_MAP), within=DEMO_WITHIN))
    _make_homes(session, demo.community)
    _make_grids(session, demo.community)
    _take_goods_at_one_gate(session, demo.community)
    _settle(session, demo)
    _make_accounts(session, demo)
    _open_shops(session, demo)
    _enrol_helpers(session, demo)
    clinic = demo.actor(session, demo.accounts["clinic"])
    for nth in RED_HOMES:
        flags.raise_flag(
            session,
            clinic,
            demo.community.id,
            home_id=demo.homes[nth],
            kind="red",
            ground="居家隔离通知书（演示） / Isolation order (demo)",
            until_at=clock.now() + timedelta(days=7),
        )
    return demo


def _make_homes(session: Session, community: CommunityRef) -> None:
    drawn = places.map_data(session, community)
    buildings = {b["id"]: b for b in drawn["buildings"] if b["use"] == "apartments"}
    lines = ["building,entrance,floor,door"]
    for entrance in drawn["entrances"]:
        building = buildings.get(entrance["building_id"])
        if building is None:
            continue
        is_tower = building["levels"] >= TOWER_FROM_LEVELS
        doors = DOORS_A_FLOOR_OF_A_TOWER if is_tower else DOORS_A_FLOOR
        for floor in range(1, (building["levels"] or 6) + 1):
            for door in range(1, doors + 1):
                lines.append(f"{building['label']},{entrance['label']},{floor},{floor}{door:02d}")
    places.import_homes(session, SYSTEM, community, "\n".join(lines))


def _make_grids(session: Session, community: CommunityRef) -> None:
    """Three grids from west to east, about as many buildings each."""
    compound = communities.add_area(session, "compound", f"compound-{community.slug}", community.name)
    drawn = places.map_data(session, community)["buildings"]
    drawn = sorted((b for b in drawn if b["use"] == "apartments"), key=lambda b: b["outline"][0])
    share = -(-len(drawn) // 3)
    for nth, (zh, en) in enumerate(
        (("西网格", "West grid"), ("中网格", "Middle grid"), ("东网格", "East grid"))
    ):
        grid = communities.add_area(
            session, "grid", f"grid-{community.slug}-{nth + 1}", zh, name_en=en, parent=compound
        )
        mine = [building["id"] for building in drawn[nth * share : (nth + 1) * share]]
        places.assign_grid(session, SYSTEM, community.id, grid.id, mine)


def _take_goods_at_one_gate(session: Session, community: CommunityRef) -> None:
    gates = places.map_data(session, community)["gates"]
    chosen = next((gate for gate in gates if gate["label"] == "南门"), gates[0])
    for gate in gates:
        if gate is not chosen:
            places.change_gate(
                session, SYSTEM, community, gate["id"], label=None, is_open=None, takes_goods=False
            )


def _settle(session: Session, demo: Cast) -> None:
    """Let people move into some of the homes; the same ones each time."""
    rng = random.Random(20200204)
    labels = places.homes_page(session, demo.community.id, limit=5000)
    for home in rng.sample(labels, min(OCCUPIED_HOMES, len(labels))):
        family = rng.choice(FAMILY_NAMES)
        demo.homes.append(home.id)
        for nth, given in enumerate(rng.sample(GIVEN_NAMES, rng.choice((1, 2, 2, 3)))):
            phone = _next_phone(demo) if nth == 0 else None
            person = people.create_person(session, name=family + given, phone=phone)
            traits = [rng.choice(TRAITS)] if rng.random() < 0.2 else []
            people.add_member(session, demo.community.id, home.id, person.id, traits=traits)
            if nth == 0:
                demo.first.append(person.id)


def _make_accounts(session: Session, demo: Cast) -> None:
    for account in ACCOUNTS:
        demo.accounts[account.key] = _account(session, demo, account)
    district = communities.add_area(session, "district", DEMO_BRANCH[0][1], DEMO_BRANCH[0][2])
    people.grant_role(session, demo.accounts["district"], "officer", area_id=district.id)


def _account(session: Session, demo: Cast, account: DemoAccount) -> UUID:
    person = people.create_person(
        session,
        name=f"{account.zh} / {account.en}",
        phone=_next_phone(demo),
        login=f"demo-{account.key}",
        is_demo=True,
        wants_elder_mode=account.wants_elder_mode,
    )
    if account.home is not None:
        home_id = demo.homes[account.home]
        people.add_member(session, demo.community.id, home_id, person.id, traits=account.traits)
        demo.first[account.home] = person.id
    for role in account.roles:
        people.grant_role(session, person.id, role, community_id=demo.community.id)
    return person.id


def _open_shops(session: Session, demo: Cast) -> None:
    rng = random.Random(7)
    for nth, shop in enumerate(SHOPS):
        if nth == 0:
            keeper_id = demo.accounts["merchant"]
        else:
            name = rng.choice(FAMILY_NAMES) + rng.choice(GIVEN_NAMES)
            keeper_id = people.create_person(session, name=name, phone=_next_phone(demo)).id
        _open_shop(session, demo, shop, keeper_id, rng)
    # Somebody who lives here wants to sell too: an officer has something to check.
    market.apply_as_merchant(
        session,
        Actor(demo.first[-1]),
        demo.community,
        name="老周早点",
        name_en="Zhou's breakfast",
        licence="91110000DEMO000000",
        distance_m=120,
    )


def _open_shop(session: Session, demo: Cast, shop: Shop, keeper_id: UUID, rng: random.Random) -> None:
    row = market.register_merchant(
        session,
        SYSTEM,
        demo.community,
        name=shop.zh,
        name_en=shop.en,
        keeper_id=keeper_id,
        distance_m=shop.distance_m,
    )
    for goods in shop.goods:
        market.stock_item(
            session,
            SYSTEM,
            demo.community.id,
            row.id,
            name=goods.zh,
            name_en=goods.en,
            unit=goods.unit,
            price_fen=goods.price_fen,
            on_hand=rng.randrange(24, 90),
            weight_g=goods.weight_g,
            volume_ml=goods.volume_ml,
            **ABOUT.get(goods.zh, {}),
        )


def _enrol_helpers(session: Session, demo: Cast) -> None:
    for nth, helper in enumerate(HELPERS):
        home = FIRST_HELPER_HOME + nth
        person_id = demo.accounts[helper.account] if helper.account else demo.first[home]
        site = places.sites_of_homes(session, demo.community.id, [demo.homes[home]])[demo.homes[home]]
        row = helpers.enrol(
            session,
            SYSTEM,
            demo.community,
            kind=helpers.HelperKind(helper.kind),
            vehicle=helpers.Vehicle(helper.vehicle),
            skills=[helpers.Skill(skill) for skill in helper.skills],
            entrance_id=site.entrance_id,
            person_id=person_id,
        )
        helpers.approve(session, SYSTEM, demo.community, row.id)
        demo.helpers.append(row.id)


def _next_phone(demo: Cast) -> str:
    demo.phones += 1
    return str(PHONES_FROM + demo.phones)
