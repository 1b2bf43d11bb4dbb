"""Endpoints of needs: /api/c/<community>/needs."""

from server.core.needs.routes import needs, offers
from server.core.needs.routes.blueprint import bp

__all__ = ["bp", "needs", "offers"]
