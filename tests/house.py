"""The whole product as a committee starts it, `linli run`, on a free port and an empty home of its own."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

from tests.processes import descendants
from tests.servers import free_port

READY_WITHIN_S = 90


@contextmanager
def running_house(home: Path, **settings: str) -> Iterator[str]:
    """Start `linli run` with the demo in ``home``; yield its address; end it as Ctrl-C would.

    ``settings``: more environment variables, LAN="1" for one.
    """
    house, address = start_house(home, **settings)
    try:
        _wait_until_ready(address, house, home)
        yield address
    finally:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(house.pid, signal.SIGKILL)


@contextmanager
def doomed_house(home: Path) -> Iterator[str]:
    """Start the same house, and kill all its processes at once when the block ends: none can tidy up."""
    house, address = start_house(home)
    try:
        _wait_until_ready(address, house, home)
        yield address
    finally:
        # The web server and the worker are in sessions of their own. Parents first: they cannot start a child anew.
        for pid in sorted([house.pid, *descendants(house.pid)]):
            # Some end by themselves at just this moment.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        house.wait()


def start_house(home: Path, **settings: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the house in a session of its own; return it and the address that it will have."""
    port = free_port()
    env = dict(os.environ, LINLI_HOME=str(home), PORT=str(port), LINLI_DEMO="1", **settings)
    with (home / "house.log").open("ab") as log:
        house = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "run"],
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return house, f"{'https' if settings.get('LAN') == '1' else 'http'}://localhost:{port}"


def trust_of(home: Path) -> ssl.SSLContext | None:
    """Trust the authority of the house in ``home`` and no other; None for a house without HTTPS."""
    authority = home / "lan" / "authority.crt"
    return ssl.create_default_context(cafile=str(authority)) if authority.exists() else None


def _wait_until_ready(address: str, house: subprocess.Popen[bytes], home: Path) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2, context=trust_of(home)):
                return
        except (URLError, OSError):
            if house.poll() is not None:
                break
            time.sleep(0.2)
    log = (home / "house.log").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the house did not start:\n{log[-4000:]}")
