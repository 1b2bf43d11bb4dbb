"""Endpoints of the market: /api/c/<community>/market."""

from server.modules.market.routes import buying, claims, entry, items, merchants, orders, stock
from server.modules.market.routes.blueprint import bp

__all__ = ["bp", "buying", "claims", "entry", "items", "merchants", "orders", "stock"]
