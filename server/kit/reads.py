"""Who looked at me: every answer that shows a sensitive field of somebody else is written down.

    class CheckOut(AboutPerson):                    # whose record it is: ``about``, which is never sent
        due_at: Instant
        temperature: Sensitive[str | None]

A route says no more than that. One row for each answer and subject is written in the transaction that the answer was
read in; without the row there is no answer. One's own record, empty fields and flags (a colour, a verdict) are no
reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, get_args
from uuid import UUID

from flask import Flask, g, has_request_context, request
from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, new_id, reading, tenant_key, transaction
from server.kit.http import SAFE_METHODS, SENSITIVE, Schema, owner_of
from server.kit.permissions import Actor, current_actor, optional_actor
from server.kit.tenancy import CommunityRef, current_community

T = TypeVar("T")
# A field that belongs to a person's record; the mark also stands in the API's description.
Sensitive = Annotated[T, Field(json_schema_extra={SENSITIVE: True})]
# subject → the sensitive fields that the answer shows of them
Shown = dict[UUID, set[str]]
_shown: ContextVar[Shown | None] = ContextVar("linli_shown", default=None)


class ReadRow(Base):
    """One answer that showed sensitive fields of ``subject_id`` to ``viewer_id``, then in ``role``.

    ``purpose``: the part of the product that asked ("needs"), or what a service said ("tracing.case 17").
    """

    __tablename__ = "kit_read"
    __table_args__ = (Index("ix_kit_read_mine", "community_id", "subject_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    viewer_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    subject_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(20))
    fields: Mapped[list[Any]]
    purpose: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)


class AboutPerson(Schema):
    """Base of an answer with sensitive fields. ``about``: whose they are, one or several; None where nobody's."""

    about: SkipJsonSchema[UUID | tuple[UUID, ...] | None] = Field(exclude=True)

    @model_serializer(mode="wrap")
    def _note_what_is_shown(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        if self.about is not None and has_request_context():
            fields = [name for name in sensitive_fields(type(self)) if getattr(self, name)]
            if fields:
                _note(self.about if isinstance(self.about, tuple) else (self.about,), fields)
        serialized: dict[str, Any] = inner(self)
        return serialized


def sensitive_fields(schema: type[BaseModel]) -> list[str]:
    """Return the names of the schema's sensitive fields."""
    return [name for name, field in schema.model_fields.items() if _is_marked(field.json_schema_extra)]


def shows_people(schema: object) -> bool:
    """Tell whether answers of this type can hold a person's sensitive fields, however deep."""
    return _shows_people(schema, set())


def record_reads(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    shown: Mapping[UUID, Iterable[str]],
    purpose: str,
) -> None:
    """Write down that ``actor`` was shown these fields of these subjects: a row each, none for the actor's own.

    For what no route's answer shows: exports, letters, commands. The system's own doings are no reads.
    """
    viewer = actor.person_id
    if viewer is None:
        return
    at, role = clock.now(), _role(actor, community)
    session.add_all(
        ReadRow(
            community_id=community.id,
            viewer_id=viewer,
            subject_id=subject_id,
            role=role,
            fields=sorted(set(fields)),
            purpose=purpose[:80],
            at=at,
        )
        for subject_id, fields in shown.items()
        if subject_id != viewer
    )


def say_purpose(purpose: str) -> None:
    """Say why the present request reads people's records, where the name of its area does not say enough."""
    g.read_purpose = purpose


def reads_of(session: Session, community_id: UUID, subject_id: UUID, limit: int = 200) -> list[ReadRow]:
    """Return who looked at the subject, newest first."""
    mine = (ReadRow.community_id == community_id) & (ReadRow.subject_id == subject_id)
    return list(session.scalars(select(ReadRow).where(mine).order_by(ReadRow.id.desc()).limit(limit)))


def forget_reads(session: Session, before: datetime) -> None:
    """Delete the reads of before an instant."""
    session.execute(delete(ReadRow).where(ReadRow.at < before))


def shown_so_far() -> Shown:
    """Return whose sensitive fields the present request has put into its answer, one's own too."""
    shown: Shown = g.get("shown", {})
    return shown


def install_reads(app: Flask) -> None:
    """Wrap every endpoint whose answers can show somebody's record, once all blueprints are registered."""
    for endpoint, view in app.view_functions.items():
        schema = getattr(view, "_spec", {}).get("response", {}).get("schema")
        if schema is not None and shows_people(schema):
            app.view_functions[endpoint] = _recorded(view)


def _recorded(view: Callable[..., Any]) -> Callable[..., Any]:
    """Call the view within one transaction that also holds the rows of what it shows."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        if request.method in SAFE_METHODS and _sees_mostly_own():
            with reading(), _gathering() as shown:
                answer = view(*args, **kwargs)
            if not _of_others(shown):
                return answer
        # On SQLite a transaction that has begun to read may not write later: begin again, as a writer.
        with transaction() as session, _gathering() as shown:
            answer = view(*args, **kwargs)
            g.shown = shown
            others = _of_others(shown)
            if others:
                purpose = g.get("read_purpose") or owner_of(request.blueprint or "")
                record_reads(session, current_actor(), current_community(), others, purpose)
        return answer

    return answered


@contextmanager
def _gathering() -> Iterator[Shown]:
    shown: Shown = {}
    token = _shown.set(shown)
    try:
        yield shown
    finally:
        _shown.reset(token)


def _note(subjects: Iterable[UUID], fields: Iterable[str]) -> None:
    shown = _shown.get()
    if shown is None:
        # An answer that would leave without its row does not leave.
        raise RuntimeError(
            f"{request.endpoint} shows a person's record and does not say so: give it @bp.output"
        )
    for subject_id in subjects:
        shown.setdefault(subject_id, set()).update(fields)


def _of_others(shown: Shown) -> Shown:
    actor = optional_actor()
    own = actor.person_id if actor else None
    return {subject_id: fields for subject_id, fields in shown.items() if subject_id != own}


def _sees_mostly_own() -> bool:
    actor, community = optional_actor(), g.get("community")
    return actor is None or community is None or actor.roles_in(community) <= {"resident"}


def _role(actor: Actor, community: CommunityRef) -> str:
    """Return the role that gives most: it is as such that somebody is seen."""
    held = actor.roles_in(community)
    order = ("admin", "officer", "clinic", "grid_worker", "guard", "merchant", "courier", "volunteer")
    return next((role for role in order if role in held), "resident")


def _is_marked(extra: object) -> bool:
    return isinstance(extra, dict) and bool(extra.get(SENSITIVE))


def _shows_people(kind: object, seen: set[object]) -> bool:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in seen:
            return False
        seen.add(kind)
        return issubclass(kind, AboutPerson) or any(
            _shows_people(field.annotation, seen) for field in kind.model_fields.values()
        )
    return any(_shows_people(part, seen) for part in get_args(kind))
