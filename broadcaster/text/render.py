"""A post as one channel will receive it: messages in the platform's dialect, within its limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from broadcaster.adapter import Limits, Platform
from broadcaster.model import Channel, Media, Message, Options, Post, Rendering, Text, Verb
from broadcaster.text import RenderError, rich
from broadcaster.text.attach import attach
from broadcaster.text.compose import Room, compose, joined
from broadcaster.text.losses import losses
from broadcaster.text.markdown import read
from broadcaster.text.measure import measure
from broadcaster.text.options import ChannelOptions
from broadcaster.text.variables import filled

__all__ = ["RenderError", "render"]


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
    text = _text(post, channel, options, due)
    albums, changed = attach(platform, limits, post.media)
    room = _room(platform, limits)
    marks = options.language if options.part_marks else None
    try:
        caption, parts = compose(text, room, captioned=bool(albums), marks=marks)
    except ValueError as error:
        raise RenderError(f"{platform.name}: {error}") from None
    messages = [
        *(
            _message(platform, rich.EMPTY if n else caption, album)
            for n, album in enumerate(albums)
        ),
        *(_message(platform, part) for part in parts),
    ]
    preview = post.options.preview and options.preview
    lost = [*changed, *losses(platform, limits, post, text, preview=preview)]
    if albums and parts:
        lost.insert(0, _moved(caption, room))
    sent = tuple(_steps(platform, limits, post.options, messages, preview=preview))
    return Rendering(messages=sent, lost=tuple(lost), digest=_digest(sent))


def _text(post: Post, channel: Channel, options: ChannelOptions, due: datetime) -> Text:
    """What readers see in all: the text, the signature, the tags."""
    source = post.texts.get(channel.name, post.source)
    text = read(filled(source, options, due))
    if not text.plain.strip() and not post.media:
        raise RenderError(
            "there is nothing that readers would see; write some words, or attach a file"
        )
    endings = (options.signature, " ".join(options.hashtags))
    return joined([text, *(read(filled(ending, options, due)) for ending in endings)])


def _room(platform: Platform, limits: Limits) -> Room:
    assert limits.text.value is not None, "Limits.text is never unknown"
    assert limits.caption.value is not None, "Limits.caption is never unknown"
    return Room(
        size=lambda text: measure(platform.encode(text)[0], limits.measure),
        text=limits.text.value,
        caption=limits.caption.value,
    )


def _message(platform: Platform, text: Text, media: tuple[Media, ...] = ()) -> Message:
    wire, markup = platform.encode(text) if text.plain else ("", {})
    return Message(index=0, text=wire, markup=markup, media=media)


def _moved(caption: Text, room: Room) -> str:
    where = "the rest follows" if caption.plain else "the text follows"
    return f"the caption is too long (at most {room.caption:,}): {where} in a message of its own"


def _steps(
    platform: Platform,
    limits: Limits,
    options: Options,
    messages: Sequence[Message],
    *,
    preview: bool,
) -> Sequence[Message]:
    """``messages`` with their slots and flags, and a last step that pins where that is one."""
    sent = [
        replace(
            message,
            index=index,
            silent=options.silent and limits.silent,
            pin=options.pin and limits.pin_at_send and index == 0,
            preview=preview or not limits.preview_switch,
        )
        for index, message in enumerate(messages)
    ]
    if options.pin and not limits.pin_at_send and "pin" in platform.verbs:
        sent.append(Message(index=len(sent), verb=Verb.PIN, acts_on=0))
    return sent


def _digest(messages: Sequence[Message]) -> str:
    content = [
        {**asdict(replace(message, markup={})), "markup": dict(message.markup)}
        for message in messages
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
