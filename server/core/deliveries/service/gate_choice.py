"""Which gates to open: asked by an officer, weighed in the background, chosen by nobody but the officer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.events import GatesWeighed
from server.core.deliveries.models import GateChoice, Parcel, Stop
from server.core.deliveries.planning import GateInputs, GatePlace, HomesBehind
from server.core.deliveries.rules import Custodian
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once
from server.kit.errors import NotFound, Refused
from server.kit.jobs import JobRow, engine, enqueue
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.ports.exits import EXTENSION_POINT, CountsExits
from server.kit.tenancy import CommunityRef

COUNTED = timedelta(days=rules.COUNTED_DAYS)


@dataclass(frozen=True)
class Weighing:
    """What is to be weighed, and whether people and goods were counted or are as many as usual."""

    inputs: GateInputs
    are_people_counted: bool
    are_goods_counted: bool


def ask_gates(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    guards: int,
    people_per_hour: int,
    stay_open: Iterable[UUID],
) -> GateChoice:
    """Have it found in the background which gates to open; the answer before is gone.

    Raises Refused without gates or a map, or if there are fewer guards than gates that must stay open; NotFound for
    a gate that is none of the community's.
    """
    places.network_data(session, community.id)
    known = {gate.id for gate in places.gates(session, community)}
    wanted = set(stay_open)
    if not known:
        raise Refused("deliveries.no_gates")
    if not wanted <= known:
        raise NotFound("places.gate_not_found")
    needed = len(wanted | (_gates_with_goods(session, community.id) & known))
    if needed > guards:
        raise Refused("deliveries.guards_too_few", needed=needed, guards=guards)
    choice = _row(session, community.id, guards, people_per_hour)
    choice.round += 1
    choice.state, choice.asked_at, choice.answered_at = "looking", clock.now(), None
    choice.guards, choice.people_per_hour = guards, people_per_hour
    choice.stay_open, choice.answer, choice.is_outdated = sorted(str(one) for one in wanted), {}, False
    payload = {"round": choice.round}
    enqueue(session, "deliveries.weigh_gates", community.id, payload, key=_key(choice))
    facts = {"guards": guards, "people_per_hour": people_per_hour, "stay_open": choice.stay_open}
    record(session, actor, community.id, "deliveries.gates_asked", ("gate_choice", choice.id), facts=facts)
    emit(session, GatesWeighed(community.id, state=choice.state))
    return choice


def gate_choice(session: Session, community_id: UUID) -> GateChoice | None:
    """Return what was last asked and answered, if anything was."""
    return session.scalars(select(GateChoice).where(GateChoice.community_id == community_id)).first()


def is_lost(session: Session, choice: GateChoice) -> bool:
    """Tell whether nobody looks any more though no answer is there."""
    if choice.state != "looking":
        return False
    job = session.scalars(select(JobRow).where(JobRow.key == _key(choice))).one_or_none()
    return job is None or job.state not in ("queued", "running")


def gather_gates(session: Session, community: CommunityRef, asked_round: int) -> Weighing | None:
    """Return what is to be weighed; None if something else has been asked since. Raises Refused without a map."""
    choice = gate_choice(session, community.id)
    if choice is None or choice.state != "looking" or choice.round != asked_round:
        return None
    doors = places.entrances_in_use(session, community.id)
    homes = sum(count for _, _, count in doors)
    went, came = _enough(_exits(session, community)), _enough(_deliveries(session, community.id))
    exits = _by_entrance(doors, went, rules.an_hour(sum(went.values()), rules.COUNTED_DAYS, homes))
    drops = _by_entrance(doors, came, rules.an_hour(sum(came.values()), rules.COUNTED_DAYS, homes))
    inputs = GateInputs(
        network=places.network_data(session, community.id),
        gates=_gates(session, community, choice),
        doors=tuple(
            HomesBehind(entrance, node, exits[entrance], drops[entrance]) for entrance, node, _ in doors
        ),
        guards=choice.guards,
        people_per_hour=choice.people_per_hour,
    )
    return Weighing(inputs, bool(went), bool(came))


def write_gates(
    session: Session, community_id: UUID, asked_round: int, answer: dict[str, object] | None
) -> bool:
    """Keep the answer, None for a search that failed, if it is still wanted; return whether it is."""
    choice = session.scalars(
        select(GateChoice).where(GateChoice.community_id == community_id).with_for_update()
    ).first()
    if choice is None or choice.state != "looking" or choice.round != asked_round:
        return False
    choice.state, choice.answered_at = ("failed" if answer is None else "found"), clock.now()
    choice.answer = answer or {}
    emit(session, GatesWeighed(community_id, state=choice.state))
    return True


def outdate_gate_choice(session: Session, community_id: UUID) -> None:
    """Note that lanes are others than those that the answer was made with."""
    session.execute(
        update(GateChoice).where(GateChoice.community_id == community_id).values(is_outdated=True)
    )


def _row(session: Session, community_id: UUID, guards: int, people_per_hour: int) -> GateChoice:
    # Two officers may be the first at one moment; the second waits and finds the first one's row.
    facts = {"guards": guards, "people_per_hour": people_per_hour, "state": "failed", "round": 0}
    times = {"asked_at": clock.now(), "answered_at": clock.now()}
    rest = {"stay_open": [], "answer": {}, "is_outdated": False}
    insert_once(
        session,
        GateChoice,
        {"community_id": community_id, **facts, **times, **rest},
        unless=("community_id",),
    )
    wanted = select(GateChoice).where(GateChoice.community_id == community_id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


def _key(choice: GateChoice) -> str:
    return f"gates/{choice.id}/{choice.round}"


def _gates(session: Session, community: CommunityRef, choice: GateChoice) -> tuple[GatePlace, ...]:
    with_goods = _gates_with_goods(session, community.id)
    asked = {UUID(one) for one in choice.stay_open}
    return tuple(
        GatePlace(
            gate.id,
            gate.node_id,
            gate.is_open_by_hand,
            gate.takes_goods,
            "goods" if gate.id in with_goods else "asked" if gate.id in asked else None,
        )
        for gate in places.gates(session, community)
    )


def _gates_with_goods(session: Session, community_id: UUID) -> set[UUID]:
    """Return the gates on whose shelves goods lie: these wait there for a courier."""
    held = select(Parcel.custodian_id).where(
        Parcel.community_id == community_id, Parcel.custodian_kind == Custodian.GATE
    )
    return {gate_id for gate_id in session.scalars(held.distinct()) if gate_id is not None}


def _exits(session: Session, community: CommunityRef) -> Mapping[UUID, int]:
    counted: Counter[UUID] = Counter()
    sources = engine().registry.providers(EXTENSION_POINT, community.modules)
    for source in cast("list[CountsExits]", sources):
        counted.update(source(session, community.id, clock.now() - COUNTED))
    return counted


def _deliveries(session: Session, community_id: UUID) -> Mapping[UUID, int]:
    rows = session.execute(
        select(Stop.home_id, func.count())
        .where(
            Stop.community_id == community_id,
            Stop.kind == "delivery",
            Stop.state == "done",
            Stop.done_at > clock.now() - COUNTED,
        )
        .group_by(Stop.home_id)
    ).all()
    sites = places.sites_of_homes(session, community_id, [home_id for home_id, _ in rows])
    counted: Counter[UUID] = Counter()
    for home_id, count in rows:
        if home_id in sites:
            counted[sites[home_id].entrance_id] += count
    return counted


def _enough(counted: Mapping[UUID, int]) -> Mapping[UUID, int]:
    return counted if sum(counted.values()) >= rules.ENOUGH_COUNTED else {}


def _by_entrance(
    doors: Iterable[tuple[UUID, UUID, int]], counted: Mapping[UUID, int], total: int
) -> dict[UUID, int]:
    """Share the hour's total out: as was counted, or by homes where nothing was."""
    weights = {entrance: counted.get(entrance, 0) if counted else homes for entrance, _, homes in doors}
    return rules.shared_out(weights, total)
