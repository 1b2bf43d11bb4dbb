"""Turns at the one writer: one at a time, and nobody is kept out by somebody who comes again and again."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Thread

from sqlalchemy import text

from server.kit.db import Database
from server.kit.turns import Turns

LINES, STAYS_S, ASKS = 400, 0.004, 15
# One, but for the time that passes between a look at the counter and asking; several hundred without turns.
MOST_BEFORE_ME = 100
forks = multiprocessing.get_context("fork")


def _write_without_a_pause(url: str, written: Synchronized[int]) -> None:
    database = Database(url)
    for number in range(LINES):
        with database.session(writes=True) as session:
            session.execute(text("INSERT INTO line VALUES (:n)"), {"n": number})
            time.sleep(STAYS_S)
        written.value += 1


def _count_up(turns: Turns, file: Path, times: int) -> None:
    for _ in range(times):
        with turns.turn():
            file.write_text(str(int(file.read_text()) + 1))


def test_a_process_that_writes_without_a_pause_keeps_no_other_out(tmp_path: Path) -> None:
    url, written = f"sqlite:///{tmp_path / 'linli.db'}", forks.Value("i", 0)
    with Database(url).session(writes=True) as session:
        session.execute(text("CREATE TABLE line (n INTEGER)"))
    greedy = forks.Process(target=_write_without_a_pause, args=(url, written))
    greedy.start()
    while written.value == 0:
        time.sleep(0.001)
    database, waited_for = Database(url), []
    for _ in range(ASKS):
        time.sleep(2 * STAYS_S)
        before = written.value
        with database.session(writes=True):
            waited_for.append(written.value - before)
    greedy.join()
    assert max(waited_for) <= MOST_BEFORE_ME
    assert written.value == LINES


def test_processes_and_threads_come_one_at_a_time_though_forked_from_one(tmp_path: Path) -> None:
    turns, file = Turns(tmp_path / "linli.db"), tmp_path / "count"
    file.write_text("0")
    with turns.turn():
        pass
    racers = [forks.Process(target=_count_up, args=(turns, file, 200)) for _ in range(3)]
    racers += [Thread(target=_count_up, args=(turns, file, 200)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert file.read_text() == "1000"


def test_a_database_in_memory_has_turns_for_its_threads_and_no_files(tmp_path: Path) -> None:
    turns, file = Turns(None), tmp_path / "count"
    file.write_text("0")
    racers = [Thread(target=_count_up, args=(turns, file, 200)) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert file.read_text() == "600"
    assert [entry.name for entry in tmp_path.iterdir()] == ["count"]
