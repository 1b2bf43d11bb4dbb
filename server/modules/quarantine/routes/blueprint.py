"""The blueprint of quarantine: /api/c/<community>/quarantine."""

from __future__ import annotations

from server.kit.http import area_blueprint

bp = area_blueprint("quarantine", __name__)
