"""Renders a post for a channel: messages in the platform's dialect, within its limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from broadcaster.adapter import Fact, Limits, Measure, Platform
from broadcaster.language import say
from broadcaster.model import Channel, Json, Media, Message, Options, Post, Rendering, Text, Verb
from broadcaster.text import RenderError
from broadcaster.text.attach import Wanted, attach
from broadcaster.text.compose import SizeLimits, compose, joined
from broadcaster.text.links import written_out
from broadcaster.text.losses import losses
from broadcaster.text.markdown import read
from broadcaster.text.measure import measure
from broadcaster.text.naming import name_of
from broadcaster.text.options import ChannelOptions
from broadcaster.text.parameters import tagged
from broadcaster.text.pictures import unattached
from broadcaster.text.variables import filled

__all__ = ["RenderError", "render", "written"]

_Wire: TypeAlias = tuple[str, Mapping[str, Json]]
_NO_WORDS: _Wire = ("", {})


def render(
    platform: Platform, limits: Limits, post: Post, channel: Channel, *, due: datetime
) -> Rendering:
    """The messages that ``channel`` would receive, and what they cannot show.

    ``due``: the hour that ``{date}`` and its like stand for.

    :raises RenderError: the platform cannot take it, with the limit and the number.
    """
    options = ChannelOptions.of(channel)
    if not options.preview:
        post = replace(post, options=replace(post.options, preview=False))
    text, tagged_links = tagged(_text(post, channel, options, due), options.parameters)
    albums, changed = attach(platform, limits, post.media, _wanted(post, options))
    captioned = bool(albums) and not any(file.kind in limits.uncaptioned for file in albums[0])
    marks = options.language if options.part_marks else None
    try:
        caption, parts = _wired(
            (platform.encode, platform.links),
            limits.measure,
            (_known(limits.text), _known(limits.caption)),
            text,
            captioned=captioned,
            marks=marks,
        )
    except ValueError as error:
        raise RenderError(
            say("{platform}: {reason}", platform=platform.name, reason=error)
        ) from None
    messages = [
        *(_message(_NO_WORDS if n else caption, album) for n, album in enumerate(albums)),
        *(_message(part) for part in parts),
    ]
    sent = tuple(_steps(platform, limits, post.options, messages))
    lost = (*changed, *losses(platform, limits, post, text))
    notes = _notes(options, tagged_links)
    return Rendering(messages=sent, lost=lost, notes=notes, digest=name_of(sent))


def _notes(options: ChannelOptions, links: int) -> tuple[str, ...]:
    if not links:
        return ()
    values = "&".join(f"{name}={value}" for name, value in options.parameters.values.items())
    return (
        say(
            "{more} {values}",
            more=say("1 link gets") if links == 1 else say("{links:,} links get", links=links),
            values=values,
        ),
    )


def _wanted(post: Post, options: ChannelOptions) -> Wanted:
    """The wishes for files: those of the author, otherwise those of the channel's config."""
    chosen = post.options.convert
    convert = options.convert if chosen is None else chosen
    return Wanted(
        converted=post.converted if convert else (), album=post.options.album or options.album
    )


def _text(post: Post, channel: Channel, options: ChannelOptions, due: datetime) -> Text:
    """The whole text for readers: text, signature and tags."""
    if reason := unattached(post.texts.get(channel.name, post.source)):
        raise RenderError(reason)
    sources = _written(post, channel, options, due)
    if not _visible(read(sources[0]).plain) and not post.media:
        raise RenderError(
            say("there is nothing that readers would see; write some words, or attach a file")
        )
    return _read(*sources)


def written(post: Post, channel: Channel, *, due: datetime) -> tuple[str, ...]:
    """All that is read as Markdown for ``channel``: text, signature and tags, variables filled."""
    return _written(post, channel, ChannelOptions.of(channel), due)


def _written(
    post: Post, channel: Channel, options: ChannelOptions, due: datetime
) -> tuple[str, ...]:
    text = filled(post.texts.get(channel.name, post.source), options, due)
    return text, filled(options.signature, options, due), " ".join(options.hashtags)


def _visible(plain: str) -> bool:
    """Whether there is more than white space, marks, joiners and Markdown around nothing."""
    return any(
        unicodedata.category(letter)[0] not in "CMZ" and letter not in "#>`" for letter in plain
    )


@lru_cache(maxsize=8)
def _read(*sources: str) -> Text:
    return joined([read(source) for source in sources])


@lru_cache(maxsize=16)  # of many channels, most receive the same
def _wired(
    dialect: tuple[Callable[[Text], _Wire], Callable[[str], bool]],
    how: Measure,
    most: tuple[int, int],
    text: Text,
    *,
    captioned: bool,
    marks: str | None,
) -> tuple[_Wire, tuple[_Wire, ...]]:
    """Caption and messages as they are sent.

    ``dialect``: how a text is encoded, and where its links may lead; ``most``: the limits of a
    text and of a caption.
    """

    def encode(part: Text) -> _Wire:
        return dialect[0](written_out(part, dialect[1]))

    room = SizeLimits(
        size=lambda part: measure(encode(part)[0], how), text=most[0], caption=most[1]
    )
    caption, parts = compose(text, room, captioned=captioned, marks=marks)
    return encode(caption) if caption.plain else _NO_WORDS, tuple(map(encode, parts))


def _known(limit: Fact[int]) -> int:
    assert limit.value is not None, "Limits.text and Limits.caption are never unknown"
    return limit.value


def _message(wire: _Wire, media: tuple[Media, ...] = ()) -> Message:
    text, markup = wire
    return Message(index=0, text=text, markup=markup, media=media)


def _steps(
    platform: Platform,
    limits: Limits,
    options: Options,
    messages: Sequence[Message],
) -> Sequence[Message]:
    """``messages`` with their slots and flags, and a last step that pins where that is one."""
    sent = [
        replace(
            message,
            index=index,
            silent=options.silent and limits.silent,
            pin=bool(options.pin) and limits.pin_at_send and index == 0,
            preview=options.preview or not limits.preview_switch,
        )
        for index, message in enumerate(messages)
    ]
    if options.pin and not limits.pin_at_send and "pin" in platform.verbs:
        alone = options.pin == "replace"
        sent.append(Message(index=len(sent), verb=Verb.PIN, acts_on=0, unpins_others=alone))
    return sent
