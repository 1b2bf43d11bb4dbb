"""What a community may be called and where areas may hang."""

from __future__ import annotations

import re

from server.kit.errors import Refused

LEVELS = ("district", "street", "committee", "compound", "grid")
SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


def check_slug(slug: str) -> None:
    """Raise Refused unless ``slug`` can stand in an address: 3–40 of a–z, 0–9 and "-", a letter first."""
    if not SLUG.fullmatch(slug):
        raise Refused("communities.bad_slug", slug=slug[:60])


def check_level(level: str, parent_level: str | None) -> None:
    """Raise Refused unless an area of ``level`` may hang under one of ``parent_level`` (None: at the top)."""
    if level not in LEVELS:
        raise Refused("communities.bad_level", level=level)
    above = LEVELS.index(level) - 1
    # A community that starts alone on a laptop has no district yet: a compound may stand at the top.
    if parent_level is None:
        if level == "grid":
            raise Refused("communities.bad_parent", level=level, parent=None)
        return
    if LEVELS.index(parent_level) != above:
        raise Refused("communities.bad_parent", level=level, parent=parent_level)


def check_switch(name: str, installed: frozenset[str], core: frozenset[str]) -> None:
    """Raise Refused unless the module ``name`` is installed and can be switched."""
    if name in core:
        raise Refused("communities.core_stays_on", module=name)
    if name not in installed:
        raise Refused("communities.unknown_module", module=name)
