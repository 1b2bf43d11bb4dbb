"""The whole product as a committee starts it, `linli run`, on a free port and an empty home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser, sync_playwright

READY_WITHIN_S = 90
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running_house(home: Path, **settings: str) -> Iterator[str]:
    """Start `linli run` with the demo in ``home``; yield its address; end it as Ctrl-C would.

    ``settings``: more environment variables, LAN="1" for one.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = dict(os.environ, LINLI_HOME=str(home), PORT=str(port), LINLI_DEMO="1", **settings)
    log = (home / "house.log").open("wb")
    house = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "run"], env=env, stdout=log, stderr=log, start_new_session=True
    )
    try:
        address = f"{'https' if settings.get('LAN') == '1' else 'http'}://localhost:{port}"
        _wait_until_ready(address, house, home)
        yield address
    finally:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(house.pid, signal.SIGKILL)
        log.close()


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


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        # Root may not use Chromium's sandbox; nothing but our own pages is opened.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
