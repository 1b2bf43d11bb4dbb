"""The fake provider as a process of its own, which dies where it is told to."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import requests

from server.kit.ports.fake_stripe import FakeStripe, Fault, When

START_WITHIN_S = 60


def start(file: Path, port: int, path: str, when: When) -> BaseProcess:
    """Start the server; at the first request to ``path`` the process is gone, before it or after what it asks for."""
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(file, port, path, when))
    process.start()
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        try:
            requests.get(f"http://127.0.0.1:{port}/_fake/events", timeout=1)
            return process
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("the fake provider did not start")


def serve(file: Path, port: int, path: str, when: When) -> None:
    """Serve until somebody ends the process, or it ends itself."""
    fault = Fault(path, when, kills=True)
    FakeStripe(file=file, port=port, faults=[fault]).start()
    while True:
        time.sleep(60)
