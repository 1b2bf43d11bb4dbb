"""Everything on one machine: `linli run` starts the web server and a worker, and ends both."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import FrameType

import segno
from apiflask import APIFlask

from server import migrating
from server.app import create_app
from server.core.people import service as people
from server.kit import erasures, lan
from server.kit.db import transaction
from server.kit.settings import Settings, UnsafeSettings

STOP_WITHIN_S = 10
# A worker that ends this often cannot start at all: better to stop and say so.
WORKER_ENDS = 5
WITHIN_S = 60.0


def run(settings: Settings) -> int:
    """Migrate, seed the demo, start web server and worker, wait. Returns the exit status."""
    _refuse_taken_port(settings)
    migrating.upgrade(settings)
    env = dict(os.environ, PORT=str(settings.port), LINLI_HOME=str(settings.home), PYTHONUNBUFFERED="1")
    if settings.mode == "embedded" and os.environ.get("LINLI_DEMO", "1") == "1":
        env["LINLI_DEMO"] = "1"
        # In a process of its own: the seeds do their jobs on the spot, without a worker.
        subprocess.run(
            [sys.executable, "-m", "server.cli", "seed-demo"], check=True, env=env, stdout=subprocess.DEVNULL
        )
    erase_again(settings)
    web = _start_web(settings, env)
    _say_where(settings)
    return _watch(web, lambda: _start_worker(env))


def erase_again(settings: Settings) -> int:
    """Erase whom the erasure list names and an old backup has brought back; return how many."""
    if not (settings.home / erasures.NAME).exists():
        return 0
    migrating.upgrade(settings)
    app = create_app(settings, has_worker=False)
    with app.app_context(), transaction() as session:
        return people.erase_again(session)


def work(app: APIFlask) -> None:
    """Take jobs from the broker, in threads, since the solver runs in a process of its own; and react to facts."""
    threading.Thread(target=_react, args=(app,), name="reactions", daemon=True).start()
    celery = app.extensions["linli"].celery
    celery.worker_main(
        [
            "worker",
            "--pool=threads",
            "--concurrency=3",
            "-Q",
            "small,solver",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def _react(app: APIFlask) -> None:
    with app.app_context():
        app.extensions["linli"].reactions.run_forever()


def web_settings(settings: Settings) -> list[str]:
    """Return gunicorn's arguments.

    One machine: one process, more threads than clients, since each live client holds one. With a queue between the
    processes (LINLI_LIVE_QUEUE_URL): several, and a greenlet instead of a thread for each client.
    """
    if settings.live_queue_url:
        workers = ["--worker-class=gevent", f"--workers={settings.web_processes}"]
    else:
        workers = ["--worker-class=gthread", "--workers=1", f"--threads={settings.threads}"]
    return [
        *workers,
        f"--bind={settings.host}:{settings.port}",
        "--graceful-timeout=3",
        "--log-level=warning",
        "--config=python:server.web_process",
    ]


def lan_settings(settings: Settings) -> list[str]:
    """Return gunicorn's arguments for HTTPS on the local network; none elsewhere."""
    if not settings.is_lan:
        return []
    made = lan.ensure_certificate(
        settings.home, lan.own_addresses(), host=socket.gethostname(), now=datetime.now(UTC)
    )
    return [f"--certfile={made.certificate}", f"--keyfile={made.key}"]


def _say_where(settings: Settings) -> None:
    scheme = "https" if settings.is_https else "http"
    print(f"\n  Linli 邻里: {scheme}://localhost:{settings.port}\n  Ctrl-C stops it.\n", flush=True)
    addresses = lan.own_addresses() if settings.is_lan else []
    if addresses:
        address = f"https://{addresses[0]}:{settings.port}"
        print(f"  On your network: {address}\n", flush=True)
        segno.make(address, error="m").terminal(compact=True)
        print(
            f"\n  Once for each phone: open {address}/linli-ca.crt, install it as a trusted certificate,"
            "\n  then open the address above. It vouches for this machine's private addresses only.\n",
            flush=True,
        )


def _start_worker(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "server.cli", "worker"], env=env, start_new_session=True)


def _start_web(settings: Settings, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *web_settings(settings),
        *lan_settings(settings),
        "server.wsgi:app",
    ]
    return subprocess.Popen(command, env=env, start_new_session=True)


def _watch(web: subprocess.Popen[bytes], start_worker: Callable[[], subprocess.Popen[bytes]]) -> int:
    """Wait for a signal or for the web server's end; a worker that ends by itself is followed by another.

    What it held, the new one does: a broker that vanishes may take a Celery worker with it, and no page should
    notice. Returns the exit status.
    """
    is_over = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_over
        is_over = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    worker, ended_s = start_worker(), list[float]()
    while not is_over and web.poll() is None and not ends_too_often(ended_s):
        if worker.poll() is not None:
            ended_s.append(time.monotonic())
            print(
                f"linli: the worker ended ({worker.returncode}): starting another",
                file=sys.stderr,
                flush=True,
            )
            worker = start_worker()
        time.sleep(0.2)
    for child in (worker, web):
        _end(child)
    return 0 if is_over else 1


def ends_too_often(ended_s: Sequence[float]) -> bool:
    """Tell whether the worker ended too often of late. ``ended_s``: when, in seconds, oldest first."""
    return len(ended_s) >= WORKER_ENDS and ended_s[-1] - ended_s[-WORKER_ENDS] < WITHIN_S


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise UnsafeSettings(
                f"Port {settings.port} is taken: choose another with PORT=8001 make run"
            ) from None
