"""Checks whether a platform shows a file as its own kind."""

from __future__ import annotations

from broadcaster.adapter import Limits, Platform
from broadcaster.model import Media, MediaKind

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What begins as one of these is a photo; it is a document where its picture is damaged."""


def unfit(platform: Platform, limits: Limits, media: Media, kind: MediaKind) -> str:
    """Why a platform that takes this kind would not show this file as one; "": it would."""
    formats = limits.formats[kind].value if kind in limits.formats else None
    if formats is not None and media.mime not in formats:
        return f"{platform.name} takes no {media.mime} as a {kind}"
    if kind is not MediaKind.PHOTO or limits.tells_kind:
        return ""
    if moves(media) and MediaKind.DOCUMENT in limits.media:
        return f"it moves, and a {kind} stands still"
    shape = limits.photo.value
    if shape is None or not media.width or not media.height:
        return ""
    size = f"it has {media.width:,} x {media.height:,} pixels"
    if shape.sides is not None and media.width + media.height > shape.sides:
        return f"{size}, and width and height of a {kind} may be {shape.sides:,} together"
    short, long = sorted((media.width, media.height))
    if shape.ratio is not None and long > shape.ratio * short:
        return f"{size}, and a {kind} may be {shape.ratio:g} times as long as wide"
    if shape.pixels is not None and media.width * media.height > shape.pixels:
        return f"{size}, and a {kind} may have {shape.pixels:,}"
    return ""


def moves(media: Media) -> bool:
    """Whether ``media`` is an animated picture."""
    return media.frames is not None and media.frames > 1
