"""JSON forms of the model for the stores: compact, without defaults, with Persian unescaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from broadcaster.language import say
from broadcaster.model import Conversion, Media, MediaKind, Message, Micros, Options, Verb
from broadcaster.store.nofollow import is_digest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def dumps(value: object) -> str:
    """The canonical JSON text of ``value``: equal values give equal texts."""
    return _ENCODE(value)


def micros(moment: datetime | None) -> Micros | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(at: Micros | None) -> datetime | None:
    return None if at is None else _EPOCH + timedelta(microseconds=at)


def messages_json(messages: Sequence[Message]) -> str:
    return dumps([_message(message) for message in messages])


def messages(text: str) -> tuple[Message, ...]:
    return tuple(_read_message(value) for value in json.loads(text))


def digest(text: str) -> str:
    """The digest of a rendering that the store composed, such as the messages of a recall."""
    return sha256(text.encode()).hexdigest()


def media_json(media: Sequence[Media]) -> str:
    return dumps([_media(item) for item in media])


def media(text: str) -> tuple[Media, ...]:
    """The files of a post, for display.

    A value that is not a digest becomes empty, so that no path can be built from it.
    """
    return tuple(
        _read_media(value if is_digest(value["digest"]) else {**value, "digest": ""})
        for value in json.loads(text)
    )


def conversions_json(conversions: Sequence[Conversion]) -> str:
    return dumps(
        [
            {"of": conversion.of, "media": _media(conversion.media), "loss": conversion.loss}
            for conversion in conversions
        ]
    )


def conversions(text: str) -> tuple[Conversion, ...]:
    """The conversions in a stored form.

    :raises ValueError: one of them has no valid digest.
    """
    return tuple(
        Conversion(of=value["of"], media=_checked(_read_media(value["media"])), loss=value["loss"])
        for value in json.loads(text)
    )


_LATER = {"convert": None, "album": ""}
"""Options that are written only if they differ from these defaults, so that older programs, which
do not know them, can read all other posts."""


def options_json(options: Options) -> str:
    values = {name: getattr(options, name) for name in Options.__slots__}
    return dumps(
        {
            name: value
            for name, value in values.items()
            if name not in _LATER or value != _LATER[name]
        }
    )


def options(text: str) -> Options:
    return Options(**json.loads(text))


def _message(message: Message) -> dict[str, Any]:
    value: dict[str, Any] = {"index": message.index}
    if message.verb is not Verb.SEND:
        value["verb"] = message.verb.value
    if message.acts_on is not None:
        value["acts_on"] = message.acts_on
    if message.text:
        value["text"] = message.text
    if message.markup:
        value["markup"] = dict(message.markup)
    if message.media:
        value["media"] = [_media(item) for item in message.media]
    if message.silent:
        value["silent"] = True
    if message.pin:
        value["pin"] = True
    if message.unpins_others:
        value["unpins_others"] = True
    if not message.preview:
        value["preview"] = False
    if message.replaces:
        value["replaces"] = True
    return value


def _read_message(value: Mapping[str, Any]) -> Message:
    return Message(
        **{
            **value,
            "verb": Verb(value.get("verb", Verb.SEND)),
            "media": tuple(_checked(_read_media(item)) for item in value.get("media", ())),
        }
    )


def _media(item: Media) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in Media.__slots__}
    return {name: value for name, value in values.items() if value is not None}


def _read_media(value: Mapping[str, Any]) -> Media:
    return Media(**{**value, "kind": MediaKind(value["kind"])})


def _checked(item: Media) -> Media:
    if not is_digest(item.digest):  # a path is built from it, which must stay in our folder
        raise ValueError(say("{digest!r} is no digest of a file", digest=item.digest))
    return item


def ids_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def texts(text: str) -> dict[str, str]:
    return dict(json.loads(text))
