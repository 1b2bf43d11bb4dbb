"""Endpoints of deliveries."""

from server.core.deliveries.routes import courier, gate, links, photos, waves
from server.core.deliveries.routes.blueprint import bp, root
from server.core.deliveries.routes.views import wave_out

__all__ = ["bp", "courier", "gate", "links", "photos", "root", "wave_out", "waves"]
