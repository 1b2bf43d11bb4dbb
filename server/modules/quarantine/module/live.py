"""What quarantine tells open pages: ids and states, never what was measured."""

from __future__ import annotations

from server.kit.module import LiveMessage
from server.modules.quarantine.events import CheckChanged, OrderChanged, Referred, TaskOpened

DESK, DOORS, CLINIC = "quarantine-desk", "quarantine-doors", "quarantine-clinic"


def order_changed(event: OrderChanged) -> list[LiveMessage]:
    """Tell the home and the desk."""
    data = {"order_id": str(event.order_id), "state": event.state}
    own = [
        LiveMessage(f"person:{person_id}", "quarantine.order_changed", data) for person_id in event.watchers
    ]
    return [LiveMessage(DESK, "quarantine.order_changed", data), *own]


def check_changed(event: CheckChanged) -> list[LiveMessage]:
    """Tell the person, and who goes from door to door."""
    data = {"check_id": str(event.check_id), "state": event.state}
    return [
        LiveMessage(f"person:{event.person_id}", "quarantine.check_changed", data),
        LiveMessage(DOORS, "quarantine.check_changed", data),
    ]


def task_opened(event: TaskOpened) -> list[LiveMessage]:
    """Tell whoever does such tasks."""
    data = {"task_id": str(event.task_id), "rung": event.rung}
    return [LiveMessage(DOORS, "quarantine.task_opened", data)]


def referred(event: Referred) -> list[LiveMessage]:
    """Tell the desk and the clinic."""
    data = {"referral_id": str(event.referral_id)}
    return [LiveMessage(room, "quarantine.referred", data) for room in (DESK, CLINIC)]
