"""The live channel: Socket.IO over WebSocket only, and the same messages by HTTP for whoever missed some.

A client says ``watch`` with the last sequence number it has seen and is given what it missed; then facts come by
themselves. Messages carry ids, states and times; the client fetches the rest, so that authorisation stays in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Flask, current_app, g, request
from flask_socketio import SocketIO, join_room, leave_room
from socketio import RedisManager
from sqlalchemy import BigInteger, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit.db import Base, new_id, reading, tenant_key
from server.kit.errors import NotFound, Problem
from server.kit.http import Schema, area_blueprint
from server.kit.live_rights import OpenSockets
from server.kit.permissions import Actor, current_actor, optional_actor, signed_in
from server.kit.settings import Settings
from server.kit.tenancy import CommunityRef, current_community

Publish = Callable[[str, dict[str, Any]], None]
Seq = BigInteger().with_variant(Integer, "sqlite")
BACKLOG = 500
MESSAGE_BYTES = 16_384
QUEUE_ANSWERS_WITHIN_S = 2.0


class LiveCounter(Base):
    """The last sequence number given out in a community."""

    __tablename__ = "kit_live_counter"
    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Seq)


class LiveRow(Base):
    """A message that was sent, kept so that it can be sent again."""

    __tablename__ = "kit_live_message"
    __table_args__ = (UniqueConstraint("community_id", "room", "seq"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    seq: Mapped[int] = mapped_column(Seq)
    room: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class LiveMessageOut(Schema):
    seq: int
    room: str
    kind: str
    at: datetime
    data: dict[str, Any]


class BacklogOut(Schema):
    seq: int
    messages: list[LiveMessageOut]


class BacklogQuery(Schema):
    after: int = 0


def to_wire(row: LiveRow) -> dict[str, Any]:
    """Return the message as it travels."""
    return {
        "seq": row.seq,
        "room": row.room,
        "kind": row.kind,
        "at": row.at.isoformat().replace("+00:00", "Z"),
        "data": row.data,
    }


def backlog(session: Session, community_id: UUID, room: str, after: int) -> dict[str, Any]:
    """Return {seq, messages} of the room behind ``after``; ``seq`` is what to ask for next.

    A negative ``after`` asks for nothing old: the next question begins from now.
    """
    if after < 0:
        counter = session.get(LiveCounter, community_id)
        return {"seq": counter.seq if counter else 0, "messages": []}
    rows = session.scalars(
        select(LiveRow)
        .where(LiveRow.community_id == community_id, LiveRow.room == room, LiveRow.seq > after)
        .order_by(LiveRow.seq)
        .limit(BACKLOG)
    ).all()
    if len(rows) == BACKLOG:
        seen = rows[-1].seq
    else:
        counter = session.get(LiveCounter, community_id)
        seen = max(counter.seq if counter else 0, after)
    return {"seq": seen, "messages": [to_wire(row) for row in rows]}


def check_may_watch(session: Session, actor: Actor, community: CommunityRef, room: str) -> None:
    """Raise NotFound unless a module that is on knows the room and lets the actor watch it."""
    prefix, _, key = room.partition(":")
    registry = current_app.extensions["linli"].registry
    may_watch = registry.rooms.get(prefix)
    if may_watch is None or not may_watch(session, actor, community, key):
        raise NotFound("live.room_not_found")


bp: APIBlueprint = area_blueprint("live", __name__)


@bp.get("/<room>")
@bp.input(BacklogQuery, location="query", arg_name="query")
@bp.output(BacklogOut)
@signed_in
def get_backlog(room: str, query: BacklogQuery) -> dict[str, Any]:
    """Messages of a room behind a sequence number: what a client missed while it was away."""
    community = current_community()
    with reading() as session:
        check_may_watch(session, current_actor(), community, room)
        return backlog(session, community.id, room, query.after)


def connect_live(app: Flask, settings: Settings, sockets: OpenSockets) -> SocketIO:
    """Attach the live channel to the app. Same origin only; a visitor without a session is turned away.

    ``sockets`` is told whose socket opens and closes.
    """
    socketio = SocketIO(
        app,
        async_mode="gevent" if settings.live_queue_url else "threading",
        transports=["websocket"],
        client_manager=_queue(settings.live_queue_url) if settings.live_queue_url else None,
        max_http_buffer_size=MESSAGE_BYTES,
        ping_interval=20,
        ping_timeout=20,
        manage_session=False,
    )

    @socketio.on("connect")
    def connect(auth: object = None) -> bool:
        actor = optional_actor()
        if actor is None:
            return False
        sockets.opened(_socket_id(), actor.id)
        return True

    @socketio.on("disconnect")
    def disconnect(reason: object = None) -> None:
        sockets.closed(_socket_id())

    @socketio.on("watch")
    def watch(wanted: object) -> dict[str, Any]:
        try:
            return _watch(wanted)
        except Problem as problem:
            return {"error": problem.code}

    @socketio.on("leave")
    def leave(wanted: object) -> dict[str, Any]:
        community, room, _ = _read(wanted)
        leave_room(f"{community.id}/{room}")
        return {}

    return socketio


def publisher(socketio: SocketIO, settings: Settings) -> Publish:
    """Return the function that tells a room of a message.

    Several web processes: through the queue even to this one's own pages, so that all hear all in one order.
    """
    url = settings.live_queue_url
    emitter = _queue(url, write_only=True, socket_timeout=QUEUE_ANSWERS_WITHIN_S) if url else socketio

    def publish(room: str, message: dict[str, Any]) -> None:
        emitter.emit("fact", message, room=room, namespace="/")

    return publish


def _queue(url: str, *, write_only: bool = False, **options: Any) -> RedisManager:
    """Return the way to the other web processes; a queue that hangs is given up like one that is away."""
    options |= {"socket_connect_timeout": QUEUE_ANSWERS_WITHIN_S, "socket_keepalive": True}
    return RedisManager(url, write_only=write_only, redis_options=options)


def _socket_id() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it on the request


def _watch(wanted: object) -> dict[str, Any]:
    # Somebody's rights may have changed since the last message on this socket: look anew.
    g.pop("actor", None)
    g.pop("community", None)
    community, room, after = _read(wanted)
    g.community = community
    with reading() as session:
        check_may_watch(session, current_actor(), community, room)
    # Join before reading the backlog: a message between the two comes twice, never not at all.
    join_room(f"{community.id}/{room}")
    with reading() as session:
        return backlog(session, community.id, room, after)


def _read(wanted: object) -> tuple[CommunityRef, str, int]:
    if not isinstance(wanted, dict):
        raise NotFound("live.room_not_found")
    slug, room, after = wanted.get("community"), wanted.get("room"), wanted.get("after") or 0
    if not (isinstance(slug, str) and isinstance(room, str) and isinstance(after, int)):
        raise NotFound("live.room_not_found")
    community = current_app.extensions["linli"].find_community(slug)
    if community is None:
        raise NotFound("live.room_not_found")
    return community, room, after
