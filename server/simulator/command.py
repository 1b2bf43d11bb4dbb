"""The command `linli simulate`."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import click

from server.simulator import report
from server.simulator.run import Wanted, simulate
from server.simulator.server_process import CannotStart


@click.command("simulate")
@click.option(
    "--map", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="An OSM file."
)
@click.option("--within", help="Name of an area in the map; default: all of it.")
@click.option("--homes", default=1200, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--needs", default=300, show_default=True, type=click.IntRange(1, 5_000))
@click.option("--couriers", default=12, show_default=True, type=click.IntRange(1, 200))
@click.option(
    "--speed", default=90.0, show_default=True, type=click.FloatRange(1, 600), help="Simulated s per s."
)
@click.option("--seed", default=1, show_default=True)
@click.option("--hours", default=8.0, show_default=True, help="Simulated time at most.")
@click.option(
    "--served-at-least",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the needs.",
)
@click.option("--database", default="", help="Run on this empty PostgreSQL database instead of SQLite.")
@click.option("--queue", default="", help="Redis or Valkey: several web processes share it, as in a city.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--keep", is_flag=True, help="Keep the run's folder with database and logs.")
def simulate_command(
    file: Path | None,
    within: str | None,
    homes: int,
    needs: int,
    couriers: int,
    speed: float,
    seed: int,
    hours: float,
    served_at_least: float,
    database: str,
    queue: str,
    as_json: bool,
    keep: bool,
) -> None:
    """Let a town of simulated people use a real server, through its API and live channel alone.

    Exit 0 only without an unexpected answer, a lost message or a violated plan, and with enough needs served.
    """
    # Being ended is being interrupted: what was started is ended, the folder is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if needs > homes:
        raise click.UsageError("--needs: each home posts one need; give at least as many --homes")
    if queue and not database.startswith("postgres"):
        raise click.UsageError("--queue: several processes need a PostgreSQL --database")
    wanted = Wanted(file, within, homes, needs, couriers, speed, seed, hours, keep, database, queue)
    try:
        found = simulate(wanted)
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else report.table(found))
    faults = report.faults(found, served_at_least=served_at_least)
    for fault in faults:
        click.echo(f"simulate: {fault}", err=True)
    if report.is_too_fast(found, speed):
        click.echo(f"simulate: this machine cannot follow --speed {speed:g}: try a slower one", err=True)
    raise SystemExit(1 if faults else 0)
