"""Endpoints of money."""

from server.modules.money.routes import books, fund, payments
from server.modules.money.routes.blueprint import bp, root

__all__ = ["books", "bp", "fund", "payments", "root"]
