"""The photos port: a proof's photo goes in re-encoded, and comes out again."""

from __future__ import annotations

import io
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageOps, UnidentifiedImageError

from server.kit.errors import NotFound, Refused
from server.kit.settings import Settings

LONGEST_SIDE = 1600
MOST_PIXELS = 60_000_000
QUALITY = 80


class Photos(Protocol):
    """Keeps JPEG files under names that cannot be guessed."""

    def put(self, jpeg: bytes) -> str: ...

    def get(self, ref: str) -> bytes: ...

    def delete(self, ref: str) -> None: ...


@dataclass(frozen=True)
class FilePhotos:
    """One file each in a folder that only its owner can read."""

    folder: Path

    def put(self, jpeg: bytes) -> str:
        self.folder.mkdir(exist_ok=True, parents=True, mode=0o700)
        ref = f"{secrets.token_hex(16)}.jpg"
        handle = os.open(self.folder / ref, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(jpeg)
            file.flush()
            os.fsync(file.fileno())
        return ref

    def get(self, ref: str) -> bytes:
        path = self.folder / ref
        if Path(ref).name != ref or not path.is_file():
            raise NotFound("deliveries.photo_not_found")
        return path.read_bytes()

    def delete(self, ref: str) -> None:
        (self.folder / Path(ref).name).unlink(missing_ok=True)


@dataclass
class MemoryPhotos:
    """Keeps photos in memory; for tests."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, jpeg: bytes) -> str:
        ref = f"{secrets.token_hex(16)}.jpg"
        self.kept[ref] = jpeg
        return ref

    def get(self, ref: str) -> bytes:
        if ref not in self.kept:
            raise NotFound("deliveries.photo_not_found")
        return self.kept[ref]

    def delete(self, ref: str) -> None:
        self.kept.pop(ref, None)


def reencode(data: bytes) -> bytes:
    """Return the picture as a JPEG of at most 1,600 pixels a side, with nothing that the camera wrote into it.

    Raises Refused for what is no picture, or one that would fill the memory.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("deliveries.photo_too_large", pixels=picture.width * picture.height)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            # A new picture takes the pixels alone along: no place, no time, no camera.
            clean = Image.new("RGB", upright.size)
            clean.paste(upright)
            out = io.BytesIO()
            clean.save(out, "JPEG", quality=QUALITY)
            return out.getvalue()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise Refused("deliveries.not_a_photo") from None


def make_photos(settings: Settings) -> Photos:
    """Return the adapter: files under LINLI_HOME/photos."""
    return FilePhotos(settings.home / "photos")
