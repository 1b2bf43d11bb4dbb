"""The program `linli fake-stripe`: Stripe's wire protocol on this machine, for development and simulations."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from server.kit.ports.fake_stripe import FakeStripe


@click.command("fake-stripe")
@click.option("--port", default=12111, show_default=True)
@click.option("--file", type=click.Path(path_type=Path), help="Keep the books here, over restarts.")
@click.option("--deliver-to", help="Send messages there: http://localhost:8000/api/money/webhooks/stripe")
@click.option("--key", default="sk_test_fake", show_default=True)
@click.option("--secret", default="whsec_fake", show_default=True)
def fake_stripe(port: int, file: Path | None, deliver_to: str | None, key: str, secret: str) -> None:
    """Serve until Ctrl-C; say what Linli's environment needs to pay through it."""
    server = FakeStripe(key=key, secret=secret, file=file, port=port, deliver_to=deliver_to).start()
    click.echo(f"LINLI_STRIPE_API={server.url} LINLI_STRIPE_KEY={key} LINLI_STRIPE_WEBHOOK_SECRET={secret}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()
