"""Facts of Apprise, EXPERIMENTAL: one of its hundred services as a channel, by its Apprise URL.

An account is one Apprise URL, which is a secret as a whole and stands in the account's token file.
Its channel's address is the URL's scheme, such as ``slack``, and says which service is meant.  What
a service can take differs; what is said here holds for most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven
from broadcaster.model import Channel
from broadcaster.text.encode import plain

DIFFERS = "? experimental: each service has its own"
NONE = "Apprise tells of no message, so that nothing can be done with one"

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,30}")


@dataclass(frozen=True, slots=True)
class Config:
    """Keys of ``[platforms.NAME]`` with ``adapter = "apprise"``."""

    longest: int = 2000
    """Characters that the service takes in one message."""

    def __post_init__(self) -> None:
        if self.longest < 1:
            raise ValueError(f"longest must be 1 or more, not {self.longest}")


def narrow(limits: Limits, config: Config) -> Limits:
    return replace(limits, text=Fact(value=config.longest, source="longest, in the config"))


def address(text: str) -> str:
    """The scheme of the account's Apprise URL.

    :raises ValueError: it is none, with what to write instead; the text is not repeated.
    """
    scheme = text.strip().lower()
    if "://" in scheme:
        raise ValueError(
            "an Apprise URL is a secret: put it into the account's token file, and write only what"
            " stands before :// as the address"
        )
    if not _SCHEME.fullmatch(scheme):
        raise ValueError("write what stands before :// in the account's Apprise URL, such as slack")
    return scheme


def link(_channel: Channel, _message_id: str) -> str | None:
    """Apprise names no message."""
    return None


def message_id(_channel: Channel, _typed: str) -> str:
    """:raises ValueError: always, for Apprise names no message."""
    raise ValueError("what goes through Apprise has no ID: leave it out")


PLATFORM = Platform(
    name="apprise",
    title="اپرایز (آزمایشی)",
    jurisdiction="foreign",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=2000, source="guess: experimental; the key longest says another"),
        caption=Fact(value=2000, source="experimental: files are not sent"),
        album=Fact(value=(1, 1), source="experimental: files are not sent"),
        account_rate=Fact(value=None, source=DIFFERS),
        channel_rate=Fact(value=None, source=DIFFERS),
        quiet=Fact(value=None, source="Apprise does not tell rate limits from other refusals"),
        edit_within=Fact(value=None, source=NONE),
        recall_within=Fact(value=None, source=NONE),
    ),
    proven=Proven.SANDBOX,
    base_url="",
    senders=2,
    config=Config,
    encode=plain,
    narrow=narrow,
    link=link,
    message_id=message_id,
    address=address,
)
