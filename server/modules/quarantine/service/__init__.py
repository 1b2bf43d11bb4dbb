"""What others may ask of quarantine."""

from __future__ import annotations

from server.modules.quarantine.service.bulk import bulks, decide, propose
from server.modules.quarantine.service.checks import Entered, ask, close_referral, report
from server.modules.quarantine.service.climbing import climb, finish_task
from server.modules.quarantine.service.orders import (
    NewOrder,
    answer_supply,
    appeal,
    check_lives_there,
    decide_appeal,
    find,
    is_worker,
    issue,
    note_violation,
    own_supply,
    sign_off_care,
    step,
)
from server.modules.quarantine.service.reading import (
    Exceptions,
    appeals_here,
    checks_by_id,
    checks_of,
    exceptions,
    in_walking_order,
    last_check_at,
    names_of,
    open_referrals,
    open_tasks,
    order_of_home,
    violations_of,
)
from server.modules.quarantine.service.settings import change_settings, settings_of

__all__ = [
    "Entered",
    "Exceptions",
    "NewOrder",
    "answer_supply",
    "appeal",
    "appeals_here",
    "ask",
    "bulks",
    "change_settings",
    "check_lives_there",
    "checks_by_id",
    "checks_of",
    "climb",
    "close_referral",
    "decide",
    "decide_appeal",
    "exceptions",
    "find",
    "finish_task",
    "in_walking_order",
    "is_worker",
    "issue",
    "last_check_at",
    "names_of",
    "note_violation",
    "open_referrals",
    "open_tasks",
    "order_of_home",
    "own_supply",
    "propose",
    "report",
    "settings_of",
    "sign_off_care",
    "step",
    "violations_of",
]
