"""Several processes that do one thing at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from datetime import datetime
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from queue import Empty
from typing import Any

from server.kit import clock, crypto
from server.kit.clock import SettableClock
from server.kit.db import Database, use_database

WAIT_S = 60


def race(url: str, at: datetime, act: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call ``act(*call)`` in one process for each call, all at once; return their results in no order.

    ``act`` must be a function of a module that a new process can import. ``url``: the database they share.
    ``at``: the time it is for all of them.
    """
    context = multiprocessing.get_context("forkserver")
    # One clean process imports what is slow to import; the racers are its forks.
    context.set_forkserver_preload(["server.core.needs.service"])
    barrier, results = context.Barrier(len(calls)), context.Queue()
    racers = [context.Process(target=_run, args=(url, at, barrier, results, act, call)) for call in calls]
    for racer in racers:
        racer.start()
    done = [_next(results, racers) for _ in racers]
    for racer in racers:
        racer.join(timeout=WAIT_S)
    return done


def doom(
    url: str, at: datetime, act: Callable[..., Any], call: tuple[Any, ...], *, after_s: float
) -> BaseProcess:
    """Call ``act(*call)`` in a process, and kill it without warning once it has worked so long."""
    context = multiprocessing.get_context("forkserver")
    barrier, results = context.Barrier(2), context.Queue()
    doomed = context.Process(target=_run, args=(url, at, barrier, results, act, call))
    doomed.start()
    barrier.wait(timeout=WAIT_S)
    doomed.join(timeout=after_s)
    doomed.kill()
    doomed.join(timeout=WAIT_S)
    return doomed


def _next(results: Queue[Any], racers: Sequence[BaseProcess]) -> Any:
    for _ in range(WAIT_S):
        try:
            return results.get(timeout=1)
        except Empty:
            if any(racer.exitcode for racer in racers):
                raise RuntimeError("a racer died before it could run; its own output says why") from None
    raise RuntimeError("the racers did not finish")


def _run(
    url: str,
    at: datetime,
    barrier: Barrier,
    results: Queue[Any],
    act: Callable[..., Any],
    call: tuple[Any, ...],
) -> None:
    crypto.use_keys(bytes(range(32)), bytes(range(32, 64)))
    clock.use(SettableClock(at))
    use_database(Database(url))
    barrier.wait(timeout=WAIT_S)
    try:
        results.put(act(*call))
    except Exception as error:
        results.put(f"{type(error).__name__}: {error}")
