"""`python -m bench isolation|market [--write FILE]`."""

from __future__ import annotations

from pathlib import Path

import click

from bench import isolation, market, report


@click.group()
def main() -> None:
    """Measure the server on this machine."""


@main.command("isolation")
@click.option("--residents", default=10_000, show_default=True, help="How many people are isolated.")
@click.option("--rounds", default=60, show_default=True, help="How often each page is asked for.")
@click.option(
    "--orders", default=200, show_default=True, help="How many homes are isolated while gates watch."
)
@click.option("--write", "file", type=click.Path(path_type=Path), help="Markdown file that gets the figures.")
def isolation_command(residents: int, rounds: int, orders: int, file: Path | None) -> None:
    """A whole compound in isolation on SQLite: how fast its pages are, and how fast a gate learns of an order."""
    lines = isolation.measure(residents, rounds, orders)
    click.echo("\n".join(lines))
    if file is not None:
        report.put(file, "isolation", lines)


@main.command("market")
@click.option("--products", default=10_000, show_default=True, help="How many products the shops have.")
@click.option("--rounds", default=400, show_default=True, help="How many searches.")
@click.option(
    "--pieces", default=6_000, show_default=True, help="How many pieces of one product are fought for."
)
@click.option("--write", "file", type=click.Path(path_type=Path), help="Markdown file that gets the figures.")
def market_command(products: int, rounds: int, pieces: int, file: Path | None) -> None:
    """Search among many products, and reservations of one hot product by four processes at once."""
    lines = market.measure(products, rounds, pieces)
    click.echo("\n".join(lines))
    if file is not None:
        report.put(file, "market", lines)


if __name__ == "__main__":
    main()
