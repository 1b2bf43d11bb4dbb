"""What a new installation can start with: the five levels of a real city, and a made-up compound with its people."""

from __future__ import annotations

from pathlib import Path

DEMO_SLUG = "wutong"
DEMO_MAP = Path(__file__).with_name("demo_compound.osm")
DEMO_WITHIN = "梧桐里"
