"""Photos as proof: kept for a month, seen by the home and by whoever took them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.models import Photo, Stop
from server.core.people import service as people
from server.kit import clock
from server.kit.db import new_id
from server.kit.errors import NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def keep_photo(session: Session, actor: Actor, community: CommunityRef, ref: str) -> Photo:
    """Remember a photo that lies at the port under ``ref``; a stop claims it when it is finished."""
    photo = Photo(id=new_id(), community_id=community.id, uploaded_by=actor.id, ref=ref, at=clock.now())
    session.add(photo)
    session.flush()
    return photo


def may_see_photo(session: Session, actor: Actor, community: CommunityRef, photo_id: UUID) -> Photo:
    """Return the photo for its home, its courier and nobody else. Raises NotFound."""
    photo = find_photo(session, community.id, photo_id)
    if photo.uploaded_by == actor.person_id:
        return photo
    stop = session.get(Stop, photo.stop_id) if photo.stop_id else None
    if stop and actor.person_id in people.members_of_home(session, community.id, stop.home_id):
        return photo
    raise NotFound("deliveries.photo_not_found")


def find_photo(session: Session, community_id: UUID, photo_id: UUID) -> Photo:
    """Return the photo for whoever knows who may see it. Raises NotFound."""
    photo = session.get(Photo, photo_id)
    if photo is None or photo.community_id != community_id:
        raise NotFound("deliveries.photo_not_found")
    return photo


def forget_photos(session: Session) -> list[str]:
    """Delete photos older than they are kept; return their names at the port."""
    old = session.scalars(select(Photo).where(Photo.at < clock.now() - rules.PHOTOS_KEPT)).all()
    gone = [photo.id for photo in old]
    session.execute(update(Stop).where(Stop.photo_id.in_(gone)).values(photo_id=None))
    for photo in old:
        session.delete(photo)
    return [photo.ref for photo in old]
