"""Endpoints of quarantine."""

from __future__ import annotations

from server.modules.quarantine.routes import checks, desk, orders
from server.modules.quarantine.routes.blueprint import bp

__all__ = ["bp", "checks", "desk", "orders"]
