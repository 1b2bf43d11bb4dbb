"""What is worth a notice, and how it reads in both languages."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

KEPT = timedelta(days=180)


class NoticeKind(StrEnum):
    """What a notice tells. The part behind "need_" is the need's state."""

    NEED_NEEDS_INFO = "need_needs_info"
    NEED_ON_HOLD = "need_on_hold"
    NEED_SOURCING = "need_sourcing"
    NEED_SCHEDULED = "need_scheduled"
    NEED_AT_GATE = "need_at_gate"
    NEED_BATCHED = "need_batched"
    NEED_DROPPED = "need_dropped"
    NEED_VISITED = "need_visited"
    NEED_UNREACHABLE = "need_unreachable"
    NEED_DISPUTED = "need_disputed"
    NEED_CANCELLED = "need_cancelled"
    NEED_CLOSED = "need_closed"
    NEED_SPLIT = "need_split"
    NEED_ESCALATED = "need_escalated"
    OFFER_MADE = "offer_made"
    OFFER_WITHDRAWN = "offer_withdrawn"
    ORDER_PLACED = "order_placed"
    ORDER_NOT_COVERED = "order_not_covered"
    CLAIM_MADE = "claim_made"
    CLAIM_DECIDED = "claim_decided"
    ROUTE_RELEASED = "route_released"
    ROUTE_CHANGED = "route_changed"
    HELPER_APPLIED = "helper_applied"
    HELPER_APPROVED = "helper_approved"
    HELPER_SUSPENDED = "helper_suspended"
    DELIVERY_MISMATCH = "delivery_mismatch"
    CHECK_REMINDER = "check_reminder"
    CHECK_TASK = "check_task"
    CHECK_MISSED = "check_missed"
    TRACING_CONTACT = "tracing_contact"
    ZONE_SET = "zone_set"
    ZONE_ENDED = "zone_ended"
    ZONE_PROPOSED = "zone_proposed"
    FLAG_RAISED = "flag_raised"
    FLAG_ENDED = "flag_ended"
    ROLE_GRANTED = "role_granted"


TEXTS: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.NEED_NEEDS_INFO: (
        "居委会需要您补充一些信息。",
        "The committee needs to know more about your need.",
    ),
    NoticeKind.NEED_ON_HOLD: ("您的需求暂缓处理。", "Your need is on hold."),
    NoticeKind.NEED_SOURCING: (
        "店家已接单，正在备货。",
        "A shop has taken your need and is getting it ready.",
    ),
    NoticeKind.NEED_SCHEDULED: ("有人接单，上门时间已安排。", "Somebody will come: the visit is scheduled."),
    NoticeKind.NEED_AT_GATE: ("您的物品已到小区大门。", "Your goods have reached the gate."),
    NoticeKind.NEED_BATCHED: ("您的需求已排入配送路线。", "You are on a courier's route."),
    NoticeKind.NEED_DROPPED: (
        "物品已送达，请取走并确认。",
        "Your goods are there: please take them in and confirm.",
    ),
    NoticeKind.NEED_VISITED: ("上门服务已完成，请确认。", "The visit is done: please confirm."),
    NoticeKind.NEED_UNREACHABLE: (
        "未能送达，居委会会与您联系。",
        "It could not be delivered: the committee will call you.",
    ),
    NoticeKind.NEED_DISPUTED: ("有住户提出异议，请处理。", "A home disputes a delivery: please look at it."),
    NoticeKind.NEED_CANCELLED: ("需求已取消。", "The need was called off."),
    NoticeKind.NEED_CLOSED: ("需求已关闭。", "The need is closed."),
    NoticeKind.NEED_SPLIT: (
        "店里缺一部分货，缺的部分另找人供应。",
        "The shop lacks some of it: the rest goes on as a need of its own.",
    ),
    NoticeKind.NEED_ESCALATED: ("有需求超时，请处理。", "A need has waited too long: please look at it."),
    NoticeKind.OFFER_MADE: ("有一个需求适合您，请查看。", "There is a need that suits you: please look."),
    NoticeKind.OFFER_WITHDRAWN: (
        "给您的一个需求已另有安排。",
        "A need that you were asked about has gone elsewhere.",
    ),
    NoticeKind.ORDER_PLACED: ("有新订单，请确认。", "There is a new order: please answer it."),
    NoticeKind.ORDER_NOT_COVERED: (
        "这单不能按您选的方式付款，请直接付给店家，或换一种方式。",
        "This order could not be paid the way you chose: pay the shop directly, or choose another way.",
    ),
    NoticeKind.CLAIM_MADE: (
        "有住户说货物缺少或损坏，请查看。",
        "A home says that goods are missing or damaged: please look.",
    ),
    NoticeKind.CLAIM_DECIDED: ("您的缺损申报已有结果。", "There is a decision on your claim."),
    NoticeKind.ROUTE_RELEASED: ("您的路线已发布。", "Your route is ready."),
    NoticeKind.ROUTE_CHANGED: ("您的路线有变动。", "Your route has changed."),
    NoticeKind.HELPER_APPLIED: ("有人报名帮忙，请审核。", "Somebody offers to help: please review."),
    NoticeKind.HELPER_APPROVED: ("您的报名已通过，谢谢！", "You are on the team: thank you!"),
    NoticeKind.HELPER_SUSPENDED: (
        "您的服务已暂停，请联系居委会。",
        "Your service is suspended: ask the committee.",
    ),
    NoticeKind.DELIVERY_MISMATCH: (
        "大门收货数量不符，请核对。",
        "A delivery at the gate does not add up: please check.",
    ),
    NoticeKind.CHECK_REMINDER: (
        "请量体温并报告今天的健康情况。",
        "Please take your temperature and report how you are.",
    ),
    NoticeKind.CHECK_TASK: (
        "有人未按时报告健康情况，请打电话或上门。",
        "A health check was missed: please call or knock.",
    ),
    NoticeKind.CHECK_MISSED: (
        "有人多次未报告健康情况，请居委会处理。",
        "A health check was missed and nobody was reached: please decide.",
    ),
    NoticeKind.TRACING_CONTACT: (
        "您家可能与一名病例有过时空交集，请留意健康，等候居委会联系。这不是隔离通知。",
        "Your home may have been near a case. Watch your health; the committee will call. This is no isolation order.",
    ),
    NoticeKind.ZONE_SET: (
        "您家所在的楼门被划入风险区。点“风险区”查看级别、依据和期限，也可以申诉。",
        "Your entrance is in an official zone. See Zone for its level, basis and end; you can appeal there.",
    ),
    NoticeKind.ZONE_ENDED: ("您家所在的风险区已结束。", "The official zone around your home has ended."),
    NoticeKind.ZONE_PROPOSED: (
        "有一份风险区名单等待另一位工作人员批准。",
        "A list of zones waits for a second officer.",
    ),
    NoticeKind.FLAG_RAISED: (
        "您家被标记为红色（隔离）。如有异议，请联系居委会。",
        "Your home is marked red (isolation). If you disagree, tell the committee.",
    ),
    NoticeKind.FLAG_ENDED: ("您家的红色标记已解除。", "The red mark of your home has ended."),
    NoticeKind.ROLE_GRANTED: ("您有了新的角色。", "You have a new role."),
}

# Steps that pass by themselves within moments (accepted, before sourcing or scheduled) tell a household nothing.
_TOLD_AT_HOME = frozenset(
    {
        NoticeKind.NEED_NEEDS_INFO,
        NoticeKind.NEED_ON_HOLD,
        NoticeKind.NEED_SOURCING,
        NoticeKind.NEED_SCHEDULED,
        NoticeKind.NEED_AT_GATE,
        NoticeKind.NEED_BATCHED,
        NoticeKind.NEED_DROPPED,
        NoticeKind.NEED_VISITED,
        NoticeKind.NEED_UNREACHABLE,
        NoticeKind.NEED_CANCELLED,
        NoticeKind.NEED_CLOSED,
    }
)
_TOLD_TO_WORKERS = frozenset({NoticeKind.NEED_DISPUTED, NoticeKind.NEED_UNREACHABLE})


def of_need(state: str, closed_because: str | None) -> NoticeKind | None:
    """Return what the household is told when its need comes to ``state``; None if nothing.

    A need that it confirmed itself closes without a word.
    """
    if state == "closed" and closed_because in (None, "done"):
        return None
    return _kind_of(state, _TOLD_AT_HOME)


def of_need_for_workers(state: str) -> NoticeKind | None:
    """Return what the community's workers are told; None if nothing."""
    return _kind_of(state, _TOLD_TO_WORKERS)


def of_route(why: str) -> NoticeKind | None:
    """Return what the courier is told when a route changes because ``why``; None if nothing."""
    return {
        "released": NoticeKind.ROUTE_RELEASED,
        "planned_anew": NoticeKind.ROUTE_CHANGED,
        "cancelled": NoticeKind.ROUTE_CHANGED,
    }.get(why)


def text_of(kind: str, *, in_english: bool) -> str:
    """Return the notice's sentence; its bare kind for one that another release wrote."""
    try:
        zh, en = TEXTS[NoticeKind(kind)]
    except ValueError:
        return kind
    return en if in_english else zh


def _kind_of(state: str, told: frozenset[NoticeKind]) -> NoticeKind | None:
    name = f"need_{state}"
    return next((kind for kind in told if kind == name), None)
