"""HTTP: schemas, blueprints, paging, and the one place where a problem becomes an answer."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import structlog
from apiflask import APIBlueprint, APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, g, jsonify, request
from flask import session as cookie
from pydantic import BaseModel, ConfigDict, PlainSerializer, field_validator
from sqlalchemy import Select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.kit.db import is_uuid
from server.kit.errors import BadRequest, Forbidden, NotFound, Problem
from server.kit.permissions import access_of, check_access

log = structlog.get_logger()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_BYTES = 1 << 20
# The mark of a field that belongs to a person's record: see ``reads``.
SENSITIVE = "x-sensitive"
# The API's own description, which the framework and a page serve to anybody.
DESCRIPTIONS = frozenset({"openapi.spec", "pages.docs"})
# Blueprints whose module has another name.
OWNERS = {"live": "kit"}
View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row")

Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json"),
]


class Schema(BaseModel):
    """Base of request and response types. Unknown fields are refused: a typing error must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "about" not in cls.model_fields:
            for name, field in cls.model_fields.items():
                if isinstance(field.json_schema_extra, dict) and SENSITIVE in field.json_schema_extra:
                    raise TypeError(
                        f"{cls.__name__}.{name} is sensitive: derive the answer from reads.AboutPerson"
                    )

    @field_validator("*", mode="before")
    @classmethod
    def has_no_nul(cls, value: object) -> object:
        """Refuse the NUL character: PostgreSQL cannot keep it, and nobody can type it."""
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\x00" in text for text in texts):
            raise ValueError("must not contain the NUL character")
        return value


class PageQuery(Schema):
    """Query of a list: ``after`` is the ``next`` of the page before."""

    after: str | None = None
    limit: int = 50


def area_blueprint(name: str, import_name: str) -> APIBlueprint:
    """Return the blueprint of a core area or module: everything under /api/c/<community>/<name>."""
    return APIBlueprint(name, import_name, url_prefix=f"/api/c/<community>/{name}", tag=name)


def root_blueprint(name: str, import_name: str, url_prefix: str = "/api") -> APIBlueprint:
    """Return a blueprint outside of any community. ``name``: "<area>_root", so that its owner can be found."""
    return APIBlueprint(name, import_name, url_prefix=url_prefix, tag=name.removesuffix("_root"))


def accepts_bytes(limit: int) -> Callable[[View], View]:
    """Mark an endpoint whose body may be larger than the usual 1 MiB."""

    def marked(view: View) -> View:
        view.linli_body_bytes = limit  # type: ignore[attr-defined]  # a mark that functools.wraps carries along
        return view

    return marked


def by_bearer(view: View) -> View:
    """Mark an endpoint whose caller is known by a token in the request's own header, never by the cookie.

    No forged request of a browser can carry such a token: it needs no other against them.
    """
    view.linli_by_bearer = True  # type: ignore[attr-defined]  # a mark that functools.wraps carries along
    return view


def revalidated(view: View) -> View:
    """Let the browser keep a large answer and ask whether it still holds; sent packed to whoever takes gzip.

    Stands right under the route. For answers that hold no secret beside what the visitor types, and nothing personal.
    """

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        response: Response = current_app.make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.update(("Cookie", "Accept-Encoding"))
        response.add_etag(weak=True)
        response.make_conditional(request)
        if response.status_code == 200 and request.accept_encodings.quality("gzip") > 0:
            response.set_data(gzip.compress(response.get_data(), mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response

    return cast("View", answered)


def page(
    session: Session, query: Select[Row], key: InstrumentedAttribute[UUID], after: str | None, limit: int = 50
) -> tuple[list[Row], str | None]:
    """Return one page, newest first, and the cursor of the next (None at the end).

    ``key``: the UUIDv7 column to go by. Raises BadRequest for a cursor that is none. At most 200 rows.
    """
    if after is not None:
        if not is_uuid(after):
            raise BadRequest("http.bad_cursor")
        query = query.where(key < UUID(after))
    limit = max(1, min(limit, 200))
    rows: list[Row] = list(session.scalars(query.order_by(key.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, str(getattr(rows[-1], key.key)) if more else None


def csrf_token() -> str:
    """Return the session's token against forged requests; made at the first call."""
    if "csrf" not in cookie:
        cookie["csrf"] = secrets.token_urlsafe(24)
    return str(cookie["csrf"])


def install_gate(app: APIFlask, find_community: Callable[[str], Any]) -> None:
    """Guard every request under /api: community, module switch, access, forgery, size. All fail closed.

    ``find_community(slug)`` returns the CommunityRef or None.
    """

    @app.url_value_preprocessor
    def take_community(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.slug = values.pop("community", None) if values else None

    @app.before_request
    def guard() -> None:
        if not request.path.startswith("/api/") or request.endpoint in DESCRIPTIONS:
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None:
            raise NotFound("http.not_found")
        request.max_content_length = getattr(view, "linli_body_bytes", BODY_BYTES)
        if (request.content_length or 0) > request.max_content_length:
            raise _too_large(request.max_content_length)
        linli = app.extensions["linli"]
        g.community = None
        if g.slug is not None:
            g.community = find_community(g.slug)
            owner = owner_of(request.blueprint or "")
            if g.community is None or not linli.registry.is_on(owner, g.community.modules):
                raise NotFound("community.not_found")
        access = access_of(view)
        if access is None:
            # No endpoint of the API: those all say who may call them, or the application does not start.
            raise NotFound("http.not_found")
        check_access(access, g.community, linli.registry.roles_of)
        if request.method not in SAFE_METHODS and not getattr(view, "linli_by_bearer", False):
            sent = request.headers.get("X-CSRF-Token", "")
            if not secrets.compare_digest(sent.encode(), csrf_token().encode()):
                raise Forbidden("auth.csrf")


def owner_of(blueprint: str) -> str:
    """Return the name of the module that a blueprint belongs to."""
    name = blueprint.split(".", maxsplit=1)[0].removesuffix("_root")
    return OWNERS.get(name, name)


def install_problems(app: APIFlask, texts: dict[str, tuple[str, str]]) -> None:
    """Answer every failure with application/problem+json (RFC 9457)."""

    @app.errorhandler(Problem)
    def known(problem: Problem) -> Response:
        response = _problem(problem.status, problem.code, problem.facts, texts)
        if "retry_after_s" in problem.facts:
            response.headers["Retry-After"] = str(problem.facts["retry_after_s"])
        return response

    @app.error_processor
    def http(error: HTTPError) -> Response:
        code = {
            400: "http.bad_request",
            404: "http.not_found",
            405: "http.bad_method",
            413: "http.too_large",
        }.get(error.status_code, "http.failed")
        facts: dict[str, Any] = {}
        if error.status_code == 422:
            code, facts = "http.invalid", {"fields": error.detail}
        return _problem(error.status_code, code, facts, texts)

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def database_away(error: Exception) -> Response:
        log.warning("database.away", error=type(error).__name__)
        response = _problem(503, "http.database_away", {"retry_after_s": 5}, texts)
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        log.exception("request.failed", endpoint=request.endpoint)
        return _problem(500, "http.failed", {}, texts)


def _too_large(limit: int) -> Problem:
    problem = BadRequest("http.too_large", limit_bytes=limit)
    problem.status = 413  # type: ignore[misc]  # this one answer has a status of its own
    return problem


def _problem(status: int, code: str, facts: dict[str, Any], texts: dict[str, tuple[str, str]]) -> Response:
    zh, en = texts.get(code, (code, code))
    is_english = request.accept_languages.best_match(["zh", "en"], default="zh") == "en"
    body = {
        "type": f"about:blank#{code}",
        "title": en if is_english else zh,
        "status": status,
        "code": code,
        "facts": facts,
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response
