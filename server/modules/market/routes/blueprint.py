"""The blueprint of the market: /api/c/<community>/market."""

from __future__ import annotations

from server.kit.http import area_blueprint

bp = area_blueprint("market", __name__)
