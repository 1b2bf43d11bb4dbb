"""The web process: `gunicorn server.wsgi:app`. Serves HTTP and the live channel, relays events, keeps the clockwork."""

from __future__ import annotations

import threading
from collections.abc import Callable

from server.app import create_app
from server.kit.settings import load_settings

app = create_app(load_settings())


def start_background() -> None:
    """Start the relay, the ticker and the watch over open sockets; called once in each web process, after the fork."""
    linli = app.extensions["linli"]
    background = {"relay": linli.relay, "ticker": linli.ticker, "live rights": linli.live_rights}
    for name, part in background.items():
        threading.Thread(target=_in_app, args=(part.run_forever,), name=name, daemon=True).start()


def _in_app(run: Callable[[], None]) -> None:
    with app.app_context():
        run()
