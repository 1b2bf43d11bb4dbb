"""Endpoints of deliveries."""

from server.core.deliveries.routes import courier, gate, gate_choice, links, photos, waves
from server.core.deliveries.routes.blueprint import bp, root
from server.core.deliveries.routes.wave_views import wave_out

__all__ = ["bp", "courier", "gate", "gate_choice", "links", "photos", "root", "wave_out", "waves"]
