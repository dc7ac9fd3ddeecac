"""The id of a message as people give it: a number, or the link that an app copies."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from broadcaster.calendar.digits import latin_digits
from broadcaster.language import say
from broadcaster.model import Channel

LONGEST = 128
"""Characters; the ids of all platforms are far shorter."""
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Direction marks, which come along when a Persian text is copied."""
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|[a-z0-9-]+(?:\.[a-z0-9-]+)+/)", re.IGNORECASE)


def typed(text: str) -> str:
    """``text`` with the digits that platforms use, without direction marks and spaces around it.

    Spaces within it stay, so that two ids are not taken for one.
    """
    return latin_digits(_MARKS.sub("", text).strip().strip("\u200b\u200c\u200d"))


def parts(text: str, hosts: tuple[str, ...]) -> list[str] | None:
    """The path of a link to one of ``hosts``, apart; None: it is no link.

    :raises ValueError: it is a link to somewhere else.
    """
    if not _LINK.match(text):
        return None
    address = urlsplit(text if "://" in text else f"https://{text}")
    host = (address.hostname or "").removeprefix("www.")
    if host not in hosts:
        raise ValueError(
            say(
                "{text!r} is a link to another place: give the ID alone, or a link that"
                " begins {host}/",
                text=text[:80],
                host=hosts[0],
            )
        )
    return [part for part in address.path.split("/") if part]


def number(text: str) -> str:
    """:raises ValueError: ``text`` is no number that a message can have."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(
            say("{text!r} is no ID of a message here: it is a number, such as 4711", text=text[:40])
        )
    return text


def same_channel(name: str, public: str) -> None:
    """:raises ValueError: a link names another channel; nothing is known of one without a name."""
    if public and name.casefold() != public.casefold():
        raise ValueError(
            say(
                "that link belongs to {name}, and this channel is {public}",
                name=name,
                public=public,
            )
        )


def numbered(*hosts: str, public: Callable[[Channel], str]) -> Callable[[Channel, str], str]:
    """For platforms whose messages have numbers and links ``HOST/NAME/NUMBER``.

    ``public``: the public name of a channel; "": it has none.
    """

    def read(channel: Channel, text: str) -> str:
        text = typed(text)
        path = parts(text, hosts)
        if path is None:
            return number(text)
        if len(path) != 2:
            raise ValueError(
                say(
                    "{text!r} is no link of a message: it looks like {hosts}/NAME/4711, "
                    "or give the number alone",
                    text=text[:80],
                    hosts=hosts[0],
                )
            )
        same_channel(path[0], public(channel))
        return number(path[1])

    return read


def username(channel: Channel) -> str:
    """The public name of a channel whose address is ``@name`` or a number; "": it has none."""
    return channel.username or channel.address.partition("@")[2]


def any_id(text: str) -> str:
    """For a platform that has not said what its ids look like.

    :raises ValueError: no platform has such an id.
    """
    text = typed(text)
    if "/" in text:
        raise ValueError(
            say("an ID is the number at the end of the link, without the rest: {text!r}", text=text)
        )
    if not text or not text.isprintable() or "\\" in text or len(text) > LONGEST:
        raise ValueError(say("that cannot be the ID of a message: {text!r}", text=text[:40]))
    return text
