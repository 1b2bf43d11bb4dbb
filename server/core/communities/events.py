"""Facts about communities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event


@dataclass(frozen=True)
class ModuleSwitched(Event):
    kind: ClassVar[str] = "communities.module_switched"
    name: str
    is_on: bool
