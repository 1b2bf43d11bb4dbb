"""What the gate tells open pages. The room "passes" is the scanners'; it never hears whose pass it is."""

from __future__ import annotations

from server.core.flags.events import FlagEnded, FlagRaised
from server.core.places.events import GateChanged
from server.kit.module import LiveMessage
from server.modules.gate.events import Found, PassChanged, RulesChanged

# Scanners fetch the list anew: what has changed stays between them and the server.
LIST_CHANGED = LiveMessage("passes", "list.changed", {})


def pass_changed(event: PassChanged) -> list[LiveMessage]:
    """Tell scanners, and whoever shows or asked for the pass."""
    data = {"pass_id": str(event.pass_id), "state": event.state}
    own = [LiveMessage(f"person:{person_id}", "pass.changed", data) for person_id in event.watchers]
    return [LIST_CHANGED, *own]


def rules_changed(event: RulesChanged) -> list[LiveMessage]:
    """Tell scanners."""
    return [LIST_CHANGED]


def gate_changed(event: GateChanged) -> list[LiveMessage]:
    """Tell scanners that a gate is open or closed now."""
    return [LIST_CHANGED]


def flag_changed(event: FlagRaised | FlagEnded) -> list[LiveMessage]:
    """Tell scanners: somebody must stay in, or may go again."""
    return [LIST_CHANGED]


def found(event: Found) -> list[LiveMessage]:
    """Tell the desk."""
    data = {"finding": event.finding, "scan_id": str(event.scan_id)}
    return [LiveMessage("gate-desk", "gate.found", data)]
