"""The command `linli plan`."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, NoReturn
from uuid import UUID

import click
from flask import current_app
from sqlalchemy import select

from server.core.communities import service as communities
from server.core.deliveries import service
from server.core.deliveries.module.texts import TEXTS
from server.core.deliveries.routes import wave_out
from server.kit.db import reading, transaction
from server.kit.errors import NotFound, Problem
from server.kit.jobs import JobRow, engine
from server.kit.permissions import SYSTEM

WAIT_S = 180


@click.command("plan")
@click.option("--community", "slug", required=True, help="Slug of the community.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
def plan(slug: str, as_json: bool) -> None:
    """Plan the next wave, or the one that waits for its release once more, and print it with its figures."""
    try:
        wave = _planned(slug)
    except Problem as problem:
        texts = {**current_app.extensions["linli"].registry.texts, **TEXTS}
        sentence = texts.get(problem.code, ("", problem.code))[1]
        _fail({"code": problem.code, "detail": sentence, "facts": problem.facts}, as_json)
    click.echo(json.dumps(wave, ensure_ascii=False, indent=2) if as_json else report(wave))
    sys.exit(0 if wave["state"] == "planned" else 1)


def _planned(slug: str) -> dict[str, Any]:
    with transaction() as session:
        community = communities.find(session, slug)
        if community is None:
            raise NotFound("community.not_found", community=slug)
        wave = service.open_wave(session, community.id)
        if wave is None:
            wave = service.start_wave(session, SYSTEM, community)
        elif wave.state == "planned":
            service.plan_anew(session, wave, why=None)
        wave_id, key = wave.id, service.planning_key(wave)
    with reading() as session:
        job_id = session.scalar(select(JobRow.id).where(JobRow.key == key))
    if job_id is not None:
        # A worker may have been quicker; then its plan is waited for.
        engine().run(job_id)
    return _wait(community.id, wave_id)


def _wait(community_id: UUID, wave_id: UUID) -> dict[str, Any]:
    patience = time.monotonic() + WAIT_S
    while True:
        with reading() as session:
            wave = service.find_wave(session, community_id, wave_id)
            if wave.state != "planning" or time.monotonic() > patience:
                return wave_out(session, wave).model_dump(mode="json")
        time.sleep(0.5)


def report(wave: dict[str, Any]) -> str:
    """Return the plan as people read it."""
    figures = wave["figures"]
    if wave["state"] != "planned":
        return f"wave {wave['id']}: {wave['state']} ({wave['trouble']})"
    lines = [
        f"wave {wave['id']}: {figures['stops']} stops on {figures['routes']} routes, {figures['unserved']} not served, "
        f"cost {figures['cost']} s, {figures['violations']} violations"
    ]
    for route in wave["routes"]:
        stops = ", ".join(
            f"{stop['label']}{' (red)' * (stop['protocol'] == 'red')}" for stop in route["stops"]
        )
        lines.append(f"  {route['helper_label'] or route['helper_id']} ({route['vehicle']}): {stops}")
    for left in wave["unserved"]:
        sentence = TEXTS.get(f"deliveries.unserved.{left['reason']}", ("", left["reason"]))[1]
        lines.append(f"  not served: {left['label']}: {sentence}")
    for unused in figures["unused_helpers"]:
        lines.append(f"  stays: {unused['helper_id']} ({unused['why']})")
    return "\n".join(lines)


def _fail(problem: dict[str, Any], as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(problem, ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(f"{problem['detail']} [{problem['code']}]", err=True)
    sys.exit(2)
