"""What one running application consists of; kept on the app, so that nothing has to be global but the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from celery import Celery
from flask_socketio import SocketIO

from server.kit.db import Database
from server.kit.jobs import JobEngine
from server.kit.live_rights import LiveRights
from server.kit.permissions import Actor
from server.kit.reactions import Reactions
from server.kit.registry import Registry
from server.kit.relay import Relay
from server.kit.settings import Settings
from server.kit.tenancy import CommunityRef
from server.kit.ticker import Ticker


@dataclass
class Linli:
    """The parts of the application. ``ports``: name → adapter for what lies outside (sms, photos, geocoder…)."""

    settings: Settings
    registry: Registry
    database: Database
    jobs: JobEngine
    celery: Celery
    find_community: Callable[[str], CommunityRef | None]
    load_actor: Callable[[], Actor | None]
    ports: Mapping[str, Any] = field(default_factory=dict)
    socketio: SocketIO = field(init=False)
    live_rights: LiveRights = field(init=False)
    relay: Relay = field(init=False)
    reactions: Reactions = field(init=False)
    ticker: Ticker = field(init=False)
