"""The relay tells every fact once and in one order; those who react to it are heard, each apart."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import relay as relaying
from server.kit.db import database, reading, transaction
from server.kit.events import Event
from server.kit.live import backlog
from server.kit.module import LiveFact, LiveMessage, Module, Subscription
from server.kit.outbox import DeliveryRow, emit
from server.kit.reactions import Reactions
from server.kit.registry import Registry
from server.kit.relay import Relay
from server.kit.tenancy import CommunityRef

SLOW_S = 0.03


@dataclass(frozen=True)
class Knocked(Event):
    kind: ClassVar[str] = "probe.knocked"
    number: int

    @property
    def aggregate(self) -> str:
        return f"probe/{self.number}"


class Probe:
    """A relay, and one handler that takes its time."""

    def __init__(self, telling_s: float = 0.0) -> None:
        self.telling_s = telling_s
        self.told: list[int] = []
        self.previous: list[int] = []
        self.seqs: list[int] = []
        self.heard: list[int] = []
        self.fails_at: set[int] = set()
        module = Module(
            name="probe",
            is_core=True,
            emits=(Knocked,),
            hears=(Subscription(Knocked, self._react),),
            live=(LiveFact(Knocked, lambda event: [LiveMessage("hall", "knocked", {"n": event.number})]),),
        )
        registry = Registry((module,))
        self.relay = Relay(registry, self._publish, lambda session, community_id: frozenset())
        self.reactions = Reactions(registry)

    def drain(self) -> None:
        while self.relay.run_once() + self.reactions.run_once():
            pass

    def _react(self, session: Session, event: Knocked) -> None:
        time.sleep(SLOW_S)
        if event.number in self.fails_at:
            raise ValueError(event.number)
        self.heard.append(event.number)

    def _publish(self, room: str, message: dict[str, Any]) -> None:
        time.sleep(self.telling_s)
        self.told.append(message["data"]["n"])
        self.previous.append(message["previous"])
        self.seqs.append(message["seq"])


def knock(community: CommunityRef, *numbers: int) -> None:
    with transaction() as session:
        for number in numbers:
            emit(session, Knocked(community.id, number))


def test_handlers_take_short_turns_and_come_to_an_end_in_order(community: CommunityRef) -> None:
    probe = Probe()
    knock(community, *range(20))
    probe.relay.run_once()
    assert probe.told == list(range(20))
    probe.reactions.run_once()
    assert 0 < len(probe.heard) < 20
    probe.drain()
    assert probe.heard == list(range(20))


def test_messages_are_numbered_without_a_gap_over_several_sittings(community: CommunityRef) -> None:
    probe = Probe()
    knock(community, 0, 1, 2)
    probe.relay.run_once()
    knock(community, 3, 4)
    probe.relay.run_once()
    assert probe.seqs == list(range(probe.seqs[0], probe.seqs[0] + 5))


def test_a_message_names_the_one_before_it_in_its_room(community: CommunityRef) -> None:
    probe = Probe()
    knock(community, 0, 1)
    probe.relay.run_once()
    knock(community, 2)
    probe.relay.run_once()
    assert probe.previous == [0, probe.seqs[0], probe.seqs[1]]


def test_two_relays_tell_everything_in_one_order(community: CommunityRef) -> None:
    """As in two web processes, one of which takes its time between the commit and the telling."""
    first, second = Probe(telling_s=0.03), Probe()
    first.told = second.told = told = []
    stop = threading.Event()

    def relay(probe: Probe) -> None:
        while not stop.is_set():
            probe.relay.run_once()

    threads = [threading.Thread(target=relay, args=(probe,)) for probe in (first, second)]
    # SQLite has one web process and no lock between relays.
    for thread in threads[: 1 if database().is_sqlite else 2]:
        thread.start()
    for number in range(60):
        knock(community, number)
    deadline = time.monotonic() + 30
    while len(told) < 60 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        if thread.ident:
            thread.join()
    assert told == list(range(60))


def test_a_queue_that_hangs_is_not_waited_for_with_every_message(
    community: CommunityRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "TELL_WITHIN_S", 0.02)
    probe = Probe(telling_s=0.05)
    knock(community, *range(20))
    probe.relay.run_once()
    assert len(probe.told) == 1
    with reading() as session:
        kept = backlog(session, community.id, "hall", 0)["messages"]
    assert [message["data"]["n"] for message in kept] == list(range(20))


def test_a_handler_that_fails_takes_no_other_with_it_and_holds_up_only_its_own_aggregate(
    community: CommunityRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.server.kit.test_relay.SLOW_S", 0.0)
    probe = Probe()
    probe.fails_at = {1}
    knock(community, 0, 1, 2, 1, 3)
    probe.drain()
    assert set(probe.heard) == {0, 2, 3}
    with reading() as session:
        left = session.execute(
            select(DeliveryRow.aggregate, DeliveryRow.attempts, DeliveryRow.error).where(
                DeliveryRow.done_at.is_(None)
            )
        ).all()
    assert sorted(left) == [("probe/1", 0, None), ("probe/1", 1, "ValueError")]
