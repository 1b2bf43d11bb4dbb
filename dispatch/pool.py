"""Several processes that plan parts of one wave. They are kept: starting one takes longer than a small wave."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

log = logging.getLogger(__name__)
Task = TypeVar("Task")
Answer = TypeVar("Answer")
_pools: dict[int, ProcessPoolExecutor] = {}


def spread(work: Callable[[Task], Answer], tasks: Sequence[Task], processes: int) -> list[Answer]:
    """Return what ``work`` makes of each task, in ``processes`` processes if there are several.

    Where one of them dies, the work is done again in this process.
    """
    if processes <= 1 or len(tasks) <= 1:
        return [work(task) for task in tasks]
    try:
        return list(_pool(processes).map(work, tasks))
    except BrokenProcessPool:
        log.warning("a process that planned a part died; this one does its work")
        _pools.pop(processes).shutdown(wait=False, cancel_futures=True)
        return [work(task) for task in tasks]


def _pool(processes: int) -> ProcessPoolExecutor:
    if processes not in _pools:
        context = multiprocessing.get_context("spawn")
        _pools[processes] = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent)
    return _pools[processes]


def _end_with_parent() -> None:
    """Do not outlive whoever asked: it may be killed without a word."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
