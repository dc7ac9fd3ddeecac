"""``platforms``: what each messenger can do, where that is known from, and how it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import click

from broadcaster.app.checks import open_channels
from broadcaster.app.office import Office
from broadcaster.app.platforms import (
    PROVEN,
    Audience,
    NoConfig,
    Platform,
    audience_json,
    choose,
    fact_words,
    followers,
    keys,
    known,
    largest,
    limits_of,
    platform_json,
)
from broadcaster.app.prove import KeptProof, last
from broadcaster.app.status import accounts_json
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, print_json, print_table
from broadcaster.cli.run import Shell
from broadcaster.cli.status import print_accounts
from broadcaster.language import joined, say


@click.command("platforms")
@click.argument("name", required=False)
@click.option("--audience", is_flag=True, help="Ask for the number of followers of each channel.")
@json_option
@click.pass_obj
def platforms_command(shell: Shell, name: str | None, audience: bool, as_json: bool) -> None:
    """Show what each messenger can do, how well that is tested, and the state of your accounts.

    With NAME: every limit of that messenger, and its source. Without a config file, only what
    depends on none is shown.

    \b
    broadcaster platforms
    broadcaster platforms bale
    broadcaster platforms --audience
    """
    office = shell.office if audience else _office(shell)
    chosen = choose(known(office), name)
    health = None
    if office is not None:
        with shell.queue() as store:
            health = store.health(counted=False)
    proved = last(office, {each.name for each in chosen}) if office else {}
    counted: Mapping[str, Audience | str] = {}
    if audience and office and health:
        counted = asyncio.run(followers(office, open_channels(office, health)))
    if as_json:
        print_json(
            {
                "proved": {account: proof.to_json() for account, proof in proved.items()},
                "platforms": [platform_json(each) for each in chosen],
                "accounts": accounts_json(office, health) if office and health else [],
                "audience": {channel: audience_json(each) for channel, each in counted.items()},
            }
        )
    elif audience:
        _show_followers(counted)
    elif name is not None:
        _show_one(chosen[0])
        _show_proofs(shell, proved, whole=True)
    else:
        _show_all(chosen)
        if health:
            echo()
            print_accounts(shell, health)
        _show_proofs(shell, proved, whole=False)


def _office(shell: Shell) -> Office | None:
    """None: there is no config yet, as a newcomer has none."""
    try:
        return shell.office
    except NoConfig:
        return None


def _show_all(platforms: Sequence[Platform]) -> None:
    verbs = ("edit", "recall", "pin", "find", "audience")
    print_table(
        (
            "platform",
            "text",
            "caption",
            "album",
            "file",
            *verbs,
            "silent",
            "proven",
            say("known as"),
        ),
        (
            (
                each.name,
                fact_words(each.limits.text),
                fact_words(each.limits.caption) if each.limits.media else "–",
                fact_words(each.limits.album),
                largest(each.limits),
                *("yes" if verb in each.verbs else "–" for verb in verbs),
                "yes" if each.limits.silent else "–",
                each.proven.value,
                each.title,
            )
            for each in platforms
        ),
    )
    echo(say("~ is a guess; `broadcaster platforms NAME` says where each number is from"))


def _show_one(platform: Platform) -> None:
    on = say(" on {proven_on}", proven_on=platform.proven_on) if platform.proven_on else ""
    echo(
        say(
            "{platform}, {title}: {jurisdiction}",
            platform=platform.name,
            title=platform.title,
            jurisdiction=platform.jurisdiction,
        )
    )
    echo(say("proven: {proven}{on}", proven=PROVEN[platform.proven.value], on=on))
    echo(
        say(
            "besides posting it can: {verbs}",
            verbs=joined(", ", sorted(platform.verbs)) or "nothing",
        )
    )
    if own := joined(", ", keys(platform)):
        echo(
            say("keys of its own in [platforms.{platform}]: {own}", platform=platform.name, own=own)
        )
    echo(say("texts are measured in {measure}\n", measure=platform.limits.measure.value))
    print_table(
        ("limit", "value", say("checked by us"), "source"),
        ((each.name, each.value, each.seen, each.source) for each in limits_of(platform)),
    )


def _show_proofs(shell: Shell, proved: Mapping[str, KeptProof], *, whole: bool) -> None:
    """When each account was proved here, and with what result; ``whole``: promise by promise."""
    for account, proof in proved.items():
        when = shell.times.show(proof.at) if proof.at else "an unknown day"
        echo(f"\n{account}: proved here on {when}: {proof.summary}")
        if whole:
            print_table(
                ("result", "promise", "why"),
                ((each["outcome"], each["promise"], each["why"]) for each in proof.results),
            )


def _show_followers(followers: Mapping[str, Audience | str]) -> None:
    """A row for each channel that was counted; the others by what stands in the way."""
    rows = [
        (channel, f"{'' if each.exact else '~'}{each.number:,}", each.source)
        for channel, each in followers.items()
        if not isinstance(each, str)
    ]
    if rows:
        print_table(("channel", "followers", "source"), rows)
    uncounted: dict[str, list[str]] = {}
    for channel, why in followers.items():
        if isinstance(why, str):
            uncounted.setdefault(why, []).append(channel)
    for why, channels in uncounted.items():
        echo(say("not counted: {channels}: {why}", channels=joined(", ", channels), why=why))
