"""A small town lives a day on the demo compound: a real server, real sockets, nobody in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def clock() -> None:
    """The town has a clock of its own."""


@pytest.fixture(autouse=True)
def _empty_tables() -> None:
    """The town has a database of its own."""


def test_a_small_town_is_served_without_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    asked = ["--homes", "60", "--needs", "20", "--couriers", "3", "--speed", "240", "--seed", "1", "--json"]
    asked += ["--served-at-least", "0.8"]
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "simulate", *asked],
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["needs"]["posted"] == 20
    assert found["needs"]["services"] >= 6
    assert found["plan"]["stops"] > 0
    assert found["plan"]["violations"] == 0
    assert found["drops"]["confirmed"] > 0
    assert found["live"]["lost"] == 0
    assert found["live_delay_ms"]["p50"] > 0
    assert found["errors"] == 0
    assert list(tmp_path.glob("linli-simulate-*")) == []
