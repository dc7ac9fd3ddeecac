"""Checks whether a platform shows a file as its own kind."""

from __future__ import annotations

from broadcaster.adapter import Limits, Platform
from broadcaster.language import say
from broadcaster.model import Media, MediaKind

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What begins as one of these is a photo; it is a document where its picture is damaged."""


def unfit(platform: Platform, limits: Limits, media: Media, kind: MediaKind) -> str:
    """Why a platform that takes this kind would not show this file as one; "": it would."""
    formats = limits.formats[kind].value if kind in limits.formats else None
    if formats is not None and media.mime not in formats:
        return say(
            "{platform} takes no {mime} as a {kind}",
            platform=platform.name,
            mime=media.mime,
            kind=kind,
        )
    if kind is not MediaKind.PHOTO or limits.tells_kind:
        return ""
    if moves(media) and MediaKind.DOCUMENT in limits.media:
        return say("it moves, and a {kind} stands still", kind=kind)
    shape = limits.photo.value
    if shape is None or not media.width or not media.height:
        return ""
    size = say("it has {width:,} x {height:,} pixels", width=media.width, height=media.height)
    if shape.sides is not None and media.width + media.height > shape.sides:
        return say(
            "{size}, and width and height of a {kind} may be {sides:,} together",
            size=size,
            kind=kind,
            sides=shape.sides,
        )
    short, long = sorted((media.width, media.height))
    if shape.ratio is not None and long > shape.ratio * short:
        return say(
            "{size}, and a {kind} may be {ratio:g} times as long as wide",
            size=size,
            kind=kind,
            ratio=shape.ratio,
        )
    if shape.pixels is not None and media.width * media.height > shape.pixels:
        return say(
            "{size}, and a {kind} may have {pixels:,}", size=size, kind=kind, pixels=shape.pixels
        )
    return ""


def moves(media: Media) -> bool:
    """Whether ``media`` is an animated picture."""
    return media.frames is not None and media.frames > 1
