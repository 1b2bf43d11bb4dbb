"""A real server with its worker, made for one run: a folder of its own, a free port, a hurried clock."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from server.simulator.hurry import HurriedTime

# Eight in the morning in Shanghai.
DAWN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
READY_WITHIN_S = 60
STOP_WITHIN_S = 20
# Two seconds of the wall are minutes here, while which the couriers wait.
SOLVE_LIMIT_S = 2.0
PYTHON = (sys.executable, "-m", "server.cli")


class CannotStart(Exception):
    """The town could not be prepared; the message says why."""


@dataclass(frozen=True)
class Place:
    """Where a run lives: its folder, its address, its time and the environment of its processes."""

    home: Path
    base_url: str
    clock: HurriedTime
    env: dict[str, str]

    def command(self, *arguments: str) -> str:
        """Run a `linli` command as anybody could; return what it prints. Raises CannotStart if it fails."""
        done = subprocess.run(
            [*PYTHON, *arguments], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CannotStart(
                f"linli {' '.join(arguments[:1])}: {(done.stderr or done.stdout).strip()[-800:]}"
            )
        return done.stdout


@dataclass(frozen=True)
class Servers:
    """What the server stands on. ``database``: PostgreSQL, or SQLite if empty; ``queue``: Redis or Valkey, or none."""

    database: str = ""
    queue: str = ""

    def env(self) -> dict[str, str]:
        """Return the settings that name them."""
        named = {"LINLI_DATABASE_URL": self.database}
        if self.queue:
            named |= {"LINLI_BROKER_URL": self.queue, "LINLI_LIVE_QUEUE_URL": self.queue}
        return {name: value for name, value in named.items() if value}


@contextmanager
def place(factor: float, threads: int, servers: Servers, *, keep: bool) -> Iterator[Place]:
    """Make the folder and yield the place; the folder is removed afterwards unless ``keep``."""
    home = Path(tempfile.mkdtemp(prefix="linli-simulate-"))
    try:
        port, wall_s = _free_port(), time.time()
        clock = HurriedTime(factor, wall_s, DAWN)
        # No setting of whoever runs this reaches the server: not their database, not their keys.
        env = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
        env |= {
            "LINLI_HOME": str(home),
            "LINLI_MODE": "simulation",
            "LINLI_CLOCK_FACTOR": repr(factor),
            "LINLI_CLOCK_STARTED_AT": DAWN.isoformat(),
            "LINLI_CLOCK_STARTED_WALL_S": repr(wall_s),
            "LINLI_THREADS": str(threads),
            "LINLI_SOLVE_LIMIT_S": str(SOLVE_LIMIT_S),
            # Nobody there reads it, and the clock runs faster than the machine.
            "LINLI_HELP_LIMIT_S": "0",
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            **servers.env(),
        }
        yield Place(home, f"http://127.0.0.1:{port}", clock, env)
    finally:
        if keep:
            print(f"simulate: kept {home}", file=sys.stderr)
        else:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_provider(where: Place) -> Iterator[Place]:
    """Start the fake of the payment provider, and yield the place as one whose server pays through it."""
    port = _free_port()
    hook = f"{where.base_url}/api/money/webhooks/stripe"
    paying = [*PYTHON, "fake-stripe", "--port", str(port), "--deliver-to", hook]
    with (where.home / "provider.log").open("wb") as out:
        child = subprocess.Popen(
            paying, env=where.env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        env = {
            "LINLI_STRIPE_API": f"http://127.0.0.1:{port}",
            "LINLI_STRIPE_KEY": "sk_test_fake",
            "LINLI_STRIPE_WEBHOOK_SECRET": "whsec_fake",
        }
        try:
            yield replace(where, env={**where.env, **env})
        finally:
            _end(child)


@contextmanager
def running_server(where: Place) -> Iterator[subprocess.Popen[bytes]]:
    """Start web server and worker, wait until they are ready, end both afterwards. Raises CannotStart."""
    log = where.home / "server.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [*PYTHON, "run"], env=where.env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_until_ready(where.base_url, child, log)
            yield child
        finally:
            _end(child)


def _wait_until_ready(base_url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        try:
            if httpx.get(f"{base_url}/readyz", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise CannotStart(f"the server did not start: {log.read_text(errors='replace')[-800:]}")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        # `linli run` ends the web server and the worker that it started.
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
