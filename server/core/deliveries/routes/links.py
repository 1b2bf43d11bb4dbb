"""Links for whoever brings goods to the gate without an account."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from flask import request

from server.core.deliveries import service
from server.core.deliveries.models import Handover
from server.core.deliveries.routes.blueprint import root
from server.core.deliveries.routes.views import handover_out
from server.core.deliveries.schemas import ArriveIn, HandoverOut
from server.kit.db import reading, transaction
from server.kit.errors import NotFound, TooMany
from server.kit.idempotency import idempotent
from server.kit.permissions import public

MISSES_A_MINUTE = 20
ADDRESSES = 10_000
_misses: dict[str, deque[float]] = {}
_lock = threading.Lock()


@root.get("/handover/<token>")
@root.output(HandoverOut)
@public("whoever has the link brings the goods; it tells codes and the gate, no home and no name")
def get_handover(token: str) -> HandoverOut:
    """What is to be handed over, and at which gate."""
    with reading() as session:
        return handover_out(session, _find(lambda: service.find_handover(session, token)))


@root.post("/handover/<token>/arrive")
@root.input(ArriveIn, arg_name="body")
@root.output(HandoverOut)
@public("whoever has the link brings the goods; it tells codes and the gate, no home and no name")
@idempotent
def arrive(token: str, body: ArriveIn) -> HandoverOut:
    """I am at the gate with so many parcels."""
    with transaction() as session:
        return handover_out(session, _find(lambda: service.arrive(session, token, body.count)))


def _find(look: Callable[[], Handover]) -> Handover:
    """Look a link up; an address that keeps missing has to wait. Per process: tokens of 128 bits do the rest."""
    address, now = request.remote_addr or "", time.monotonic()
    with _lock:
        if len(_misses) > ADDRESSES:
            _misses.clear()
        missed = _misses.setdefault(address, deque())
        while missed and missed[0] < now - 60:
            missed.popleft()
        if len(missed) >= MISSES_A_MINUTE:
            raise TooMany("deliveries.too_many_links", retry_after_s=60)
    try:
        return look()
    except NotFound:
        with _lock:
            missed.append(now)
        raise
