"""A simulated town on what a city would run: PostgreSQL, Valkey, two web processes and a worker, all of them real.

While the town lives, a web process is killed without warning, Valkey hangs, and Valkey loses everything it holds.
Nobody may notice more than a delay: no request fails for good, no live message is lost, nothing is delivered twice.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.processes import command_line, descendants, parent, pids
from tests.servers import free_port, postgres, valkey

BEGIN_WITHIN_S = 90
END_WITHIN_S = 400
BETWEEN_FAULTS_S = 12
QUEUE_AWAY_S = 2
QUEUE_HANGS_S = 8


@pytest.fixture
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


def test_a_town_lives_through_a_killed_web_process_and_a_hung_and_emptied_queue(
    database: str, tmp_path: Path
) -> None:
    port = free_port()
    with ExitStack() as first:
        queue = first.enter_context(valkey(port))
        with (tmp_path / "log").open("wb") as log:
            town = subprocess.Popen(_command(database, queue), stdout=subprocess.PIPE, stderr=log)
        try:
            killed = _kill_a_web_process(town.pid)
            _hang(port)
            first.close()
            time.sleep(QUEUE_AWAY_S)
            with valkey(port):
                out, _ = town.communicate(timeout=END_WITHIN_S)
        finally:
            town.kill()
    assert killed
    found = json.loads(out)
    assert _faults(found) == {"errors": 0, "violations": 0, "lost": 0, "left_open": 0}, found
    assert town.returncode == 0
    assert found["needs"]["served"] >= 0.9 * found["needs"]["posted"]


def _command(database: str, queue: str) -> list[str]:
    town = "--homes 60 --needs 20 --couriers 3 --speed 90 --json"
    servers = ["--database", database, "--queue", queue]
    return [sys.executable, "-m", "server.cli", "simulate", *town.split(), *servers]


def _faults(found: dict[str, Any]) -> dict[str, int]:
    return {
        "errors": found["errors"],
        "violations": found["plan"]["violations"],
        "lost": found["live"]["lost"],
        "left_open": found["needs"]["posted"] - found["needs"]["served"] - found["needs"]["unserved"],
    }


def _kill_a_web_process(town: int) -> bool:
    """Wait until the town has two web processes, let it live for a while, and kill one of them."""
    deadline = time.monotonic() + BEGIN_WITHIN_S
    while time.monotonic() < deadline:
        if len(_web_processes(town)) >= 2:
            time.sleep(BETWEEN_FAULTS_S)
            os.kill(_web_processes(town)[0], signal.SIGKILL)
            time.sleep(BETWEEN_FAULTS_S)
            return True
        time.sleep(0.5)
    return False


def _hang(port: int) -> None:
    """Stop Valkey for a while: it keeps its connections and answers nobody."""
    (queue,) = (pid for pid in pids() if _is_valkey(pid, port))
    os.kill(queue, signal.SIGSTOP)
    time.sleep(QUEUE_HANGS_S)
    os.kill(queue, signal.SIGCONT)
    time.sleep(BETWEEN_FAULTS_S)


def _web_processes(ancestor: int) -> list[int]:
    """Return gunicorn's workers below ``ancestor``: those whose parent is gunicorn too."""
    return [pid for pid in descendants(ancestor) if _is_gunicorn(pid) and _is_gunicorn(parent(pid))]


def _is_gunicorn(pid: int) -> bool:
    return b"gunicorn" in command_line(pid)


def _is_valkey(pid: int, port: int) -> bool:
    line = command_line(pid)
    return b"valkey-server" in line and str(port).encode() in line
