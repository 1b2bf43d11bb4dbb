"""A page that is open: watches rooms over Socket.IO, falls off now and then, and catches up by sequence number.

The delay of a message is the wall time from the instant at which its fact was written on the server (``at``, taken
inside the transaction that changed something) to its arrival here: commit, relay and transport together. The server's
clock runs ``factor`` times as fast as the wall and both read the same machine's time, so the difference is divided by
the factor. What is caught up after a drop has no delay: it is counted apart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import engineio
import socketio
from socketio.exceptions import SocketIOError

from server.simulator.client import Session
from server.simulator.hurry import HurriedTime, instant

BACKLOG = 500
CALL_S = 30
# A Socket.IO packet of the type DISCONNECT.
GOODBYE = "1"
COME_BACK_AFTER_S = 0.5
# The web app asks again every minute, in days that are not hurried.
ASK_AGAIN_S = 10.0
Message = dict[str, Any]


@dataclass
class Room:
    """What is known of a room. ``cursor``: all up to it has been taken in; ``held``: came while catching up."""

    name: str
    first: int = 0
    cursor: int = 0
    applied: set[int] = field(default_factory=set)
    held: list[tuple[Message, float]] | None = None


class _InOrder(engineio.Client):  # type: ignore[misc]  # python-engineio has no types
    """Hands packets on in the order of their arrival; the library starts a thread for each, and these race.

    But for the server's goodbye: whoever takes it waits for the end of the thread that reads.
    """

    def _trigger_event(self, event: str, *args: Any, **how: Any) -> Any:
        is_goodbye = event == "message" and str(args[0]).startswith(GOODBYE)
        return super()._trigger_event(event, *args, **{**how, "run_async": is_goodbye})


class _Socket(socketio.Client):  # type: ignore[misc]  # python-socketio has no types
    def _engineio_client_class(self) -> type[_InOrder]:
        return _InOrder


class Page:
    """One open page. ``hear(message)`` is called once for each message, in order, in the event loop."""

    def __init__(
        self, base_url: str, slug: str, session: Session, clock: HurriedTime, hear: Callable[[Message], None]
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.session = session
        self.hear = hear
        self._slug, self._base_url, self._clock = slug, base_url, clock
        self._socket: socketio.Client | None = None
        self._is_wanted = False
        self._loop = asyncio.get_running_loop()
        self._one_connects = asyncio.Lock()
        self._returning: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._unanswered: set[asyncio.Future[dict[str, Any]]] = set()
        self._asking: asyncio.Task[None] | None = None

    async def open(self, *rooms: str) -> None:
        """Connect and watch the rooms."""
        for name in rooms:
            self.rooms.setdefault(name, Room(name))
        self._is_wanted = True
        async with self._one_connects:
            await self._connect()
        self._asking = asyncio.ensure_future(self._ask_again())

    async def watch(self, name: str, *, after: int = 0) -> None:
        """Watch one more room."""
        self.rooms[name] = Room(name, first=after, cursor=after)
        await self._catch_up(self.rooms[name])

    async def fall_off(self, wall_s: float) -> None:
        """Lose the connection for a while, then come back and catch up."""
        if self._socket is not None and self._is_wanted:
            # Whoever stops waiting for it (the day is over) does not keep it from coming back.
            await asyncio.shield(self._go_and_return(wall_s))

    async def close(self) -> None:
        """Close the page."""
        self._is_wanted = False
        if self._asking is not None:
            self._asking.cancel()
        await self._disconnect()

    async def kept(self) -> dict[str, set[int]]:
        """Return room → sequence numbers that the server keeps for this page."""
        return {name: await self._kept(room) for name, room in list(self.rooms.items())}

    def check(self, kept: dict[str, set[int]]) -> None:
        """Compare what came with what the server keeps: count what was lost."""
        for name, lost in self.missing(kept).items():
            self.session.ledger.live_lost += len(lost)
            self.session.ledger.error(
                f"{self.session.name}: {len(lost)} live messages of {name} never came: {sorted(lost)[:5]}"
            )

    def missing(self, kept: dict[str, set[int]]) -> dict[str, set[int]]:
        """Return room → numbers that have not come."""
        lost = {name: numbers - self.rooms[name].applied for name, numbers in kept.items()}
        return {name: numbers for name, numbers in lost.items() if numbers}

    async def _kept(self, room: Room) -> set[int]:
        after, found = room.first, set[int]()
        while True:
            page = await self.session.get(f"/api/c/{self._slug}/live/{room.name}", after=after)
            found |= {message["seq"] for message in page["messages"]}
            if len(page["messages"]) < BACKLOG:
                return found
            after = page["seq"]

    def _go_and_return(self, wall_s: float) -> asyncio.Task[None]:
        self._returning = asyncio.ensure_future(self._be_away(wall_s))
        return self._returning

    async def _be_away(self, wall_s: float) -> None:
        self.session.ledger.disconnects += 1
        await self._disconnect()
        await asyncio.sleep(wall_s)
        async with self._one_connects:
            if self._is_wanted and self._socket is None:
                await self._connect()

    async def _connect(self) -> None:
        for attempt in range(4):
            socket = _Socket(reconnection=False, handle_sigint=False)
            socket.on("fact", self._arrive)
            socket.on("disconnect", partial(self._dropped, socket))
            try:
                await asyncio.to_thread(
                    socket.connect,
                    self._base_url,
                    headers={"Cookie": self.session.cookies()},
                    transports=["websocket"],
                    wait_timeout=CALL_S,
                )
                self._socket = socket
                for room in list(self.rooms.values()):
                    await self._catch_up(room)
                return
            except (SocketIOError, OSError) as error:
                self._socket = None
                await asyncio.to_thread(socket.disconnect)
                problem = f"{type(error).__name__} {error}"
                await asyncio.sleep(0.3 * (attempt + 1))
        self.session.ledger.error(f"{self.session.name}: no live channel: {problem}")

    async def _disconnect(self) -> None:
        socket, self._socket = self._socket, None
        for answer in self._unanswered:
            _settle(answer, SocketIOError("dropped"))
        if socket is not None:
            await asyncio.to_thread(socket.disconnect)

    def _dropped(self, socket: _Socket, *_reason: object) -> None:
        """The server or the network ended it, told by the socket's thread: come back, as a browser would."""
        self._loop.call_soon_threadsafe(self._come_back_from, socket)

    def _come_back_from(self, socket: _Socket) -> None:
        if socket is self._socket and self._is_wanted:
            self._go_and_return(COME_BACK_AFTER_S)

    async def _ask_again(self) -> None:
        while self._is_wanted:
            await asyncio.sleep(ASK_AGAIN_S)
            for room in list(self.rooms.values()):
                if self._socket is not None and room.held is None:
                    await self._try_to_catch_up(room)

    async def _try_to_catch_up(self, room: Room) -> None:
        try:
            await self._catch_up(room)
        except SocketIOError:
            # Dropped in the middle: whoever comes back catches up then.
            return

    def _arrive(self, message: Message) -> None:
        """Take a message from the socket's thread."""
        self._loop.call_soon_threadsafe(self._take, message, time.time())

    def _take(self, message: Message, arrived_s: float) -> None:
        room = self.rooms.get(message["room"])
        if room is None:
            return
        if room.held is not None:
            room.held.append((message, arrived_s))
        else:
            self._apply(room, message, arrived_s)

    def _apply(self, room: Room, message: Message, arrived_s: float | None) -> None:
        seq, ledger = message["seq"], self.session.ledger
        if seq <= room.cursor:
            # In the backlog as well: known by its number. What comes out of order is missed here: ``check`` tells.
            ledger.live_again += seq in room.applied
            return
        if message.get("previous", 0) > room.cursor:
            # One before this never came: fetch both.
            room.held = []
            self._fetching = asyncio.ensure_future(self._try_to_catch_up(room))
            return
        room.cursor = seq
        room.applied.add(seq)
        ledger.live_messages += 1
        if arrived_s is None:
            ledger.live_caught_up += 1
        else:
            at = instant(message["at"])
            ledger.live_delay_ms.append(self._clock.wall_ms_since(at, until_wall_s=arrived_s))
        self.hear(message)

    async def _catch_up(self, room: Room) -> None:
        """Say ``watch``; what arrives before the answer waits, for the answer holds what came before it."""
        room.held = room.held or []
        try:
            while await self._ask_backlog(room) == BACKLOG:
                pass
        finally:
            held, room.held = room.held or [], None
        for message, arrived_s in held:
            self._take(message, arrived_s)

    async def _ask(self, socket: _Socket, wanted: dict[str, Any]) -> dict[str, Any]:
        """Say ``watch`` and return the answer. Raises SocketIOError if the socket is dropped meanwhile."""
        answer: asyncio.Future[dict[str, Any]] = self._loop.create_future()

        def arrive(found: dict[str, Any]) -> None:
            self._loop.call_soon_threadsafe(_settle, answer, found)

        self._unanswered.add(answer)
        try:
            socket.emit("watch", wanted, callback=arrive)
            return await asyncio.wait_for(answer, CALL_S)
        except TimeoutError:
            raise SocketIOError("no answer to watch") from None
        finally:
            self._unanswered.discard(answer)

    async def _ask_backlog(self, room: Room) -> int:
        if self._socket is None:
            return 0
        wanted = {"community": self._slug, "room": room.name, "after": room.cursor}
        answer = await self._ask(self._socket, wanted)
        if "error" in answer:
            self.session.ledger.error(f"{self.session.name}: may not watch {room.name}: {answer['error']}")
            return 0
        for message in answer["messages"]:
            self._apply(room, message, None)
        return len(answer["messages"])


def _settle(answer: asyncio.Future[dict[str, Any]], found: dict[str, Any] | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
