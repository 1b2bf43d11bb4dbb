"""A morning in the demo: needs are posted and get as far as their place in the list says, so that no page is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from seeds.names import GOODS_NEEDS, SERVICE_NEEDS, DemoNeed
from server.core.deliveries import service as deliveries
from server.core.helpers import service as helpers
from server.core.needs import service as needs
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock, reads
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.modules.market import service as market

if TYPE_CHECKING:
    from seeds.demo import Cast

# How far the goods get, counted from the front of GOODS_NEEDS: each stage includes those before it.
DROPPED, ON_A_ROUTE, AT_GATE, ON_THE_WAY, PACKED, ACCEPTED = 3, 7, 9, 10, 11, 12
# Which helpers are on when: the cart is out while the demo's own courier waits to load.
CART, COURIER, VOLUNTEER = 2, 0, 1

RunJobs = Callable[[], int]


def live_a_morning(demo: Cast, run_jobs: RunJobs) -> int:
    """Post the needs and move them on; return how many there are. ``run_jobs`` does the work that waits."""
    with transaction() as session:
        goods = [_post(session, demo, need) for need in GOODS_NEEDS]
    needs.match_community(demo.community.id)
    _serve_in_shops(demo, goods)
    _bring_in(demo, goods[:DROPPED])
    _put_on(demo, CART)
    _go_round(demo, run_jobs, stops_done=2)
    _bring_in(demo, goods[DROPPED:ON_A_ROUTE])
    _put_on(demo, COURIER)
    _go_round(demo, run_jobs, stops_done=0)
    _bring_in(demo, goods[ON_A_ROUTE:AT_GATE])
    with transaction() as session:
        services = [_post(session, demo, need) for need in SERVICE_NEEDS]
    for nth in range(len(demo.helpers)):
        if nth not in (CART, COURIER):
            _put_on(demo, nth)
    needs.match_community(demo.community.id)
    _take_offers(demo)
    _look_in(demo)
    return len(goods) + len(services)


def _post(session: Session, demo: Cast, need: DemoNeed) -> UUID:
    actor = demo.actor(session, demo.accounts["grid_worker"] if need.is_by_phone else demo.first[need.home])
    return needs.post_need(
        session,
        actor,
        demo.community,
        kind=needs.NeedKind(need.kind),
        lines=[needs.WantedLine(text, quantity) for text, quantity in need.items],
        home_id=demo.homes[need.home],
        note_text=need.note or None,
    ).id


def _serve_in_shops(demo: Cast, goods: Sequence[UUID]) -> None:
    """Shops accept, pack and send what was ordered, the earlier orders first; what is still coming has its own link."""
    with transaction() as session:
        orders = market.orders_of_needs(session, demo.community.id, goods)
        sent: dict[tuple[bool, UUID], list[UUID]] = {}
        for nth, need_id in enumerate(goods[:ACCEPTED]):
            order = orders.get(need_id)
            if order is None:
                continue
            keeper = demo.actor(session, market.keepers_of(session, order.merchant_id)[0])
            market.accept(session, keeper, demo.community, order.id)
            if nth < PACKED:
                market.pack(session, keeper, demo.community, order.id)
            if nth < ON_THE_WAY:
                sent.setdefault((nth >= AT_GATE, order.merchant_id), []).append(order.id)
        for (_, merchant_id), order_ids in sorted(sent.items()):
            keeper = demo.actor(session, market.keepers_of(session, merchant_id)[0])
            market.hand_over(session, keeper, demo.community, order_ids)


def _bring_in(demo: Cast, need_ids: Sequence[UUID]) -> None:
    """The guard takes the needs' parcels in."""
    with transaction() as session:
        guard = demo.actor(session, demo.accounts["guard"])
        codes = [
            parcel.code
            for need_id in need_ids
            for parcel in deliveries.parcels_of_need(session, demo.community.id, need_id)
        ]
        if codes:
            deliveries.receive(
                session, guard, demo.community, codes=codes, counted=len(codes), handover_id=None
            )


def _put_on(demo: Cast, nth: int) -> None:
    now = clock.now()
    with transaction() as session:
        shift = (now - timedelta(hours=1), now + timedelta(hours=10))
        helpers.add_shift(session, SYSTEM, demo.community, demo.helpers[nth], *shift)


def _go_round(demo: Cast, run_jobs: RunJobs, *, stops_done: int) -> None:
    """Plan a wave and release it; let its couriers do that many stops, if any."""
    with transaction() as session:
        officer = demo.actor(session, demo.accounts["officer"])
        wave_id = deliveries.start_wave(session, officer, demo.community).id
    run_jobs()
    with reading() as session:
        wave = deliveries.find_wave(session, demo.community.id, wave_id)
        state, routed = wave.state, [UUID(sheet["helper_id"]) for sheet in wave.sheets]
    with transaction() as session:
        if state != "planned":
            # The demo does without: a wave that nobody plans would keep the next one from starting.
            deliveries.cancel_wave(session, officer, demo.community, wave_id)
            return
        deliveries.release_wave(session, officer, demo.community, wave_id)
    if stops_done:
        for helper_id in routed:
            _walk(demo, helper_id, stops_done)


def _walk(demo: Cast, helper_id: UUID, stops_done: int) -> None:
    with transaction() as session:
        person_id = helpers.helper(session, demo.community.id, helper_id).person_id
        actor = demo.actor(session, person_id)
        route = deliveries.my_route(session, actor, demo.community)
        if route is None:
            return
        stops = deliveries.stops_of(session, route)
        parcels = deliveries.parcels_of_stops(session, [stop.id for stop in stops])
        counted = sum(len(of_stop) for of_stop in parcels.values())
        deliveries.load(session, actor, demo.community, route.id, counted=counted, device_at=clock.now())
        done = [stop for stop in stops if not stop.must_prove][:stops_done]
        for stop in done:
            deliveries.finish_stop(
                session,
                actor,
                demo.community,
                stop.id,
                proof_kind=None,
                code=None,
                photo_id=None,
                device_at=clock.now(),
            )
        if done:
            site = places.sites_of_homes(session, demo.community.id, [done[-1].home_id])[done[-1].home_id]
            deliveries.move_cart(session, actor, demo.community, route.id, site.x_m, site.y_m)


def _take_offers(demo: Cast) -> None:
    """Helpers say yes to what they are offered; the demo's own volunteer has still to answer."""
    with transaction() as session:
        rows = helpers.by_ids(session, demo.community.id, demo.helpers)
        for nth, helper_id in enumerate(demo.helpers):
            if nth in (VOLUNTEER, COURIER):
                continue
            actor = demo.actor(session, rows[helper_id].person_id)
            for offer, _ in needs.offers_of(session, demo.community.id, helper_id):
                if offer.state == "offered":
                    needs.accept_as_helper(session, actor, demo.community, offer.id)


def _look_in(demo: Cast) -> None:
    """The grid worker has looked after the two homes of the demo's residents; they can see it."""
    with transaction() as session:
        worker = demo.actor(session, demo.accounts["grid_worker"])
        for home_id in demo.homes[:2]:
            members = people.members_of_home(session, demo.community.id, home_id)
            shown = dict.fromkeys(members, ("name", "phone", "traits"))
            reads.record_reads(session, worker, demo.community, shown, "people")
