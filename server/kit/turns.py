"""Whose turn it is to write to an SQLite file, among all threads and processes of a machine.

SQLite has one writer. Whoever finds it busy sleeps, up to a tenth of a second, and asks again: a job that writes many
small things without a pause keeps everybody else out for as long as it lasts. A lock of the kernel wakes who waits.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# How long a thread may compute while others wait for the interpreter.
COMPUTES_S = 0.0005


def take_short_steps() -> None:
    """Let this process's threads take turns at computing ten times as often as Python would.

    Whoever writes gives the interpreter away at every statement, and has it back only when a computing thread is done
    with its step: with Python's 5 ms, thirty statements held up all other writers for a tenth of a second.
    """
    sys.setswitchinterval(COMPUTES_S)


class Turns:
    """Turns at one file, or among the threads of this process alone if it has no path (a database in memory).

    The kernel gives a turn back when its process dies, however it dies.
    """

    def __init__(self, file: Path | None) -> None:
        self._threads = threading.Lock()
        self._file = file
        self._opened: tuple[int, int] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn; it lasts as long as the block."""
        with self._threads:
            if self._file is None:
                yield
                return
            handle = self._handle(self._file)
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)

    def _handle(self, file: Path) -> int:
        """Return this process's own handle: a forked child that used its parent's would share its turn."""
        if self._opened is None or self._opened[0] != os.getpid():
            handle = os.open(
                file.with_name(f"{file.name}-turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            self._opened = os.getpid(), handle
        return self._opened[1]
