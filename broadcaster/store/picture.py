"""Reads the size of pictures, and whether they are animated, from their headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from PIL import Image, UnidentifiedImageError

Image.MAX_IMAGE_PIXELS = None  # safe: only headers are read; the plan checks the platforms' limits

_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations that turn a picture by 90 degrees."""
_MOVE = frozenset({"WEBP", "PNG"})
"""Formats of photos that may be animated.  JPEG is not one: the second picture in a phone's JPEG is
not an animation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The shape of a picture.

    Width and height are those displayed; ``frames`` 1: not animated; ``cmyk``: colours for print.
    """

    width: int
    height: int
    frames: int = 1
    cmyk: bool = False


def read(file: IO[bytes]) -> Picture | None:
    """The shape of the picture in ``file``; None: it cannot be displayed."""
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
    if "exif" not in image.info:  # otherwise getexif() would decode a whole PNG to find it
        return False
    try:
        return image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return False  # only the metadata is damaged
