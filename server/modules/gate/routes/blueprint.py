"""The blueprint of the gate: /api/c/<community>/gate."""

from __future__ import annotations

from server.kit.http import area_blueprint

bp = area_blueprint("gate", __name__)
