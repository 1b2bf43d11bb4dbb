"""What the simulated people saw: kept while they live, counted afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SHOWN_ERRORS = 12


@dataclass
class Ledger:
    """Observations of a run. Times from post to drop are simulated seconds, live delays wall milliseconds."""

    posted: list[str] = field(default_factory=list)
    post_to_drop_s: dict[str, float] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    failed_stops: Counter[str] = field(default_factory=Counter)
    wave_reasons: dict[str, str] = field(default_factory=dict)
    waves: dict[str, dict[str, Any]] = field(default_factory=dict)
    live_delay_ms: list[float] = field(default_factory=list)
    live_messages: int = 0
    live_caught_up: int = 0
    live_lost: int = 0
    live_again: int = 0
    disconnects: int = 0
    requests: int = 0
    retries: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    gate: Counter[str] = field(default_factory=Counter)
    quarantine: Counter[str] = field(default_factory=Counter)
    market: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def error(self, text: str) -> None:
        """Note what should not have been; the first few are told at once."""
        self.errors.append(text)
        if len(self.errors) <= SHOWN_ERRORS:
            print(f"simulate: {text}", file=sys.stderr, flush=True)
