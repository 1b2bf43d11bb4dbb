"""The blueprints of deliveries: /api/c/<community>/deliveries, and links that are opened without an account."""

from __future__ import annotations

from server.kit.http import area_blueprint, root_blueprint

bp = area_blueprint("deliveries", __name__)
root = root_blueprint("deliveries_root", __name__)
