"""Endpoints of the gate: /api/c/<community>/gate."""

from server.modules.gate.routes import passes, port, ruleset, scans
from server.modules.gate.routes.blueprint import bp

__all__ = ["bp", "passes", "port", "ruleset", "scans"]
