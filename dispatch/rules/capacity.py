"""A vehicle carries no more grams, millilitres, parcels and cold goods than it can hold.

What a trip brings is loaded at its start; what it picks up on the way comes on board there.
"""

from __future__ import annotations

LOADS = ("load_g", "volume_ml", "parcels", "cold_ml")
