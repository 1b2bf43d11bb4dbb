"""The one composition root: settings and ports in, a running application out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from apiflask import APIFlask
from celery import Celery

from server import __version__
from server.core.communities import service as communities
from server.core.people import service as people
from server.installed import INSTALLED
from server.kit import (
    clock,
    crypto,
    erasures,
    http,
    idempotency,
    jobs,
    looking_inside,
    pages,
    reads,
    row_security,
)
from server.kit.composition import Linli
from server.kit.db import Base, Database, use_database
from server.kit.live import connect_live, publisher
from server.kit.live_rights import LiveRights, OpenSockets
from server.kit.module import Module
from server.kit.permissions import access_of
from server.kit.ports.adapters import make_ports
from server.kit.reactions import Reactions
from server.kit.registry import Registry, WrongManifest
from server.kit.relay import Relay
from server.kit.settings import Settings
from server.kit.ticker import Ticker
from server.kit.turns import take_short_steps

DESCRIPTION = (
    "Needs, matching, dispatching and contactless delivery for a community that has closed its gates."
)


def create_app(
    settings: Settings,
    *,
    ports: Mapping[str, Any] | None = None,
    installed: tuple[Module, ...] = INSTALLED,
    has_worker: bool = True,
) -> APIFlask:
    """Build the application.

    ``ports``: adapters that replace the settings' own (tests give fakes). ``has_worker``: whether a Celery worker will
    take the jobs; without one they wait until somebody calls ``jobs.run_pending``.
    Raises UnsafeSettings or WrongManifest: an application that would be unsafe or contradictory does not start.
    """
    settings.refuse_if_unsafe()
    configure_logging()
    take_short_steps()
    clock.use(settings.clock())
    crypto.use_keys(settings.field_key, settings.index_key, older=settings.older_field_keys)
    erasures.use_list(settings.home / erasures.NAME)
    database = Database(settings.database_url)
    use_database(database)
    if settings.mode == "production" and not database.is_sqlite:
        row_security.refuse_without(database.engine, Base.metadata)
    registry = Registry(installed)
    app = _flask(settings)
    celery = jobs.make_celery(settings)
    engine = jobs.JobEngine(registry, jobs.sender(celery) if has_worker else None)
    jobs.use_engine(engine)
    linli = Linli(
        settings=settings,
        registry=registry,
        database=database,
        jobs=engine,
        celery=celery,
        find_community=communities.find_now,
        load_actor=people.load_actor,
        ports={**make_ports(settings), **(ports or {})},
    )
    app.extensions["linli"] = linli
    looking_inside.install_measuring(app)
    people.install_sign_in(app, settings)
    http.install_gate(app, communities.find_now)
    _register(app, registry)
    http.install_problems(app, registry.texts)
    pages.install_headers(app)
    sockets = OpenSockets()
    linli.socketio = connect_live(app, settings, sockets)
    linli.live_rights = LiveRights(sockets, people.ended_grants, linli.socketio.server.disconnect)
    linli.relay = Relay(registry, publisher(linli.socketio, settings), communities.modules_of)
    linli.reactions = Reactions(registry)
    linli.ticker = Ticker(engine, communities.switched_on)
    _give_work(celery, app, engine)
    return app


def configure_logging() -> None:
    """Log to standard error: for people on a terminal, as JSON elsewhere."""
    is_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def _flask(settings: Settings) -> APIFlask:
    app = APIFlask(
        "server", title="Linli", version=__version__, spec_path="/api/openapi.json", docs_path=None
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        OPENAPI_VERSION="3.1.0",
        AUTO_OPERATION_ID=True,
        DESCRIPTION=DESCRIPTION,
        SESSION_COOKIE_NAME="__Host-linli" if settings.is_https else "linli",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=http.BODY_BYTES,
        TESTING=settings.mode == "test",
    )
    return app


def _register(app: APIFlask, registry: Registry) -> None:
    for module in registry.modules:
        for blueprint in module.blueprints:
            app.register_blueprint(blueprint)
    # Inside of what answers once: an answer that is given again was recorded with the first.
    reads.install_reads(app)
    idempotency.install_idempotency(app)
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/") or rule.endpoint in ("openapi.spec", "pages.docs"):
            continue
        access = access_of(app.view_functions[rule.endpoint])
        if access is None:
            raise WrongManifest(
                f"{rule.rule} does not say who may call it: mark it @allow, @signed_in or @public"
            )
        if access.permission is not None and access.permission not in registry.roles_of:
            raise WrongManifest(f"{rule.rule} demands {access.permission}, which no module declares")
        if "<community>" in rule.rule and registry.module(http.owner_of(rule.endpoint)) is None:
            raise WrongManifest(f"{rule.rule} belongs to no installed module")


def _give_work(celery: Celery, app: APIFlask, engine: jobs.JobEngine) -> None:
    @celery.task(name=jobs.TASK)
    def run_job(job_id: str) -> None:
        with app.app_context():
            engine.run(UUID(job_id))
