"""Shape of pictures, and whether they move, as Pillow reads their heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from PIL import Image, UnidentifiedImageError

Image.MAX_IMAGE_PIXELS = None  # nothing here is decoded; what is too large is the platforms' matter

_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations that are shown turned by a quarter."""
_MOVE = frozenset({"WEBP", "PNG"})
"""Formats of photos that may move; the second picture of a phone's JPEG is no movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Width and height as displayed; ``frames``: 1 stands still; ``cmyk``: in colours of print."""

    width: int
    height: int
    frames: int = 1
    cmyk: bool = False


def read(file: IO[bytes]) -> Picture | None:
    """The picture in a file; None where nobody can show it."""
    try:
        with Image.open(file) as image:
            width, height = image.size
            if _on_its_side(image):
                width, height = height, width
            frames = getattr(image, "n_frames", 1) if image.format in _MOVE else 1
            cmyk = image.mode == "CMYK"
            return Picture(width=width, height=height, frames=frames, cmyk=cmyk)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return None


def _on_its_side(image: Image.Image) -> bool:
    if "exif" not in image.info:  # else a PNG would be decoded to look for it
        return False
    try:
        return image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return False  # the picture is whole, only this note is not
