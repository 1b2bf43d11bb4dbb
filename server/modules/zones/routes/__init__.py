"""Endpoints of zones."""

from __future__ import annotations

from server.modules.zones.routes import lists, zones
from server.modules.zones.routes.blueprint import bp

__all__ = ["bp", "lists", "zones"]
