"""Divides the files of a post into calls: the kind of each file, and which share an album."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from broadcaster.adapter import AlbumMix, Limits, Platform
from broadcaster.language import joined, say
from broadcaster.model import Conversion, Media, MediaKind
from broadcaster.text import RenderError
from broadcaster.text.conversion import fitting
from broadcaster.text.fitting import PICTURES, moves, unfit

_WIDER = {
    MediaKind.ANIMATION: (MediaKind.VIDEO, MediaKind.DOCUMENT),
    MediaKind.VOICE: (MediaKind.AUDIO, MediaKind.DOCUMENT),
    MediaKind.AUDIO: (MediaKind.DOCUMENT,),
    MediaKind.PHOTO: (MediaKind.DOCUMENT,),
    MediaKind.VIDEO: (MediaKind.DOCUMENT,),
    MediaKind.DOCUMENT: (),
}
"""Kind -> kinds that may replace it on a platform without it, the nearest first."""

_VISUAL = (MediaKind.PHOTO, MediaKind.VIDEO)
_AMONG_THEMSELVES = (MediaKind.DOCUMENT, MediaKind.AUDIO)


FIRST = "first"
"""On platforms without albums, only the first of several pictures is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The wishes of a person or the config for files that a platform refuses unchanged."""

    converted: tuple[Conversion, ...] = ()
    """Pictures that may replace others."""
    album: str = ""
    """:data:`FIRST`, or all of them."""


def attach(
    platform: Platform, limits: Limits, media: Sequence[Media], wanted: Wanted = Wanted()
) -> tuple[tuple[tuple[Media, ...], ...], tuple[str, ...]]:
    """``media`` divided into calls, in order, and the changes that were needed.

    :raises RenderError: a kind that the platform cannot take, or a file too large for it.
    """
    lost: list[str] = []
    sent: list[Media] = []
    if wanted.album == FIRST and not _has_albums(limits):
        media, left_out = _first(media)
        lost += left_out
    for attached in media:
        file = attached
        if made := fitting(platform, limits, attached, wanted.converted):
            lost.append(say("{attached}: {loss}", attached=attached.name, loss=made.loss))
            file = made.media
        kind, why = _kind(platform, limits, file)
        if why:
            lost.append(why)
        elif kind is MediaKind.PHOTO and moves(file):
            lost.append(
                say(
                    "{file} stands still: it moves, and a {kind} does not",
                    file=file.name,
                    kind=kind,
                )
            )
        elif file.kind is MediaKind.DOCUMENT and file.mime in PICTURES:
            lost.append(
                say(
                    "{file} is sent as a document: the picture in it cannot be read", file=file.name
                )
            )
        most = limits.media[kind].value
        if most is not None and file.size > most:
            raise RenderError(
                say(
                    "{file} is too large for {platform}: it has {size:,} bytes, and a "
                    "{kind} may have {most:,}; make it smaller",
                    file=file.name,
                    platform=platform.name,
                    size=file.size,
                    kind=kind,
                    most=most,
                )
            )
        sent.append(replace(file, kind=kind))
    albums = tuple(_albums(limits, sent))
    if len(albums) > 1:
        lost.append(
            say(
                "{count} files go out as {count2} messages, not as one album",
                count=len(sent),
                count2=len(albums),
            )
        )
    return albums, tuple(lost)


def _has_albums(limits: Limits) -> bool:
    assert limits.album.value is not None, "Limits.album is never unknown"
    return limits.album_mix is not AlbumMix.NONE and limits.album.value[1] > 1


def _first(media: Sequence[Media]) -> tuple[Sequence[Media], list[str]]:
    """``media`` with the first picture or film only, and what is left out; documents stay."""
    seen = [each for each in media if each.kind in _VISUAL]
    left_out = {id(each) for each in seen[1:]}
    what = "pictures" if all(each.kind is MediaKind.PHOTO for each in seen) else "files"
    words = (
        [
            say(
                "{count} of {count2} {what} left out",
                count=len(left_out),
                count2=len(seen),
                what=what,
            )
        ]
        if left_out
        else []
    )
    return [each for each in media if id(each) not in left_out], words


def _kind(platform: Platform, limits: Limits, media: Media) -> tuple[MediaKind, str]:
    """The kind that a file is sent as, and the change for readers; "": none."""
    wider = _WIDER[media.kind]
    if media.kind is MediaKind.ANIMATION and not media.mime.startswith("video/"):
        wider = (MediaKind.DOCUMENT,)  # a GIF is no file of a video
    why = ""
    for kind in (media.kind, *wider):
        against = (
            unfit(platform, limits, media, kind)
            if kind in limits.media
            else say("{platform} takes no {kind}", platform=platform.name, kind=kind)
        )
        if not against:
            return kind, say(
                "{media} is sent as a {kind}: {why}", media=media.name, kind=kind, why=why
            ) if why else ""
        why = why or against
    if media.kind in limits.media:
        raise RenderError(say("{media} cannot be sent: {why}", media=media.name, why=why))
    takes = joined(", ", (kind for kind in MediaKind if kind in limits.media))
    raise RenderError(
        say(
            "{platform} takes no {kind} ({media}); ",
            platform=platform.name,
            kind=media.kind,
            media=media.name,
        )
        + (
            say("it takes {takes}", takes=takes)
            if takes
            else say("it takes no files at all, only text")
        )
    )


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
    """Groups of neighbours that may share an album."""
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
