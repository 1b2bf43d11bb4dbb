"""Gunicorn's settings that have to be functions."""

from __future__ import annotations

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Start the relay and the ticker in the process that serves, after the fork."""
    from server.wsgi import start_background

    start_background()
