"""`linli audit verify`, `rewrap-keys` and `erase-again`, as an operator types them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from server.kit import crypto, erasures

# One process for several commands: starting one takes seconds.
RUN = """
import json, sys
from click.testing import CliRunner
from server.cli import linli
answers = [CliRunner().invoke(linli, arguments) for arguments in json.loads(sys.argv[1])]
print(json.dumps([[answer.exit_code, answer.stdout] for answer in answers]))
"""


def linli(home: Path, *calls: str) -> list[tuple[int, str]]:
    """Type each of the calls; return (exit status, what was said) of each."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("LINLI_")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([call.split() for call in calls])],
        env={**env, "LINLI_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [(status, said) for status, said in json.loads(done.stdout.splitlines()[-1])]


def column(home: Path, query: str) -> list[str]:
    connection = sqlite3.connect(home / "linli.db")
    try:
        with connection:
            return [row[0] for row in connection.execute(query)]
    finally:
        connection.close()


def test_the_commands_of_an_operator(tmp_path: Path, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("once is enough: the commands do not know which database it is")
    made = linli(
        tmp_path,
        "create-community wutong 梧桐里",
        "create-officer --community wutong --login me --password a-pass-word",
        "rewrap-keys --new",
        "rewrap-keys",
    )
    assert [status for status, _ in made] == [0, 0, 0, 0], made
    assert [said.split()[0] for _, said in made[2:]] == ["1", "0"]
    assert not (tmp_path / "field.key.older").exists()
    now_wraps = crypto.fingerprint(bytes.fromhex((tmp_path / "field.key").read_text()))
    assert column(tmp_path, "SELECT wrapped_by FROM kit_subject_key") == [now_wraps]

    # One line about the officer, and one about somebody whom this database never knew.
    officer, at = column(tmp_path, "SELECT id FROM people_person")[0], datetime.now(UTC).isoformat()
    (tmp_path / erasures.NAME).write_text(f"{uuid4()} {at}\n{officer} {at}\n")
    answers = linli(
        tmp_path, "erase-again", "erase-again", "audit verify", "audit verify --community nowhere"
    )
    assert answers[:2] == [(0, "1 erased again\n"), (0, "0 erased again\n")]
    assert column(tmp_path, "SELECT id FROM kit_subject_key WHERE wrapped IS NOT NULL") == []
    assert (answers[2][0], answers[2][1].startswith("wutong: whole")) == (0, True)
    assert answers[3][0] == 1

    forged = "UPDATE kit_audit SET sealed_order = 1, hash = 'x' WHERE id = (SELECT min(id) FROM kit_audit)"
    column(tmp_path, forged)
    [(status, said)] = linli(tmp_path, "audit verify")
    assert (status, "broken at" in said) == (1, True)
