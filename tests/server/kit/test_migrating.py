"""Processes that start together bring one new database up to date, once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

PROCESSES = 4


def test_processes_that_start_together_migrate_once(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "LINLI_HOME": str(tmp_path / "new")}
    if not database_url.startswith("sqlite"):
        environment["LINLI_DATABASE_URL"] = _new_database(database_url)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "server.cli", "migrate"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES, "\n".join(said)


def _new_database(url: str) -> str:
    name = f"new_{uuid4().hex}"
    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    server = sa.create_engine(driver, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    server.dispose()
    return f"{url.rpartition('/')[0]}/{name}"
