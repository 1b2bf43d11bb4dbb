"""Health, readiness and figures for whoever keeps the installation running."""

from __future__ import annotations

import time

import structlog
from apiflask import APIBlueprint
from flask import Flask, Response, current_app, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from server.kit.db import reading
from server.kit.jobs import JobRow
from server.kit.outbox import DeliveryRow, OutboxRow

FIGURES = CollectorRegistry()
REQUESTS = Counter("linli_requests_total", "Requests answered", ["endpoint", "status"], registry=FIGURES)
SECONDS = Histogram("linli_request_seconds", "Time to answer", ["endpoint"], registry=FIGURES)
OUTBOX = Gauge("linli_outbox_waiting", "Events not relayed yet", registry=FIGURES)
HANDLERS = Gauge("linli_deliveries_waiting", "Handlers' shares not done yet", registry=FIGURES)
JOBS = Gauge("linli_jobs", "Jobs by state", ["state"], registry=FIGURES)

bp = APIBlueprint("looking_inside", __name__, enable_openapi=False)


@bp.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The process can serve: its database answers."""
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="database away"), 503
    return jsonify(status="ready"), 200


@bp.get("/metrics")
def metrics() -> Response:
    """Figures in Prometheus' text format; only from this machine or a private network, never with personal data."""
    with reading() as session:
        waiting = select(func.count()).select_from(OutboxRow).where(OutboxRow.relayed_at.is_(None))
        OUTBOX.set(session.scalar(waiting) or 0)
        undone = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.done_at.is_(None))
        HANDLERS.set(session.scalar(undone) or 0)
        for state, count in session.execute(select(JobRow.state, func.count()).group_by(JobRow.state)):
            JOBS.labels(state).set(count)
    return Response(generate_latest(FIGURES), content_type=CONTENT_TYPE_LATEST)


def install_measuring(app: Flask) -> None:
    """Measure and log every request: endpoint, status, time; never addresses with tokens, bodies or people."""
    log = structlog.get_logger()

    @app.before_request
    def start() -> None:
        g.started_s = time.perf_counter()

    @app.after_request
    def measure(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.get("started_s", time.perf_counter())
        REQUESTS.labels(endpoint, response.status_code).inc()
        SECONDS.labels(endpoint).observe(seconds)
        if response.status_code >= 500 or current_app.debug:
            log.info("request", endpoint=endpoint, status=response.status_code, ms=round(seconds * 1000, 1))
        return response
