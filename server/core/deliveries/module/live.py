"""What deliveries tell on the live channel: ids, states and places, no names."""

from __future__ import annotations

from server.core.deliveries import events
from server.kit.module import LiveMessage


def parcel_moved(event: events.ParcelMoved) -> list[LiveMessage]:
    """Tell the home, the shop and the gate who has the parcel now."""
    data = {
        "parcel_id": str(event.parcel_id),
        "need_id": str(event.need_id),
        "custodian_kind": event.custodian_kind,
    }
    rooms = [f"person:{person_id}" for person_id in event.watchers]
    if event.merchant_id is not None:
        rooms.append(f"merchant:{event.merchant_id}")
    return [LiveMessage(room, "parcel.moved", data) for room in (*rooms, "gate")]


def wave_changed(event: events.WaveChanged) -> list[LiveMessage]:
    """Tell the wave desk: wave.planning, wave.planned, wave.released, …"""
    data = {"wave_id": str(event.wave_id), "state": event.state}
    return [LiveMessage(room, f"wave.{event.state}", data) for room in (f"wave:{event.wave_id}", "map")]


def help_found(event: events.HelpFound) -> list[LiveMessage]:
    """Tell the wave desk that it may ask what would help; the answer is for whoever may plan."""
    return [LiveMessage(f"wave:{event.wave_id}", "wave.help_found", {"wave_id": str(event.wave_id)})]


def gates_weighed(event: events.GatesWeighed) -> list[LiveMessage]:
    """Tell the map that there is something new about the gates; the answer is for whoever may plan."""
    return [LiveMessage("map", "gates.weighed", {"state": event.state})]


def route_changed(event: events.RouteChanged) -> list[LiveMessage]:
    """Tell the courier that a route is there or is another one, and the wave desk."""
    kind = "route.released" if event.why == "released" else "route.changed"
    data = {"route_id": str(event.route_id), "seq": event.seq, "state": event.state, "why": event.why}
    rooms = (f"courier:{event.helper_id}", f"wave:{event.wave_id}", "map")
    return [LiveMessage(room, kind, data) for room in rooms]


def stop_changed(event: events.StopChanged) -> list[LiveMessage]:
    """Tell the courier's other devices and the wave desk: stop.done, stop.failed, stop.todo after an undo."""
    data = {"stop_id": str(event.stop_id), "route_id": str(event.route_id), "seq": event.seq}
    rooms = (f"courier:{event.helper_id}", f"wave:{event.wave_id}", "map")
    return [LiveMessage(room, f"stop.{event.state}", data) for room in rooms]


def cart_moved(event: events.CartMoved) -> list[LiveMessage]:
    """Move the cart on the map."""
    at = event.at.isoformat().replace("+00:00", "Z")
    data = {"route_id": str(event.route_id), "x_m": event.x_m, "y_m": event.y_m, "at": at}
    return [LiveMessage(room, "cart.moved", data) for room in ("map", f"wave:{event.wave_id}")]


def handover_changed(event: events.HandoverChanged) -> list[LiveMessage]:
    """Tell the gate what comes."""
    data = {
        "handover_id": str(event.handover_id),
        "state": event.state,
        "has_mismatch": event.has_mismatch,
    }
    return [LiveMessage("gate", "handover.changed", data)]


def mismatch_found(event: events.MismatchFound) -> list[LiveMessage]:
    """Tell the gate and the wave desk that a count does not add up."""
    data = {"mismatch_id": str(event.mismatch_id), "place": event.place}
    return [LiveMessage(room, "mismatch.found", data) for room in ("gate", "map")]
