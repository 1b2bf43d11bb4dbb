"""The market under load: search among many products over HTTP, and one hot product that several processes fight for."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from bench.fought_for import PROCESSES, Fight, fight
from bench.locked_down import SLUG
from bench.report import machine, percentile, table
from seeds import DEMO_MAP, DEMO_WITHIN
from server.app import create_app
from server.core.communities import service as communities
from server.core.people import service as people
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.settings import load_settings
from server.modules.market import service as market
from server.modules.market.models import Item
from server.simulator.choices import Choices
from server.simulator.client import Network
from server.simulator.ledger import Ledger
from server.simulator.officer import LOGIN, PASSWORD, homes_csv
from server.simulator.phones import PhoneNetwork
from server.simulator.server_process import Place, Servers, place, running_server
from server.simulator.town import Town
from tests.servers import postgres

SHOPS, HOMES, LIMIT, THREADS = 20, 2_000, 5, 60
SEARCH_BOUND_MS, RESERVATIONS_BOUND = 50, 300
A_TIME = 250
GOODS = (
    *(
        ("大白菜", "cabbage"),
        ("土豆", "potatoes"),
        ("番茄", "tomatoes"),
        ("黄瓜", "cucumber"),
        ("苹果", "apples"),
    ),
    *(("香蕉", "bananas"), ("五花肉", "pork belly"), ("鸡蛋", "eggs"), ("牛奶", "milk"), ("大米", "rice")),
    *(("面粉", "flour"), ("酱油", "soy sauce"), ("食盐", "salt"), ("白糖", "sugar"), ("挂面", "noodles")),
    *(
        ("豆腐", "tofu"),
        ("带鱼", "hairtail"),
        ("纸巾", "tissues"),
        ("洗衣液", "detergent"),
        ("口罩", "masks"),
    ),
)
KINDS = (("有机", "organic"), ("本地", "local"), ("特级", "prime"), ("实惠", "saver"), ("进口", "imported"))
# Rare and frequent words, two at once, both languages, a full-width one, and what nobody has.
QUERIES = (
    *("大白菜", "有机", "organic", "milk", "牛奶 进口", "prime rice", "ＲＩＣＥ", "五花肉 本地"),
    *("口罩 099", "soy sauce 12", "榴莲", "durian", "", "蛋", "a"),
)
Numbered = tuple[int, tuple[int, tuple[str, str], tuple[str, str]]]


@dataclass(frozen=True)
class Stocked:
    """A community with full shelves. ``phone``: of a resident."""

    community_id: UUID
    phone: str
    items: list[UUID]
    homes: list[UUID]


def measure(products: int, rounds: int, pieces: int) -> list[str]:
    """Fill the shelves on both databases, search, fight, and return the figures as Markdown."""
    searches: dict[str, list[float]] = {}
    fights: list[tuple[str, Fight]] = []
    for name, servers in _databases():
        with place(1.0, THREADS, servers, keep=False) as where:
            phones = PhoneNetwork(where.home / "sms.jsonl")
            made = _stock(where, products, phones.new_number())
            with running_server(where):
                searches[name] = asyncio.run(_search(where, phones, made.phone, rounds))
            if servers.database:
                fights = _fights(servers.database, made, pieces)
    return [machine(), "", *_search_lines(searches, products, rounds), "", *_fight_lines(fights)]


def _databases() -> Iterator[tuple[str, Servers]]:
    yield "SQLite", Servers()
    with postgres(is_durable=True) as url:
        yield "PostgreSQL", Servers(database=url)


def _stock(where: Place, products: int, phone: str) -> Stocked:
    where.command("import-osm", str(DEMO_MAP), "--community", SLUG, "--within", DEMO_WITHIN)
    where.command("create-officer", "--community", SLUG, "--login", LOGIN, "--password", PASSWORD)
    app = create_app(load_settings(where.env), has_worker=False)
    with app.app_context():
        with transaction() as session:
            community = communities.find(session, SLUG)
            assert community is not None
            drawn = places.map_data(session, community)
            places.import_homes(session, SYSTEM, community, homes_csv(drawn, HOMES))
            homes = [home.id for home in places.homes_page(session, community.id, limit=HOMES)]
            resident = people.create_person(session, name="Resident", phone=phone)
            people.add_member(session, community.id, homes[0], resident.id)
            people.grant_role(session, resident.id, "resident", community_id=community.id)
            shops = [
                market.register_merchant(
                    session, SYSTEM, community, name=f"Shop {nth}", keeper_id=resident.id
                ).id
                for nth in range(SHOPS)
            ]
        numbered = itertools.islice(itertools.product(range(1000), KINDS, GOODS), products)
        for batch in _batches(list(enumerate(numbered))):
            with transaction() as session:
                for nth, (number, (kind, kind_en), (goods, goods_en)) in batch:
                    market.stock_item(
                        session,
                        SYSTEM,
                        community.id,
                        shops[nth % SHOPS],
                        name=f"{kind}{goods} {number:03}",
                        name_en=f"{kind_en} {goods_en} {number:03}",
                        unit="份",
                        price_fen=100 + nth,
                        on_hand=1_000_000,
                    )
        with reading() as session:
            items = list(session.scalars(select(Item.id).order_by(Item.id).limit(200)))
    return Stocked(community.id, phone, items, homes)


def _batches(rows: list[Numbered]) -> Iterator[list[Numbered]]:
    for at in range(0, len(rows), A_TIME):
        yield rows[at : at + A_TIME]


async def _search(where: Place, phones: PhoneNetwork, phone: str, rounds: int) -> list[float]:
    """Search as a resident, one request at a time; the first of each query is not counted."""
    ledger = Ledger()
    network = Network(where.base_url, ledger)
    town = Town(SLUG, where.base_url, where.clock, network, phones, Choices(1), ledger)
    took: list[float] = []
    try:
        resident = town.new_session("resident")
        await town.sign_in(resident, phone)
        for nth in range(rounds + len(QUERIES)):
            began_s = time.perf_counter()
            await resident.get(f"{town.api}/market/items", query=QUERIES[nth % len(QUERIES)], limit=50)
            if nth >= len(QUERIES):
                took.append((time.perf_counter() - began_s) * 1000)
    finally:
        await network.close()
    return took


def _fights(url: str, made: Stocked, pieces: int) -> list[tuple[str, Fight]]:
    hot, limited, *others = made.items
    with transaction() as session:
        market.change_item(session, SYSTEM, market.find_item(session, made.community_id, hot), on_hand=pieces)
        item = market.find_item(session, made.community_id, limited)
        market.change_item(session, SYSTEM, item, on_hand=pieces, limit_most=LIMIT, limit_days=7)
    return [
        ("one piece each", fight(url, hot, [], [], made.community_id)),
        (
            f"baskets of three in any order, at most {LIMIT} a home",
            fight(url, limited, others, made.homes, made.community_id),
        ),
    ]


def _search_lines(searches: dict[str, list[float]], products: int, rounds: int) -> list[str]:
    rows = [
        [name, *(f"{value:.0f}" for value in (percentile(took, 0.5), percentile(took, 0.95), max(took)))]
        for name, took in searches.items()
    ]
    worst = max(percentile(took, 0.95) for took in searches.values())
    head = (
        f"Search in Chinese and English among {products:,} products of {SHOPS} shops, ms over HTTP, "
        f"{rounds} requests one at a time:"
    )
    said = f"p95 {'within' if worst <= SEARCH_BOUND_MS else 'OVER'} {SEARCH_BOUND_MS} ms."
    return [head, "", *table(["database", "p50", "p95", "max"], rows), "", said]


def _fight_lines(fights: list[tuple[str, Fight]]) -> list[str]:
    rows = [
        [
            name,
            f"{one.pieces:,}",
            f"{one.kept:,}",
            f"{one.per_s:.0f}",
            str(one.over_limit),
            str(one.deadlocks),
            str(one.errors),
        ]
        for name, one in fights
    ]
    first = fights[0][1]
    head = (
        f"One hot product on PostgreSQL (fsync on), {PROCESSES} processes until it is gone, each reservation a "
        "transaction:"
    )
    bound = f"{'at least' if first.per_s >= RESERVATIONS_BOUND else 'BELOW'} {RESERVATIONS_BOUND}"
    oversold, deadlocks = (sum(getattr(one, what) for _, one in fights) for what in ("oversold", "deadlocks"))
    said = f"oversold {oversold}, deadlocks {deadlocks}, {first.per_s:.0f} reservations/s ({bound})."
    columns = ["what", "pieces", "kept", "kept/s", "over a limit", "deadlocks", "other errors"]
    return [head, "", *table(columns, rows), "", said]
