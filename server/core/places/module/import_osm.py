"""The command `linli import-osm`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import current_app

from server.core.communities import service as communities
from server.core.places import service
from server.core.places.module.texts import TEXTS
from server.core.places.rules.fire_lanes import assume_fire_lanes
from server.core.places.rules.osm import read_osm
from server.core.places.rules.survey import Survey
from server.core.places.rules.surveying import survey
from server.kit.db import reading, transaction
from server.kit.errors import OutsideFailed, Problem
from server.kit.permissions import SYSTEM
from server.kit.ports.geocoder import Geocoder, KnownPlaces


@click.command("import-osm")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--community", "slug", required=True, help="Slug of the community; made if there is none.")
@click.option("--within", help="Name of an area or place in the map, or an address; default: all of the map.")
@click.option(
    "--mark-fire-lanes", is_flag=True, help="Take roads of 3 m and more for fire lanes; maps lack them."
)
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
def import_osm(file: Path, slug: str, within: str | None, mark_fire_lanes: bool, as_json: bool) -> None:
    """Build a compound from OpenStreetMap data (.osm, .osm.pbf): buildings, doors, gates and lanes."""
    try:
        surveyed = survey(read_osm(file), within=within, locate=_geocoder(slug).locate)
        if mark_fire_lanes:
            surveyed = assume_fire_lanes(surveyed)
        figures = {"community": slug, **_write(surveyed, slug, within)}
    except Problem as problem:
        _fail({"code": problem.code, "detail": _sentence(problem), "facts": problem.facts}, as_json)
    except OutsideFailed as error:
        _fail({"code": "places.geocoder_failed", "detail": str(error), "facts": {}}, as_json)
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else report(figures))


def _geocoder(slug: str) -> Geocoder:
    geocoder: Geocoder = current_app.extensions["linli"].ports["geocoder"]
    if not isinstance(geocoder, KnownPlaces):
        return geocoder
    with reading() as session:
        community = communities.find(session, slug)
        own = service.own_places(session, community.id) if community else {}
    return KnownPlaces({**geocoder.places, **own})


def _write(surveyed: Survey, slug: str, within: str | None) -> dict[str, Any]:
    modules = [m.name for m in current_app.extensions["linli"].registry.modules if not m.is_core]
    with transaction() as session:
        community = communities.find(session, slug)
        is_new = community is None
        if community is None:
            communities.create_community(session, slug, within or slug, modules=modules)
            community = communities.find(session, slug)
            assert community is not None
        figures = service.import_map(session, SYSTEM, community, surveyed)
    return {"is_new": is_new, **figures}


def report(figures: dict[str, Any]) -> str:
    """Return the figures as people read them."""
    lines = [
        f"{figures['community']}{' (new)' if figures['is_new'] else ''}: "
        f"{figures['buildings']} buildings, {figures['entrances']} entrances "
        f"({figures['entrances_assumed']} assumed), {figures['gates']} gates",
        f"lanes: {figures['lane_km']} km in {figures['lanes']} pieces, of which fire lanes "
        f"{figures['fire_lane_km']} km; {figures['components']} component(s); "
        f"version {figures['network_version']}",
    ]
    if figures["removed"] or figures["kept"]:
        lines.append(f"no longer in the map: {figures['removed']} removed, {figures['kept']} kept")
    for title, mended in (("Mended:", True), ("Could not be mended:", False)):
        found = [finding for finding in figures["findings"] if finding["was_mended"] is mended]
        if found:
            lines.append(title)
        for finding in found:
            lines.append(
                f"  {finding['count']:>4} × {finding['what']} ({', '.join(finding['examples'][:3])})"
            )
    if not figures["fire_lane_km"]:
        lines.append(
            "No fire lane is marked, so carts have nowhere to go: mark them on the map page or by CSV, or import again "
            "with --mark-fire-lanes."
        )
    return "\n".join(lines)


def _sentence(problem: Problem) -> str:
    texts = {**current_app.extensions["linli"].registry.texts, **TEXTS}
    return texts[problem.code][1] if problem.code in texts else problem.code


def _fail(problem: dict[str, Any], as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(problem, ensure_ascii=False, indent=2, default=str))
    else:
        facts = {key: value for key, value in problem["facts"].items() if value not in (None, [])}
        click.echo(f"{problem['detail']} [{problem['code']}] {facts or ''}".rstrip(), err=True)
    sys.exit(2)
