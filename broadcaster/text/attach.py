"""Files of a post as calls: which kind each is sent as, and which stand together in an album."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from broadcaster.adapter import AlbumMix, Limits, Platform
from broadcaster.model import Media, MediaKind
from broadcaster.text import RenderError

_WIDER = {
    MediaKind.ANIMATION: (MediaKind.VIDEO, MediaKind.DOCUMENT),
    MediaKind.VOICE: (MediaKind.AUDIO, MediaKind.DOCUMENT),
    MediaKind.AUDIO: (MediaKind.DOCUMENT,),
    MediaKind.PHOTO: (MediaKind.DOCUMENT,),
    MediaKind.VIDEO: (MediaKind.DOCUMENT,),
    MediaKind.DOCUMENT: (),
}
"""What a file may be sent as where its own kind cannot be, the nearest first."""

_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What begins as one of these is a photo; it is a document where its picture is damaged."""

_VISUAL = (MediaKind.PHOTO, MediaKind.VIDEO)
_AMONG_THEMSELVES = (MediaKind.DOCUMENT, MediaKind.AUDIO)


def attach(
    platform: Platform, limits: Limits, media: Sequence[Media]
) -> tuple[tuple[tuple[Media, ...], ...], tuple[str, ...]]:
    """``media`` in calls, in order, and what was changed to make them fit.

    :raises RenderError: a kind that the platform cannot take, or a file too large for it.
    """
    lost: list[str] = []
    sent: list[Media] = []
    for file in media:
        kind, why = _kind(platform, limits, file)
        if why:
            lost.append(why)
        elif kind is MediaKind.PHOTO and _moves(file):
            lost.append(f"{file.name} stands still: it moves, and a {kind} does not")
        elif file.kind is MediaKind.DOCUMENT and file.mime in _PICTURES:
            lost.append(f"{file.name} is sent as a document: the picture in it cannot be read")
        most = limits.media[kind].value
        if most is not None and file.size > most:
            raise RenderError(
                f"{file.name} is too large for {platform.name}: it has {file.size:,} bytes, and a"
                f" {kind} may have {most:,}; make it smaller"
            )
        sent.append(replace(file, kind=kind))
    albums = tuple(_albums(limits, sent))
    if len(albums) > 1:
        lost.append(f"{len(sent)} files go out as {len(albums)} messages, not as one album")
    return albums, tuple(lost)


def _kind(platform: Platform, limits: Limits, media: Media) -> tuple[MediaKind, str]:
    """What it is sent as, and what readers would have had otherwise; "": nothing is changed."""
    wider = _WIDER[media.kind]
    if media.kind is MediaKind.ANIMATION and not media.mime.startswith("video/"):
        wider = (MediaKind.DOCUMENT,)  # a GIF is no file of a video
    why = ""
    for kind in (media.kind, *wider):
        against = (
            _unfit(platform, limits, media, kind)
            if kind in limits.media
            else f"{platform.name} takes no {kind}"
        )
        if not against:
            return kind, f"{media.name} is sent as a {kind}: {why}" if why else ""
        why = why or against
    if media.kind in limits.media:
        raise RenderError(f"{media.name} cannot be sent: {why}")
    takes = ", ".join(kind for kind in MediaKind if kind in limits.media)
    raise RenderError(
        f"{platform.name} takes no {media.kind} ({media.name}); "
        + (f"it takes {takes}" if takes else "it takes no files at all, only text")
    )


def _unfit(platform: Platform, limits: Limits, media: Media, kind: MediaKind) -> str:
    """Why a platform that takes this kind would not show this file as one; "": it would."""
    formats = limits.formats[kind].value if kind in limits.formats else None
    if formats is not None and media.mime not in formats:
        return f"{platform.name} takes no {media.mime} as a {kind}"
    if kind is not MediaKind.PHOTO or limits.tells_kind:
        return ""
    if _moves(media) and MediaKind.DOCUMENT in limits.media:
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


def _moves(media: Media) -> bool:
    return media.frames is not None and media.frames > 1


def _albums(limits: Limits, media: Sequence[Media]) -> Iterator[tuple[Media, ...]]:
    assert limits.album.value is not None, "Limits.album is never unknown"
    least, most = limits.album.value
    for run in _runs(limits.album_mix if most > 1 else AlbumMix.NONE, media):
        count = -(-len(run) // most)
        for number in range(count):
            chunk = run[len(run) * number // count : len(run) * (number + 1) // count]
            if len(chunk) >= least:
                yield tuple(chunk)
            else:
                yield from ((file,) for file in chunk)


def _runs(mix: AlbumMix, media: Iterable[Media]) -> Iterator[list[Media]]:
    """Neighbours that may stand in one album."""
    run: list[Media] = []
    for file in media:
        if run and not _together(mix, run[-1].kind, file.kind):
            yield run
            run = []
        run.append(file)
    if run:
        yield run


def _together(mix: AlbumMix, one: MediaKind, other: MediaKind) -> bool:
    match mix:
        case AlbumMix.NONE:
            return False
        case AlbumMix.SAME:
            return one is other
        case AlbumMix.VISUAL:
            visual = one in _VISUAL and other in _VISUAL
            return visual or (one is other and one in _AMONG_THEMSELVES)
        case AlbumMix.ANY:
            return True
