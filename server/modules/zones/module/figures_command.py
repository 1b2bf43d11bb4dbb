"""The command `linli zones figures`: how well the reader reads, against rows that a person has labelled."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from server.modules.zones.rules import figures

ROOT = Path(__file__).parents[4]
LISTING = ROOT.parent / "shared" / "data" / "quarantine-zones-tianjin-2022" / "zones.csv"
LABELS = ROOT / "tests" / "zones" / "labels.csv"
PAGE = ROOT / "docs" / "zones.md"


@click.group()
def zones() -> None:
    """Official zones: how well lists of them are read."""


@zones.command("figures")
@click.argument("listing", type=click.Path(path_type=Path), default=LISTING)
@click.option("--labels", type=click.Path(path_type=Path), default=LABELS, help="Labelled rows.")
@click.option("--write/--no-write", "writes", default=True, help="Put them into docs/zones.md.")
def write_figures(listing: Path, labels: Path, writes: bool) -> None:
    """Score the reader on the labelled rows of LISTING; a row that is silently wrong is an error."""
    if not listing.exists() or not labels.exists():
        raise click.ClickException(f"not here: {listing if not listing.exists() else labels}")
    with listing.open(encoding="utf-8-sig", newline="") as file:
        texts = [row["place"] for row in csv.DictReader(file)]
    wanted = figures.read_labels(labels.read_text(encoding="utf-8"))
    scored = figures.score_all(wanted, texts)
    table = figures.table(scored, texts)
    click.echo(table)
    if writes:
        PAGE.write_text(figures.put_between(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    wrong = figures.counts(scored)[figures.WRONG]
    if wrong:
        raise click.ClickException(f"{wrong} rows silently wrong")
