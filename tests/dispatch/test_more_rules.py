"""Rules of trips, rests, pairs, people and shelves: each kept, and at its border."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_yard import CART, WALK, cart, orders, planned, reasons, stop, walker, yard

from dispatch import BadProblem, Limits, Plan, check, solve
from dispatch.bench.compound import compound, with_all_rules
from dispatch.plan import Call
from dispatch.problem import Break, Matrix, Promise, Shelf, Weights
from dispatch.reach import reaches
from dispatch.timing import time_route


def test_cold_goods_go_only_where_there_is_a_cold_box() -> None:
    couriers = (walker(), walker("iced", cold_ml=500))
    plan = planned(yard(stop("milk", cold_ml=500), stop("ice", cold_ml=501), vehicles=couriers))
    assert orders(plan) == {"iced": ["milk"]}
    assert reasons(plan) == {"ice": "too_heavy"}


def test_service_grows_with_storeys_and_parcels() -> None:
    visit = planned(yard(stop(floors=3, parcels=2), floor_s=10, parcel_s=5)).routes[0].visits[0]
    assert visit.depart_s - visit.start_s == 60 + 30 + 10


def test_nobody_climbs_more_storeys_than_they_may() -> None:
    courier = walker(max_floors=5)
    assert planned(yard(stop("a", floors=3), stop("b", floors=2), vehicles=(courier,))).served == 2
    assert planned(yard(stop("a", floors=3), stop("b", floors=3), vehicles=(courier,))).served == 1
    assert reasons(planned(yard(stop(floors=6), vehicles=(courier,)))) == {"s1": "too_many_floors"}


def test_nobody_works_longer_than_they_may_in_the_heat() -> None:
    # There, at the door and back: 300 s.
    assert planned(yard(stop(), vehicles=(walker(max_work_s=300),))).served == 1
    assert planned(yard(stop(), vehicles=(walker(max_work_s=299),))).served == 0


def test_who_may_go_twice_loads_anew_and_only_then_serves_the_rest() -> None:
    stops = (stop("a", load_g=15_000), stop("b", load_g=15_000))
    assert planned(yard(*stops)).served == 1
    plan = planned(yard(*stops, vehicles=(walker(trips=2, reload_s=200),)))
    first, second = plan.routes[0].visits
    assert (first.trip, second.trip) == (0, 1)
    # Back to the gate, 200 s there, and out again.
    assert second.arrive_s == first.depart_s + 120 + 200 + 120


def test_after_disinfection_at_the_gate_green_may_follow_red() -> None:
    stops = (stop("red", is_red=True, windows=((0, 200),)), stop("green", windows=((600, 3000),)))
    assert planned(yard(*stops, vehicles=(walker(trips=2),))).served == 1
    plan = planned(yard(*stops, vehicles=(walker(trips=2, disinfects=True),)))
    assert orders(plan) == {"walker": ["red", "green"]}


def test_a_route_by_hand_with_green_behind_red_stands_only_where_it_is_disinfected_between() -> None:
    stops = (stop("red", is_red=True), stop("green"))
    for disinfects in (True, False):
        problem = yard(*stops, vehicles=(walker(trips=2, disinfects=disinfects),))
        route = time_route(problem, reaches(problem)["walker"], 0, problem.vehicles[0], [0, 1])
        assert (route is not None) == disinfects


def test_a_rest_is_taken_between_two_stops_and_not_by_who_is_back_before_it() -> None:
    rest = (Break(0, 200, 500),)
    assert planned(yard(stop(), vehicles=(walker(breaks=(Break(0, 300, 500),)),))).routes[0].rests == ()
    route = planned(yard(stop("a"), stop("b"), vehicles=(walker(breaks=rest),))).routes[0]
    assert len(route.rests) == 1
    assert route.rests[0].until_s - route.rests[0].from_s == 500


def test_a_rest_that_leaves_no_time_keeps_the_courier_at_home() -> None:
    courier = walker(breaks=(Break(0, 100, 3500),))
    assert planned(yard(stop(), vehicles=(courier,))).served == 0


def test_what_is_picked_up_is_brought_by_the_same_courier_afterwards() -> None:
    pair = (stop("from", "door2", kind="pickup"), stop("to", goods_from="from"))
    plan = planned(yard(*pair, vehicles=(walker("a"), walker("b"))))
    assert list(orders(plan).values()) == [["from", "to"]]
    closed = (replace(pair[0], windows=((3000, 3100),)), replace(pair[1], windows=((0, 500),)))
    assert planned(yard(*closed)).served == 0


def test_goods_picked_up_need_room_only_while_they_are_on_board() -> None:
    pair = (stop("from", kind="pickup", load_g=15_000), stop("to", "door2", goods_from="from", load_g=15_000))
    assert planned(yard(*pair, stop("own", load_g=15_000))).served == 3
    heavy = (replace(pair[0], load_g=20_001), replace(pair[1], load_g=20_001))
    assert planned(yard(*heavy)).served == 0


def test_goods_at_another_gate_are_fetched_by_who_starts_there() -> None:
    couriers = (walker(), walker("far one", start_node="far", end_node="far"))
    assert orders(planned(yard(stop(depot="far"), vehicles=couriers))) == {"far one": ["s1"]}
    assert reasons(planned(yard(stop(depot="far")))) == {"s1": "goods_elsewhere"}


def test_a_home_may_want_somebody_or_not() -> None:
    couriers = (walker("a"), walker("b"))
    assert orders(planned(yard(stop(only_by=frozenset({"b"})), vehicles=couriers))) == {"b": ["s1"]}
    assert orders(planned(yard(stop(not_by=frozenset({"a"})), vehicles=couriers))) == {"b": ["s1"]}
    assert reasons(planned(yard(stop(not_by=frozenset({"walker"}))))) == {"s1": "not_welcome"}


def test_two_couriers_begin_together_where_two_are_needed() -> None:
    couriers = (walker("a"), walker("b", shift_start_s=400))
    plan = planned(yard(stop(people=2), vehicles=couriers))
    visits = [visit for route in plan.routes for visit in route.visits]
    assert [visit.start_s for visit in visits] == [520, 520]
    assert sorted(visit.carries for visit in visits) == [False, True]
    assert reasons(planned(yard(stop(people=2)))) == {"s1": "needs_two"}


def test_of_two_couriers_only_one_needs_room_for_the_goods() -> None:
    couriers = (walker("a"), walker("b", load_g=0))
    assert planned(yard(stop(people=2, load_g=20_000), vehicles=couriers)).served == 2


def test_few_homes_are_called_to_a_shelf_at_once() -> None:
    shelf = Shelf("shelf", 50, homes_at_once=2)
    stops = tuple(stop(f"s{n}", shelf="shelf", service_s=1) for n in range(5))
    plan = planned(yard(*stops, shelves=(shelf,), weights=Weights(contact_s=0)))
    at = [call.from_s for call in plan.calls]
    assert sorted(at.count(second) for second in set(at)) == [1, 2, 2]


def test_contacts_are_weighed_against_waiting() -> None:
    stops = tuple(stop(f"s{n}", shelf="shelf", service_s=1) for n in range(2))
    shelves = (Shelf("shelf", 50),)
    dear = planned(yard(*stops, shelves=shelves, weights=Weights(contact_s=10_000)))
    cheap = planned(yard(*stops, shelves=shelves, weights=Weights(contact_s=1)))
    assert dear.cost.contacts_s == 0
    assert dear.cost.waits_s > cheap.cost.waits_s
    assert cheap.cost.contacts_s == 1


def test_a_shelf_holds_no_more_than_it_can() -> None:
    stops = (stop("a", shelf="shelf", parcels=2), stop("b", shelf="shelf", parcels=2))
    assert planned(yard(*stops, shelves=(Shelf("shelf", 4),))).served == 2
    plan = planned(yard(*stops, shelves=(Shelf("shelf", 3),)))
    assert list(reasons(plan).values()) == ["shelf_full"]


def test_work_is_shared_when_one_would_carry_more_than_a_fair_share() -> None:
    stops = tuple(stop(f"s{n}", service_s=600) for n in range(4))
    couriers = (walker("a"), walker("b"))
    assert len(planned(yard(*stops, vehicles=couriers)).routes) == 1
    fair = planned(yard(*stops, vehicles=couriers, fair_work_s=1500))
    assert len(fair.routes) == 2
    assert fair.cost.unfair_s == 0


def test_who_worked_the_days_before_is_spared() -> None:
    couriers = (walker("tired", work_before_s=5000), walker("rested"))
    assert orders(planned(yard(stop(), vehicles=couriers, fair_work_s=5000))) == {"rested": ["s1"]}


def test_a_promise_is_kept_unless_it_is_dear() -> None:
    couriers = (walker("a"), walker("b"))
    promised = stop(promised=Promise("b", 120))
    kept = planned(yard(promised, stop("other"), vehicles=couriers))
    assert orders(kept) == {"b": ["s1", "other"]} or orders(kept) == {"b": ["other", "s1"]}
    assert kept.cost.broken_s == 0
    gone = planned(yard(promised, vehicles=(walker("a"), walker("b", shift_end_s=0))))
    assert gone.cost.broken_s == 300


def test_a_second_later_than_promised_and_tolerated_costs() -> None:
    late = planned(yard(stop(promised=Promise("walker", 0), windows=((700, 800),))))
    assert late.cost.broken_s == 100


def test_who_fails_often_is_sent_only_if_nobody_else_is_there() -> None:
    robot = replace(CART, name="robot", fails_percent=32)
    couriers = (cart("robot", profile="robot"), walker())
    problem = yard(stop(), vehicles=couriers, profiles=(WALK, CART, robot))
    assert orders(planned(problem)) == {"walker": ["s1"]}
    alone = planned(replace(problem, vehicles=couriers[:1]))
    assert alone.cost.fails_s == 384


def test_frozen_stops_come_first_and_in_their_order() -> None:
    stops = (stop("a", "door2"), stop("b"), stop("c", "door2"))
    plan = planned(yard(*stops, vehicles=(walker(frozen=("a", "b")),)))
    assert orders(plan)["walker"][:2] == ["a", "b"]


def test_given_travel_times_count_instead_of_lanes() -> None:
    nodes = ("gate", "door1")
    quick = Matrix("walk", nodes, ((0, 7), (9, 0)))
    route = planned(yard(stop(), matrices=(quick,))).routes[0]
    assert (route.visits[0].arrive_s, route.end_s) == (7, 7 + 60 + 9)
    cut_off = Matrix("walk", nodes, ((0, -1), (9, 0)))
    assert reasons(planned(yard(stop(), matrices=(cut_off,)))) == {"s1": "unreachable"}


@pytest.mark.parametrize(
    ("stops", "sentence"),
    [
        ((stop("to", goods_from="ghost"),), "goods_from must name a pickup"),
        ((stop("from", kind="pickup"),), "every pickup needs its drop"),
        ((stop(people=3),), "people must be 1 or 2"),
        ((stop(shelf="ghost"),), "no shelf"),
        ((stop(promised=Promise("ghost", 0)),), "no vehicle"),
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(stops: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(BadProblem, match=sentence):
        yard(*stops)  # type: ignore[arg-type]  # stops, whatever pytest makes of them


def _spoil(plan: Plan, **changes: object) -> Plan:
    visits = list(plan.routes[0].visits)
    visits[-1] = replace(visits[-1], **changes)  # type: ignore[arg-type]  # any field
    return replace(plan, routes=(replace(plan.routes[0], visits=tuple(visits)), *plan.routes[1:]))


def test_the_checker_sees_every_rule_of_these_broken() -> None:
    def codes(problem: object, plan: Plan) -> set[str]:
        return {one.code for one in check(problem, plan)}  # type: ignore[arg-type]

    shelf = yard(stop("a", shelf="x"), stop("b", shelf="x"), shelves=(Shelf("x", 2, 1),))
    plan = planned(shelf)
    together = tuple(Call(call.stop, 1200) for call in plan.calls)
    assert "crowd" in codes(shelf, replace(plan, calls=together))
    assert "not_called" in codes(shelf, replace(plan, calls=plan.calls[:1]))
    early = tuple(replace(call, from_s=0) for call in plan.calls)
    assert "called_too_early" in codes(shelf, replace(plan, calls=early))
    pair = yard(stop("from", kind="pickup"), stop("to", "door2", goods_from="from"))
    plan = planned(pair)
    backwards = replace(plan.routes[0], visits=plan.routes[0].visits[::-1])
    assert "not_picked_up" in codes(pair, replace(plan, routes=(backwards,)))
    two = yard(stop(people=2), vehicles=(walker("a"), walker("b")))
    plan = planned(two)
    assert "not_together" in codes(two, _spoil(plan, start_s=500, depart_s=600))
    assert "courier_missing" in codes(two, replace(plan, routes=plan.routes[:1]))
    assert "goods_twice_or_never" in codes(two, _spoil(plan, carries=not plan.routes[0].visits[0].carries))
    rested = yard(stop("a"), stop("b"), vehicles=(walker(breaks=(Break(0, 200, 500),)),))
    plan = planned(rested)
    assert "no_rest" in codes(rested, replace(plan, routes=(replace(plan.routes[0], rests=()),)))
    once = yard(stop())
    assert "too_many_trips" in codes(once, _spoil(planned(once), trip=1))
    for courier, code in (
        (walker(max_floors=1), "too_many_floors"),
        (walker(max_work_s=10), "too_much_work"),
        (walker(frozen=("s1",)), "frozen_stops_moved"),
    ):
        free, bound = yard(stop("s0"), stop(floors=2)), yard(stop("s0"), stop(floors=2), vehicles=(courier,))
        plan = replace(planned(free), digest=bound.digest())
        if code == "frozen_stops_moved":
            flipped = [v for v in plan.routes[0].visits if v.stop == "s0"]
            plan = replace(plan, routes=(replace(plan.routes[0], visits=tuple(flipped)),))
        assert code in codes(bound, plan)


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_search_finds_only_routes_that_can_be_driven(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    # Carts that load anew, and windows as narrow as their way: with a stop less they load elsewhere, and come too late.
    problem = with_all_rules(compound(120, seed=seed), seed=seed)
    stops = tuple(
        replace(
            s,
            windows=((900 * (n % 10), 900 * (n % 10) + 600),) if n % 2 else s.windows,
            not_by=frozenset(),
            promised=None,
        )
        for n, s in enumerate(problem.stops)
    )
    vehicles = tuple(replace(v, trips=3, parcels=12, reload_s=900) for v in problem.vehicles[-8:])
    tight = replace(problem, stops=stops, vehicles=vehicles)
    plan = solve(tight, Limits(rounds=3000))
    assert check(tight, plan) == []
    assert "cannot be driven" not in caplog.text


def test_a_machine_has_no_share_and_tires_of_nothing() -> None:
    stops = tuple(stop(f"s{n}", service_s=600) for n in range(4))
    couriers = (walker("robot", is_machine=True), walker("b"))
    plan = planned(yard(*stops, vehicles=couriers, fair_work_s=600))
    assert list(orders(plan)) == ["robot"]
    assert plan.cost.unfair_s == 0
