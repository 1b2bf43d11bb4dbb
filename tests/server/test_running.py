"""`linli run` as a whole: what it starts, it keeps running, and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.running import WITHIN_S, ends_too_often

WITHIN = 60
# As /proc shows it.
WORKER = "server.cli\0worker"


@pytest.fixture(autouse=True)
def clock() -> None:
    """The house has a clock of its own."""


@pytest.fixture(autouse=True)
def _empty_tables() -> None:
    """The house has a database of its own."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
    env |= {"LINLI_HOME": str(tmp_path), "LINLI_DEMO": "0", "PORT": str(port)}
    run = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "run"],
        env=env,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield run, f"http://127.0.0.1:{port}"
    run.kill()
    for pid in children(run.pid):
        os.killpg(pid, signal.SIGKILL)


def children(parent: int, command: str = "") -> list[int]:
    """Return the processes that ``parent`` started, of those whose command line holds ``command``."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text()
            line = (entry / "cmdline").read_bytes().decode()
        except (OSError, ValueError):
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent and command in line:
            found.append(int(entry.name))
    return found


def wait_for_worker(run: int, *, other_than: int = 0) -> int:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        workers = [pid for pid in children(run, WORKER) if pid != other_than]
        if workers:
            return workers[0]
        time.sleep(0.1)
    raise AssertionError("no worker")


def wait_until_ready(address: str) -> None:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("never ready")


def test_a_worker_that_dies_is_followed_by_another_and_all_ends_with_the_house(
    house: tuple[subprocess.Popen[bytes], str],
) -> None:
    run, address = house
    wait_until_ready(address)
    dead = wait_for_worker(run.pid)
    os.kill(dead, signal.SIGKILL)
    assert wait_for_worker(run.pid, other_than=dead) != dead
    wait_until_ready(address)
    started = children(run.pid)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=WITHIN) == 0
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize(
    ("ended_s", "is_too_often"),
    [
        ([], False),
        ([1, 2, 3, 4], False),
        ([1, 2, 3, 4, 5], True),
        ([1, 2, 3, 4, 1 + WITHIN_S], False),
        ([-9, 1, 20, 30, 40, 50], True),
    ],
)
def test_a_worker_that_cannot_start_at_all_is_given_up(ended_s: list[float], is_too_often: bool) -> None:
    assert ends_too_often(ended_s) is is_too_often
