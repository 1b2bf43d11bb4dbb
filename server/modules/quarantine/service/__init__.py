"""What others may ask of quarantine."""

from __future__ import annotations

from server.modules.quarantine.service.bulk import bulks, decide, propose
from server.modules.quarantine.service.checks import Entered, ask, close_referral, orders_to_ask, report
from server.modules.quarantine.service.climbing import checks_to_climb, climb, finish_task
from server.modules.quarantine.service.days import days
from server.modules.quarantine.service.doors import waiting_tasks
from server.modules.quarantine.service.forgetting import forget_readings
from server.modules.quarantine.service.orders import (
    NewOrder,
    answer_supply,
    appeal,
    check_lives_there,
    decide_appeal,
    find,
    is_worker,
    issue,
    issue_all,
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
    last_check_at,
    names_of,
    open_referrals,
    order_of_home,
    orders_by_end,
    orders_with_supply,
    violations_of,
)
from server.modules.quarantine.service.settings import change_settings, settings_of
from server.modules.quarantine.service.spots import spots
from server.modules.quarantine.service.walks import Walk, keep_walk, walks_to_plan

__all__ = [
    "Entered",
    "Exceptions",
    "NewOrder",
    "Walk",
    "answer_supply",
    "appeal",
    "appeals_here",
    "ask",
    "bulks",
    "change_settings",
    "check_lives_there",
    "checks_by_id",
    "checks_of",
    "checks_to_climb",
    "climb",
    "close_referral",
    "days",
    "decide",
    "decide_appeal",
    "exceptions",
    "find",
    "finish_task",
    "forget_readings",
    "is_worker",
    "issue",
    "issue_all",
    "keep_walk",
    "last_check_at",
    "names_of",
    "note_violation",
    "open_referrals",
    "order_of_home",
    "orders_by_end",
    "orders_to_ask",
    "orders_with_supply",
    "own_supply",
    "propose",
    "report",
    "settings_of",
    "sign_off_care",
    "spots",
    "step",
    "violations_of",
    "waiting_tasks",
    "walks_to_plan",
]
