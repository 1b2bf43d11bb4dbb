"""Endpoints of photos as proof."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Response, current_app, request

from server.core.deliveries import service
from server.core.deliveries.routes.blueprint import bp
from server.core.deliveries.schemas import PhotoOut
from server.kit.db import reading, transaction
from server.kit.errors import Refused
from server.kit.http import accepts_bytes
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.ports.photos import Photos, reencode
from server.kit.tenancy import current_community

PHOTO_BYTES = 12 << 20


@bp.post("/photos")
@bp.output(PhotoOut, status_code=201)
@bp.doc(
    description="multipart/form-data with one part `file`: a JPEG, PNG or WebP picture of at most 12 MB. "
    "It is stored as a JPEG of at most 1,600 pixels a side, without anything that the camera wrote into it."
)
@allow("deliveries.photo")
@accepts_bytes(PHOTO_BYTES)
@idempotent
def add_photo() -> PhotoOut:
    """Send a photo of goods and spot, to be named when the stop is finished or something is claimed."""
    file = request.files.get("file")
    if file is None:
        raise Refused("deliveries.not_a_photo")
    jpeg = reencode(file.read())
    ref = _photos().put(jpeg)
    try:
        with transaction() as session:
            photo = service.keep_photo(session, current_actor(), current_community(), ref)
            return PhotoOut(id=photo.id)
    except BaseException:
        # Without its row nobody would ever find or delete the file.
        _photos().delete(ref)
        raise


@bp.get("/photos/<uuid:photo_id>")
@allow("deliveries.photo")
def get_photo(photo_id: UUID) -> Response:
    """A photo, for the home and for whoever took it."""
    with reading() as session:
        photo = service.may_see_photo(session, current_actor(), current_community(), photo_id)
    response = Response(_photos().get(photo.ref), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _photos() -> Photos:
    return cast(Photos, current_app.extensions["linli"].ports["photos"])
