"""What others may ask of zones."""

from __future__ import annotations

from server.modules.zones.service.appeals import appeal, decide_appeal
from server.modules.zones.service.asking import (
    GROUPS,
    MyZone,
    appeals_of,
    counts_of,
    lists_here,
    open_appeals,
    rows_page,
    standing_now,
    zones_of,
    zones_of_home,
)
from server.modules.zones.service.deciding import (
    Proposal,
    approve,
    confirm,
    end_due,
    lift,
    step_back,
    waiting_here,
)
from server.modules.zones.service.lists import Decision, NewList, decide_row, find, import_list, rows_of

__all__ = [
    "GROUPS",
    "Decision",
    "MyZone",
    "NewList",
    "Proposal",
    "appeal",
    "appeals_of",
    "approve",
    "confirm",
    "counts_of",
    "decide_appeal",
    "decide_row",
    "end_due",
    "find",
    "import_list",
    "lift",
    "lists_here",
    "open_appeals",
    "rows_of",
    "rows_page",
    "standing_now",
    "step_back",
    "waiting_here",
    "zones_of",
    "zones_of_home",
]
