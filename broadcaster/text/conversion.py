"""Decides which pictures a platform would refuse, and which conversions it would accept instead.

Nothing is converted here; an existing conversion is used wherever it fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from broadcaster.adapter import Limits, Platform, Shape
from broadcaster.model import Conversion, Media, MediaKind
from broadcaster.text.fitting import PICTURES, moves, unfit

CAMERA = frozenset({"image/heic", "image/heif", "image/avif"})
"""Formats of phones' cameras, which no platform displays."""
_SCANNED = frozenset({"image/tiff", "image/bmp", "image/x-ms-bmp"})
CMYK = "cmyk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The requirements of a platform for a picture; None: no limit."""

    formats: frozenset[str] | None = None
    """MIME types."""
    shape: Shape = field(default_factory=Shape)
    size: int | None = None
    """Bytes."""


def need(platform: Platform, limits: Limits, media: Media) -> Need | None:
    """The requirements for a conversion of ``media``; None: it is sent unchanged."""
    if MediaKind.PHOTO not in limits.media or not _is_picture(media):
        return None
    if not _refused(platform, limits, media):
        return None
    formats = limits.formats.get(MediaKind.PHOTO)
    return Need(
        formats=None if formats is None else formats.value,
        shape=limits.photo.value or Shape(),
        size=limits.media[MediaKind.PHOTO].value,
    )


def fitting(
    platform: Platform, limits: Limits, media: Media, made: Iterable[Conversion]
) -> Conversion | None:
    """The largest conversion of ``media`` that the platform accepts."""
    if need(platform, limits, media) is None:
        return None
    fits = [
        each
        for each in made
        if each.of == media.digest and not _refused(platform, limits, each.media)
    ]
    return max(fits, key=_pixels, default=None)


def _is_picture(media: Media) -> bool:
    """Whether ``media`` is a picture, or may be one, and is not animated."""
    if moves(media):
        return False
    if media.kind is MediaKind.PHOTO:
        return media.mime in PICTURES
    return media.kind is MediaKind.DOCUMENT and media.mime in CAMERA | _SCANNED


def _refused(platform: Platform, limits: Limits, media: Media) -> bool:
    """Whether readers would not see a picture, or see other colours."""
    if media.kind is not MediaKind.PHOTO or media.colours == CMYK:
        return True
    most = limits.media[MediaKind.PHOTO].value
    too_large = most is not None and media.size > most
    return too_large or bool(unfit(platform, limits, media, MediaKind.PHOTO))


def _pixels(made: Conversion) -> tuple[int, int]:
    return (made.media.width or 0) * (made.media.height or 0), made.media.size
