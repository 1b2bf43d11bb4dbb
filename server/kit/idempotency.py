"""One Idempotency-Key, one effect, the same answer.

The key is written in the effect's own transaction: both are durable, or neither. A second request with the key waits
for the first one's end, and then is given the first one's answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, Response, current_app, request
from sqlalchemy import String, Text, UniqueConstraint, cast, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, insert_once, new_id, touched, transaction
from server.kit.errors import BadRequest, Refused
from server.kit.permissions import optional_actor
from server.kit.reads import shown_so_far
from server.kit.sealed import SealedOptional
from server.kit.subject_keys import INSTALLATION

View = TypeVar("View", bound=Callable[..., Any])
KEEP = timedelta(hours=24)
KEY_CHARS = range(8, 101)


class IdempotencyRow(Base):
    """An answered request. ``who``: the person, or the address for visitors without a session."""

    __tablename__ = "kit_idempotency"
    __table_args__ = (UniqueConstraint("who", "key"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    who: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer = SealedOptional(whose="sealed_for")
    # The people of whom the answer shows something: it goes when one of them is erased.
    about: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]

    @property
    def sealed_for(self) -> UUID:
        """An answer may be about several people: it is sealed with the installation's key, and kept for a day."""
        return INSTALLATION


def idempotent(view: View) -> View:
    """Mark a POST that creates or moves something: it demands an Idempotency-Key."""
    view.linli_idempotent = True  # type: ignore[attr-defined]  # a mark that functools.wraps carries along
    return view


def install_idempotency(app: Flask) -> None:
    """Wrap every marked endpoint, once all blueprints are registered."""
    for endpoint, view in app.view_functions.items():
        if getattr(view, "linli_idempotent", False):
            app.view_functions[endpoint] = _once(view)


def forget_old_keys(session: Session) -> int:
    """Delete keys older than a day; return how many."""
    gone = session.execute(delete(IdempotencyRow).where(IdempotencyRow.at < clock.now() - KEEP))
    return touched(gone)


def forget_answers_about(session: Session, subject_id: UUID) -> None:
    """Forget what was answered about somebody; the keys go on preventing a second effect."""
    is_about = cast(IdempotencyRow.about, Text).contains(str(subject_id)) | (
        IdempotencyRow.who == str(subject_id)
    )
    for row in session.scalars(select(IdempotencyRow).where(is_about)):
        row.answer = None


def _once(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def answered_once(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if len(key) not in KEY_CHARS:
            raise BadRequest("idempotency.key_missing")
        who, fingerprint = _who(), _fingerprint()
        with transaction() as session:
            if not _claim(session, who, key, fingerprint):
                return _replay(session, who, key, fingerprint)
            response = current_app.make_response(current_app.ensure_sync(view)(*args, **kwargs))
            row = session.scalars(
                select(IdempotencyRow).where(IdempotencyRow.who == who, IdempotencyRow.key == key)
            ).one()
            row.answer = json.dumps(
                [response.status_code, response.mimetype, response.get_data(as_text=True)]
            )
            row.about = sorted(str(subject_id) for subject_id in shown_so_far())
            return response

    return answered_once


def _claim(session: Session, who: str, key: str, fingerprint: str) -> bool:
    values = {"who": who, "key": key, "fingerprint": fingerprint, "about": [], "at": clock.now()}
    return insert_once(session, IdempotencyRow, values, unless=["who", "key"]) is not None


def _replay(session: Session, who: str, key: str, fingerprint: str) -> Response:
    row = session.scalars(
        select(IdempotencyRow).where(IdempotencyRow.who == who, IdempotencyRow.key == key)
    ).one()
    if row.fingerprint != fingerprint:
        raise Refused("idempotency.body_changed")
    status, mimetype, body = json.loads(row.answer or '[204, null, ""]')
    response = Response(body, status=status, mimetype=mimetype)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _who() -> str:
    actor = optional_actor()
    return str(actor.person_id) if actor and actor.person_id else f"visitor {request.remote_addr}"


def _fingerprint() -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
