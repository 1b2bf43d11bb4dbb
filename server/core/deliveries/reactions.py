"""What deliveries do about facts announced by others. Each may come twice."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.deliveries import service
from server.core.flags.events import FlagEnded, FlagRaised
from server.core.helpers.events import RestChanged
from server.core.needs.events import NeedChanged
from server.core.places.events import LaneChanged, PlacesImported

RECEIVED = ("confirmed", "closed")


def on_need_changed(session: Session, event: NeedChanged) -> None:
    """The household has what lay at its drop point, once it says so or its time to say otherwise is over."""
    if event.state in RECEIVED:
        service.confirm_parcels(session, event.community_id, event.need_id)


def on_lane_changed(session: Session, event: LaneChanged) -> None:
    """Lead couriers around a lane that is closed, narrow or no fire lane any more."""
    service.wish_replan(session, event.community_id, f"lanes/{event.network_version}")
    service.outdate_gate_choice(session, event.community_id)


def on_places_imported(session: Session, event: PlacesImported) -> None:
    """Look at every plan again with the new map."""
    service.wish_replan(session, event.community_id, f"lanes/{event.network_version}")
    service.outdate_gate_choice(session, event.community_id)


def on_rest_changed(session: Session, event: RestChanged) -> None:
    """Let whoever asked for a rest have it: in the wave that waits, and on the way."""
    service.wish_replan(session, event.community_id, f"rest/{event.shift_id}/{event.changed_at.isoformat()}")


def on_flag_raised(session: Session, event: FlagRaised) -> None:
    """A home is under isolation: green stops of that building are none any more."""
    service.wish_replan(session, event.community_id, f"flag/{event.flag_id}/raised")


def on_flag_ended(session: Session, event: FlagEnded) -> None:
    """A home is not under isolation any more."""
    service.wish_replan(session, event.community_id, f"flag/{event.flag_id}/ended")
