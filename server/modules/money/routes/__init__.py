"""Endpoints of money."""

from server.modules.money.routes import fund, payments
from server.modules.money.routes.blueprint import bp, root

__all__ = ["bp", "fund", "payments", "root"]
