"""What each messenger can do, where that is known from, and who follows the channels there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broadcaster.adapter import Audience, Fact, Limits, Platform, Rate, Shape
from broadcaster.app.checks import audience
from broadcaster.app.office import Office
from broadcaster.app.status import rate
from broadcaster.app.words import size
from broadcaster.config import own_keys
from broadcaster.config.find import NoConfig
from broadcaster.discovery import Platforms
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Json

__all__ = [
    "FLAGS",
    "PROVEN",
    "Audience",
    "Limit",
    "NoConfig",
    "Platform",
    "audience_json",
    "choose",
    "fact_words",
    "followers",
    "keys",
    "known",
    "largest",
    "limits_of",
    "platform_json",
]

FACTS = (
    "text",
    "caption",
    "album",
    "account_rate",
    "channel_rate",
    "quiet",
    "edit_within",
    "recall_within",
)
"""Fields of ``Limits`` that carry their source."""
FLAGS = ("silent", "preview_switch", "reply", "pin_at_send", "edits_caption", "idempotent_send")
"""Fields of ``Limits`` that are yes or no."""
PROVEN = {
    "sandbox": say("against a fake of ours only, never on the real platform"),
    "recorded": say("against recorded answers of the real platform"),
    "live": say("on the real platform"),
}
"""What each :class:`~broadcaster.adapter.Proven` means."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a platform, in words."""

    name: str
    value: str
    seen: str = ""
    """The day on which somebody checked it on the real platform."""
    source: str = ""


def known(office: Office | None) -> Mapping[str, Platform]:
    """Every messenger; what it can do depends on no config."""
    return Platforms() if office is None else office.platforms


def choose(platforms: Mapping[str, Platform], name: str | None) -> list[Platform]:
    """The platform of this name; without one, all that there are.

    :raises InputError: there is none of this name.
    """
    if name is None:
        return list(platforms.values())
    if name not in platforms:
        raise InputError(
            say(
                '"{name}" is no platform; there are {platforms}',
                name=name,
                platforms=joined(", ", platforms),
            )
        )
    return [platforms[name]]


def keys(platform: Platform) -> tuple[str, ...]:
    """Keys of its own in its table of the config."""
    return tuple(own_keys.names(platform.config))


def platform_json(platform: Platform) -> dict[str, Json]:
    """Everything the facts say, with sources."""
    limits = platform.limits
    facts = {name: getattr(limits, name) for name in FACTS}
    return {
        "name": platform.name,
        "title": platform.title,
        "jurisdiction": platform.jurisdiction,
        "proven": platform.proven.value,
        "proven_on": platform.proven_on.isoformat() if platform.proven_on else None,
        "verbs": [*sorted(platform.verbs)],
        "keys": [*keys(platform)],
        "measure": limits.measure.value,
        "limits": {name: _fact_json(fact) for name, fact in facts.items()},
        "album_mix": limits.album_mix.value,
        "media": {kind.value: _fact_json(fact) for kind, fact in limits.media.items()},
        "formats": {kind.value: _fact_json(fact) for kind, fact in limits.formats.items()},
        "photo": _fact_json(limits.photo),
        "uncaptioned": [*sorted(limits.uncaptioned)],
        "edits_media": [*sorted(limits.edits_media)],
        **{name: bool(getattr(limits, name)) for name in FLAGS},
    }


async def followers(office: Office, channels: Iterable[str]) -> dict[str, Audience | str]:
    """Channel -> its audience, or why it is not known."""
    found: dict[str, Audience | str] = {}
    for name in channels:
        try:
            found.update(await audience(office, [office.settings.channels[name]]))
        except InputError as error:
            found[name] = str(error)
    return found


def audience_json(found: Audience | str) -> Json:
    """One channel of ``platforms --audience --json``."""
    if isinstance(found, str):
        return {"number": None, "exact": None, "source": found}
    return {"number": found.number, "exact": found.exact, "source": found.source}


def limits_of(platform: Platform) -> list[Limit]:
    """Every limit of a platform, and what it can do beside."""
    limits = platform.limits
    facts = [(name, getattr(limits, name)) for name in FACTS]
    return [
        *(
            Limit(name.replace("_", " "), _limit(platform, name), _seen(fact), fact.source)
            for name, fact in facts
        ),
        *(
            Limit(say("{kind} file", kind=kind.value), _bytes(fact.value), _seen(fact), fact.source)
            for kind, fact in limits.media.items()
        ),
        *(
            Limit(
                say("{kind} formats", kind=kind.value), _words(fact.value), _seen(fact), fact.source
            )
            for kind, fact in limits.formats.items()
        ),
        Limit(
            say("photo shape"), _words(limits.photo.value), _seen(limits.photo), limits.photo.source
        ),
        *(Limit(say("{kind} caption", kind=kind), "none") for kind in sorted(limits.uncaptioned)),
        *(
            Limit(name.replace("_", " "), "yes" if getattr(limits, name) else "no")
            for name in FLAGS
        ),
    ]


def fact_words(fact: Fact[Any]) -> str:
    """The value of a fact in words, with a ``~`` where it is a guess."""
    return ("~" if fact.source.startswith("guess") else "") + _words(fact.value)


def largest(limits: Limits) -> str:
    """The largest file of any kind."""
    if not limits.media:
        return "–"
    return _bytes(max((fact.value or 0 for fact in limits.media.values()), default=0))


def _bytes(most: int | None) -> str:
    return size(most) if most else say("not known")


def _limit(platform: Platform, name: str) -> str:
    """A limit for people; of what the platform cannot do at all, that it cannot."""
    verb, within, _ = name.partition("_within")
    if within and verb not in platform.verbs:
        return "cannot"
    return _words(getattr(platform.limits, name).value)


def _fact_json(fact: Fact[Any]) -> Json:
    seen = fact.seen.isoformat() if fact.seen else None
    return {"value": _plain(fact.value), "source": fact.source, "seen": seen}


def _plain(value: Any) -> Json:
    """A limit for programs: seconds for a length of time, None for no limit or not known."""
    if isinstance(value, Rate | Shape):
        return {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, frozenset):
        return [*sorted(value)]
    if isinstance(value, timedelta):
        return None if value == timedelta.max else value.total_seconds()
    return list(value) if isinstance(value, tuple) else value


def _words(value: Any) -> str:
    """A limit for people."""
    match value:
        case Shape():
            return _shape(value)
        case frozenset():
            return joined(", ", sorted(value))
        case None:
            return say("not known")
        case Rate():
            return rate(value)
        case timedelta():
            return (
                say("any time")
                if value == timedelta.max
                else say("{total_seconds:g} h", total_seconds=value.total_seconds() / 3600)
            )
        case (1, 1):
            return say("none")
        case (fewest, most):
            return f"{fewest}–{most}"
        case float():
            return say("{value:g} s", value=value)
        case _:
            return f"{value:,}"


def _shape(shape: Shape) -> str:
    limits = (
        (shape.sides, say("{most:,} pixels in width and height")),
        (shape.ratio, say("{most:g} times as long as wide")),
        (shape.pixels, say("{most:,} pixels")),
    )
    return joined(
        ", ", (words.format(most=most) for most, words in limits if most is not None)
    ) or say("any")


def _seen(fact: Fact[Any]) -> str:
    return fact.seen.isoformat() if fact.seen else say("never")
