"""``platforms``: what each messenger can do, where that is known from, and how it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell

if TYPE_CHECKING:
    from broadcaster.adapter import Audience, Fact, Limits, Platform, Shape
    from broadcaster.model import Json
    from broadcaster.store.health import StoreHealth

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
    "sandbox": "against a fake of ours only, never on the real platform",
    "recorded": "against recorded answers of the real platform",
    "live": "on the real platform",
}
"""What each :class:`~broadcaster.adapter.Proven` means."""


@click.command("platforms")
@click.argument("name", required=False)
@click.option("--audience", is_flag=True, help="Ask how many follow each channel.")
@json_option
@click.pass_obj
def platforms_command(shell: Shell, name: str | None, audience: bool, as_json: bool) -> None:
    """What each messenger can do, how far that is proven, and how your accounts are.

    With NAME every limit of that messenger, and where the number is from.

    \b
    broadcaster platforms
    broadcaster platforms bale
    broadcaster platforms --audience
    """
    from broadcaster.cli.output import print_json
    from broadcaster.cli.status import accounts_json, print_accounts
    from broadcaster.errors import InputError

    platforms = dict(shell.office.platforms)
    if name is not None and name not in platforms:
        raise InputError(f'"{name}" is no platform; there are {", ".join(platforms)}')
    chosen = list(platforms.values()) if name is None else [platforms[name]]
    with shell.queue() as store:
        health = store.health(counted=False)
    followers = _followers(shell, health) if audience else {}
    if as_json:
        print_json(
            {
                "platforms": [platform_json(each) for each in chosen],
                "accounts": accounts_json(shell, health),
                "audience": {channel: _audience_json(each) for channel, each in followers.items()},
            }
        )
    elif audience:
        _show_followers(followers)
    elif name is not None:
        _show_one(chosen[0])
    else:
        _show_all(chosen)
        echo()
        print_accounts(shell, health)


def platform_json(platform: Platform) -> dict[str, Json]:
    """Everything the facts say, with sources."""
    from broadcaster.config import own_keys

    limits = platform.limits
    facts = {name: getattr(limits, name) for name in FACTS}
    return {
        "name": platform.name,
        "title": platform.title,
        "jurisdiction": platform.jurisdiction,
        "proven": platform.proven.value,
        "proven_on": platform.proven_on.isoformat() if platform.proven_on else None,
        "verbs": [*sorted(platform.verbs)],
        "keys": [*own_keys.names(platform.config)],
        "measure": limits.measure.value,
        "limits": {name: _fact_json(fact) for name, fact in facts.items()},
        "album_mix": limits.album_mix.value,
        "media": {kind.value: _fact_json(fact) for kind, fact in limits.media.items()},
        "formats": {kind.value: _fact_json(fact) for kind, fact in limits.formats.items()},
        "photo": _fact_json(limits.photo),
        "uncaptioned": [*sorted(limits.uncaptioned)],
        **{name: bool(getattr(limits, name)) for name in FLAGS},
    }


def _show_all(platforms: list[Platform]) -> None:
    from broadcaster.cli.output import print_table

    verbs = ("edit", "recall", "pin", "find", "audience")
    print_table(
        ("platform", "text", "caption", "album", "file", *verbs, "silent", "proven", "known as"),
        (
            (
                each.name,
                _guessed(each.limits.text),
                _guessed(each.limits.caption) if each.limits.media else "–",
                _guessed(each.limits.album),
                _largest(each.limits),
                *("yes" if verb in each.verbs else "–" for verb in verbs),
                "yes" if each.limits.silent else "–",
                each.proven.value,
                each.title,
            )
            for each in platforms
        ),
    )
    echo("~ is a guess; `broadcaster platforms NAME` says where each number is from")


def _guessed(fact: Fact[Any]) -> str:
    return ("~" if fact.source.startswith("guess") else "") + _words(fact.value)


def _largest(limits: Limits) -> str:
    """The largest file of any kind."""
    if not limits.media:
        return "–"
    return _bytes(max((fact.value or 0 for fact in limits.media.values()), default=0))


def _bytes(most: int | None) -> str:
    from broadcaster.cli.output import size

    return size(most) if most else "not known"


def _show_one(platform: Platform) -> None:
    from broadcaster.cli.output import print_table
    from broadcaster.config import own_keys

    limits = platform.limits
    on = f" on {platform.proven_on}" if platform.proven_on else ""
    echo(f"{platform.name}, {platform.title}: {platform.jurisdiction}")
    echo(f"proven: {PROVEN[platform.proven.value]}{on}")
    echo(f"besides posting it can: {', '.join(sorted(platform.verbs)) or 'nothing'}")
    if keys := ", ".join(own_keys.names(platform.config)):
        echo(f"keys of its own in [platforms.{platform.name}]: {keys}")
    echo(f"texts are measured in {limits.measure.value}\n")
    facts = [(name, getattr(limits, name)) for name in FACTS]
    print_table(
        ("limit", "value", "checked by us", "source"),
        [
            *(
                (name.replace("_", " "), _limit(platform, name), _seen(fact), fact.source)
                for name, fact in facts
            ),
            *(
                (f"{kind.value} file", _bytes(fact.value), _seen(fact), fact.source)
                for kind, fact in limits.media.items()
            ),
            *(
                (f"{kind.value} formats", _words(fact.value), _seen(fact), fact.source)
                for kind, fact in limits.formats.items()
            ),
            ("photo shape", _words(limits.photo.value), _seen(limits.photo), limits.photo.source),
            *((f"{kind} caption", "none", "", "") for kind in sorted(limits.uncaptioned)),
            *(
                (name.replace("_", " "), "yes" if getattr(limits, name) else "no", "", "")
                for name in FLAGS
            ),
        ],
    )


def _limit(platform: Platform, name: str) -> str:
    """A limit for people; of what the platform cannot do at all, that it cannot."""
    verb, within, _ = name.partition("_within")
    if within and verb not in platform.verbs:
        return "cannot"
    return _words(getattr(platform.limits, name).value)


def _show_followers(followers: Mapping[str, Audience | str]) -> None:
    from broadcaster.cli.output import print_table

    rows = [
        (channel, "", each)
        if isinstance(each, str)
        else (channel, f"{'' if each.exact else '~'}{each.number:,}", each.source)
        for channel, each in followers.items()
    ]
    print_table(("channel", "followers", "source"), rows)


def _followers(shell: Shell, health: StoreHealth) -> dict[str, Audience | str]:
    """Channel -> its audience, or why it is not known."""
    from broadcaster.app.checks import audience, open_channels
    from broadcaster.errors import InputError

    office = shell.office
    found: dict[str, Audience | str] = {}
    for name in open_channels(shell.office, health):
        try:
            found.update(asyncio.run(audience(office, [office.settings.channels[name]])))
        except InputError as error:
            found[name] = str(error)
    return found


def _audience_json(found: Audience | str) -> Json:
    if isinstance(found, str):
        return {"number": None, "exact": None, "source": found}
    return {"number": found.number, "exact": found.exact, "source": found.source}


def _fact_json(fact: Fact[Any]) -> Json:
    seen = fact.seen.isoformat() if fact.seen else None
    return {"value": _plain(fact.value), "source": fact.source, "seen": seen}


def _plain(value: Any) -> Json:
    """A limit for programs: seconds for a length of time, None for no limit or not known."""
    from broadcaster.adapter import Rate, Shape

    if isinstance(value, Rate | Shape):
        return {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, frozenset):
        return [*sorted(value)]
    if isinstance(value, timedelta):
        return None if value == timedelta.max else value.total_seconds()
    return list(value) if isinstance(value, tuple) else value


def _words(value: Any) -> str:
    """A limit for people."""
    from broadcaster.adapter import Rate, Shape
    from broadcaster.cli.status import rate

    match value:
        case Shape():
            return _shape(value)
        case frozenset():
            return ", ".join(sorted(value))
        case None:
            return "not known"
        case Rate():
            return rate(value)
        case timedelta():
            return "any time" if value == timedelta.max else f"{value.total_seconds() / 3600:g} h"
        case (1, 1):
            return "none"
        case (fewest, most):
            return f"{fewest}–{most}"
        case float():
            return f"{value:g} s"
        case _:
            return f"{value:,}"


def _shape(shape: Shape) -> str:
    limits = (
        (shape.sides, "{:,} pixels in width and height"),
        (shape.ratio, "{:g} times as long as wide"),
        (shape.pixels, "{:,} pixels"),
    )
    return ", ".join(words.format(most) for most, words in limits if most is not None) or "any"


def _seen(fact: Fact[Any]) -> str:
    return fact.seen.isoformat() if fact.seen else "never"
