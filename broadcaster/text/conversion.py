"""Which pictures a platform would refuse as they are, and what it would take in their place.

Nothing is converted here: a picture that was made of another is used wherever it fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from broadcaster.adapter import Limits, Platform, Shape
from broadcaster.model import Conversion, Media, MediaKind
from broadcaster.text.fitting import PICTURES, moves, unfit

CAMERA = frozenset({"image/heic", "image/heif", "image/avif"})
"""Pictures of telephones, which no platform shows."""
_SCANNED = frozenset({"image/tiff", "image/bmp", "image/x-ms-bmp"})
CMYK = "cmyk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a platform takes as a picture; None: it sets no limit."""

    formats: frozenset[str] | None = None
    """MIME types."""
    shape: Shape = field(default_factory=Shape)
    size: int | None = None
    """Bytes."""


def need(platform: Platform, limits: Limits, media: Media) -> Need | None:
    """What has to be made of ``media`` for a platform; None: it goes as it is."""
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
    """What stands for ``media`` at a platform that refuses it: of all that fit, the largest."""
    if need(platform, limits, media) is None:
        return None
    fits = [
        each
        for each in made
        if each.of == media.digest and not _refused(platform, limits, each.media)
    ]
    return max(fits, key=_pixels, default=None)


def _is_picture(media: Media) -> bool:
    """Whether it stands still, and is or may be one that can be read."""
    if moves(media):
        return False
    if media.kind is MediaKind.PHOTO:
        return media.mime in PICTURES
    return media.kind is MediaKind.DOCUMENT and media.mime in CAMERA | _SCANNED


def _refused(platform: Platform, limits: Limits, media: Media) -> bool:
    """Whether readers would not see it as a picture, or in other colours."""
    if media.kind is not MediaKind.PHOTO or media.colours == CMYK:
        return True
    most = limits.media[MediaKind.PHOTO].value
    too_large = most is not None and media.size > most
    return too_large or bool(unfit(platform, limits, media, MediaKind.PHOTO))


def _pixels(made: Conversion) -> tuple[int, int]:
    return (made.media.width or 0) * (made.media.height or 0), made.media.size
