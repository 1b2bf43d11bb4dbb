"""Work done in a process of its own, which may be killed or run out of memory without taking anybody along."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")


class Died(Exception):
    """No answer: the process was killed, broke, overran its time or had none left for this; what it said is told."""


class Apart:
    """A process that is kept, since starting one may take longer than the work, and does one thing at a time.

    ``prepare``: done once in it, within ``START_S``; afterwards it may not take more than ``memory_bytes`` of address
    space. Where anything goes wrong it is killed, and the next who asks has a new one. Threads take turns.
    """

    START_S = 120.0

    def __init__(self, prepare: Callable[[], object], memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self._prepare = prepare
        self._turn = threading.Lock()
        self._process: SpawnProcess | None = None
        self._here: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return None if self._process is None else self._process.pid

    def run(
        self, work: Callable[..., Answer], *args: object, within_s: float, patience_s: float = 60.0
    ) -> Answer:
        """Return what ``work`` makes of ``args``; all must be picklable. Raises Died.

        ``within_s``: how long it may take once it is begun; ``patience_s``: how long to wait for one's turn.
        """
        if not self._turn.acquire(timeout=patience_s):
            # Whoever is at work has done nothing wrong: it is let be.
            raise Died("busy")
        try:
            answer: Answer = self._ask(work, args, within_s)
            return answer
        except (EOFError, OSError) as error:
            raise Died(type(error).__name__) from error
        finally:
            self._turn.release()

    def end(self) -> None:
        """Kill the process, once whoever is at work has an answer."""
        with self._turn:
            self._end()

    def _ask(self, work: Callable[..., Any], args: tuple[object, ...], within_s: float) -> Any:
        try:
            here = self._ready()
            with self._killed_after(within_s):
                here.send((work, args))
                answer, trouble = here.recv()
            if trouble is not None:
                raise Died(trouble)
            return answer
        except BaseException:
            # Nobody must find half an answer, nor the answer to another's question.
            self._end()
            raise

    def _ready(self) -> Connection:
        # Something to read from who was not asked is the end of what can be read: it was killed meanwhile.
        if self._here is not None and not self._here.poll():
            return self._here
        self._end()
        # Spawned, not forked: whoever asks has threads.
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        # A daemon, so that nobody who ends waits for it.
        self._process = context.Process(
            target=_serve, args=(there, self._prepare, self.memory_bytes), daemon=True
        )
        self._process.start()
        there.close()
        with self._killed_after(self.START_S):
            self._here.recv()
        return self._here

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """Bound everything by one clock: to whoever waits, a process that is too slow is a process that died."""
        assert self._process is not None
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        # By its handle and not by its number, which may be somebody else's by now.
        if self._process is not None and self._process.pid is not None:
            self._process.kill()
            self._process.join()
        if self._here is not None:
            self._here.close()
        self._process = self._here = None


def run_aside(
    work: Callable[..., Answer], *args: object, within_s: float, memory_bytes: int, niceness: int = 15
) -> Answer:
    """Return what ``work`` makes of ``args`` in a process of its own that steps back for everything else.

    It is started for this alone, so that nothing that is kept waits behind it. Raises Died, as Apart does.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=_serve_once, args=(there, work, args, memory_bytes, niceness), daemon=True
    )
    process.start()
    there.close()
    try:
        if not here.poll(within_s):
            raise Died("no answer in time")
        answer, trouble = here.recv()
        if trouble is not None:
            raise Died(trouble)
        return cast(Answer, answer)
    except (EOFError, OSError) as error:
        raise Died(type(error).__name__) from error
    finally:
        process.kill()
        process.join()
        here.close()


def _serve_once(
    there: Connection, work: Callable[..., Any], args: tuple[Any, ...], memory_bytes: int, niceness: int
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    there.send(_answer(work, args))


def _serve(there: Connection, prepare: Callable[[], object], memory_bytes: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    there.send(None)
    while True:
        try:
            work, args = there.recv()
        except EOFError:
            return
        there.send(_answer(work, args))


def _answer(work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, str | None]:
    """Return (answer, None) or (None, what went wrong): whatever it is, it must not pass for silence."""
    try:
        return work(*args), None
    except Exception:
        return None, traceback.format_exc()


def _end_with_parent() -> None:
    """Do not outlive whoever asked: they may be killed without a word, while work hangs."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
