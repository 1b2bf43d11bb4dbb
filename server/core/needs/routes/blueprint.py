"""The blueprint of needs: /api/c/<community>/needs."""

from __future__ import annotations

from server.kit.http import area_blueprint

bp = area_blueprint("needs", __name__)
