"""Jobs: one row for one key, whoever writes it at the same moment; what comes round waits once, not once a round."""

from __future__ import annotations

import threading
from uuid import UUID

from apiflask import APIFlask
from sqlalchemy import func, select

from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.jobs import JobRow, engine, enqueue
from server.kit.tenancy import CommunityRef


def test_two_processes_that_write_one_key_both_keep_the_rest_of_their_batch(
    app: APIFlask, community: CommunityRef
) -> None:
    name = next(iter(engine().registry.jobs))
    start, ids, troubles = threading.Barrier(2), [], []

    def batch(own: str) -> None:
        try:
            start.wait()
            with transaction() as session:
                enqueue(session, name, community.id, key=f"own/{own}")
                ids.append(enqueue(session, name, community.id, key="shared"))
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=batch, args=(own,)) for own in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert len(set[UUID](ids)) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(JobRow)) == 3


def test_what_comes_round_is_not_put_behind_itself(
    app: APIFlask, community: CommunityRef, clock: SettableClock
) -> None:
    ticker = app.extensions["linli"].ticker
    wanted = select(func.count()).where(JobRow.name == "needs.match", JobRow.state == "queued")
    for _ in range(3):
        ticker.tick()
        clock.advance(minutes=5)
    with reading() as session:
        assert session.scalar(wanted) == 1
    engine().run_pending(rounds=1)
    ticker.tick()
    with reading() as session:
        assert session.scalar(wanted) == 1
