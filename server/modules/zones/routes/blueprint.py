"""The blueprint of zones: /api/c/<community>/zones."""

from __future__ import annotations

from server.kit.http import area_blueprint

bp = area_blueprint("zones", __name__)
