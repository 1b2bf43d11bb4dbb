"""Work in a process of its own: it may be killed, hang, break or take too much, and whoever asked goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.kit.apart import Apart, Died, run_aside
from tests.processes import is_gone

LONG_S = 600.0


@pytest.fixture
def apart() -> Iterator[Apart]:
    kept = Apart(os.getpid, 1 << 30)
    yield kept
    kept.end()


def test_the_process_is_another_one_and_is_kept(apart: Apart) -> None:
    first, second = (apart.run(os.getpid, within_s=LONG_S) for _ in range(2))
    assert first == second == apart.pid != os.getpid()


def test_a_process_that_is_killed_at_work_is_replaced(apart: Apart) -> None:
    pid = apart.run(os.getpid, within_s=LONG_S)
    with pytest.raises(Died):
        apart.run(os.kill, pid, signal.SIGKILL, within_s=LONG_S)
    assert apart.run(os.getpid, within_s=LONG_S) != pid


def test_a_process_that_was_killed_between_two_works_is_not_noticed(apart: Apart) -> None:
    pid = apart.run(os.getpid, within_s=LONG_S)
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    assert apart.run(os.getpid, within_s=LONG_S) != pid


def test_work_that_does_not_end_is_ended(apart: Apart) -> None:
    pid = apart.run(os.getpid, within_s=LONG_S)
    with pytest.raises(Died):
        apart.run(time.sleep, LONG_S, within_s=0.2)
    assert is_gone(pid)


def test_a_process_that_does_not_even_listen_is_ended(apart: Apart) -> None:
    pid = apart.run(os.getpid, within_s=LONG_S)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(Died):
        apart.run(len, b"more than a pipe holds" * 100_000, within_s=0.2)
    assert is_gone(pid)


def test_more_memory_than_allowed_is_refused(apart: Apart) -> None:
    with pytest.raises(Died, match="MemoryError"):
        apart.run(bytearray, 2 << 30, within_s=LONG_S)
    assert apart.run(len, b"abc", within_s=LONG_S) == 3


def test_what_breaks_is_told(apart: Apart) -> None:
    with pytest.raises(Died, match="invalid literal for int"):
        apart.run(int, "three", within_s=LONG_S)
    assert apart.run(int, "3", within_s=LONG_S) == 3


def test_a_process_that_cannot_be_prepared_is_one_that_died() -> None:
    with pytest.raises(Died):
        Apart(os.abort, 1 << 30).run(os.getpid, within_s=LONG_S)


def test_who_waits_too_long_for_a_turn_harms_nobody(apart: Apart, tmp_path: Path) -> None:
    pid, answers = apart.run(os.getpid, within_s=LONG_S), []
    letter = tmp_path / "letter"
    os.mkfifo(letter)
    # Reads until somebody has written.
    reader = threading.Thread(
        target=lambda: answers.append(apart.run(Path.read_text, letter, within_s=LONG_S))
    )
    reader.start()
    with letter.open("w") as pen:
        with pytest.raises(Died, match="busy"):
            apart.run(os.getpid, within_s=LONG_S, patience_s=0.0)
        pen.write("done")
    reader.join()
    assert (answers, apart.run(os.getpid, within_s=LONG_S)) == (["done"], pid)


def test_threads_have_each_their_own_answer(apart: Apart) -> None:
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = apart.run(abs, -number, within_s=LONG_S)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number for number in range(20)}


def test_the_process_does_not_outlive_who_asked() -> None:
    script = """
import os, time
from server.kit.apart import Apart
apart = Apart(os.getpid, 1 << 30)
print(apart.run(os.getpid, within_s=60), flush=True)
apart.run(time.sleep, 600, within_s=600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        pid = int(asking.stdout.readline())
        asking.kill()
    assert is_gone(pid)


def test_work_aside_has_a_process_of_its_own_that_steps_back() -> None:
    assert run_aside(os.getpid, within_s=LONG_S, memory_bytes=1 << 30) != os.getpid()
    assert run_aside(os.nice, 0, within_s=LONG_S, memory_bytes=1 << 30, niceness=3) == os.nice(0) + 3


def test_work_aside_that_dies_hangs_or_breaks_is_told() -> None:
    with pytest.raises(Died):
        run_aside(os.abort, within_s=LONG_S, memory_bytes=1 << 30)
    with pytest.raises(Died, match="no answer in time"):
        run_aside(time.sleep, LONG_S, within_s=0.2, memory_bytes=1 << 30)
    with pytest.raises(Died, match="MemoryError"):
        run_aside(bytearray, 2 << 30, within_s=LONG_S, memory_bytes=1 << 30)
    with pytest.raises(Died, match="invalid literal for int"):
        run_aside(int, "three", within_s=LONG_S, memory_bytes=1 << 30)
