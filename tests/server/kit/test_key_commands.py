"""`linli audit verify`, `rewrap-keys` and `erase-again`, as an operator types them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from server.kit import erasures


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Path:
    if not database_url.startswith("sqlite"):
        pytest.skip("once is enough: the commands do not know which database it is")
    assert linli(tmp_path, "create-community", "wutong", "梧桐里").returncode == 0
    answer = linli(
        tmp_path, "create-officer", "--community", "wutong", "--login", "me", "--password", "a pass word"
    )
    assert answer.returncode == 0, answer.stderr
    return tmp_path


def linli(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("LINLI_")}
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env={**env, "LINLI_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def column(home: Path, query: str) -> list[str]:
    connection = sqlite3.connect(home / "linli.db")
    try:
        with connection:
            return [row[0] for row in connection.execute(query)]
    finally:
        connection.close()


def test_the_commands_of_an_operator(house: Path) -> None:
    first = column(house, "SELECT DISTINCT wrapped_by FROM kit_subject_key")
    answer = linli(house, "rewrap-keys", "--new")
    assert answer.returncode == 0, answer.stderr
    second = column(house, "SELECT DISTINCT wrapped_by FROM kit_subject_key")
    assert (len(first), len(second), first == second) == (1, 1, False)
    assert not (house / "field.key.older").exists()

    # A list that came from another database's erasures, and one line about the officer.
    officer = column(house, "SELECT id FROM people_person")[0]
    at = datetime.now(UTC).isoformat()
    (house / erasures.NAME).write_text(f"{uuid4()} {at}\n{officer} {at}\n")
    assert linli(house, "erase-again").stdout == "1 erased again\n"
    assert linli(house, "erase-again").stdout == "0 erased again\n"
    live = "SELECT subject_id FROM kit_subject_key WHERE wrapped IS NOT NULL"
    assert officer not in column(house, live)

    verified = linli(house, "audit", "verify")
    assert (verified.returncode, verified.stdout.startswith("wutong: whole")) == (0, True)
    assert linli(house, "audit", "verify", "--community", "nowhere").returncode == 1
    column(
        house,
        "UPDATE kit_audit SET sealed_order = 1, hash = 'forged' WHERE id = (SELECT min(id) FROM kit_audit)",
    )
    broken = linli(house, "audit", "verify")
    assert (broken.returncode, "broken at" in broken.stdout) == (1, True)
