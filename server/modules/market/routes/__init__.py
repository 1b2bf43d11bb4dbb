"""Endpoints of the market: /api/c/<community>/market."""

from server.modules.market.routes import orders, stock
from server.modules.market.routes.blueprint import bp

__all__ = ["bp", "orders", "stock"]
