"""What stands in each channel, one version of a post, and what was sent: parts of ``show``."""

from __future__ import annotations

import json
from collections.abc import Mapping

from broadcaster.app import record
from broadcaster.app.record import Standing, Stands
from broadcaster.app.views import DeliveryView, PostView, wire_json
from broadcaster.cli.output import echo, print_table
from broadcaster.cli.run import Shell
from broadcaster.errors import NotFound
from broadcaster.language import joined, say
from broadcaster.model import Json

_PLAIN = ("text", "preview")
"""What is shown otherwise, or only where it is not as usual."""


def show_record(shell: Shell, view: PostView) -> None:
    """What each channel really shows, where that is more than that it is there."""
    if not record.eventful(view):
        return
    echo()
    print_table(
        ("channel", "now", "version", "edited", "removed", "pinned", say("link or reason")),
        (_row(shell, view, each) for each in view.standings),
    )
    old: dict[int, list[str]] = {}
    for each in view.standings:
        if each.version is not None and not each.current and each.live:
            old.setdefault(each.version, []).append(each.channel)
    for number, channels in old.items():
        echo(
            say(
                "\nversion {number}, which still stands in {channels}:",
                number=number,
                channels=joined(", ", channels),
            )
        )
        for channel in channels[:1]:
            _indented(record.text_there(view, channel))


def _row(shell: Shell, view: PostView, there: Standing) -> tuple[str, ...]:
    times = shell.times
    of = say(" of {number}", number=view.versions[-1].number) if len(view.versions) > 1 else ""
    removed = times.short(there.removed_at) if there.removed_at else ""
    if there.removed_by:
        removed += say(" by hand ({removed_by})", removed_by=there.removed_by)
    where = record.places(shell.office.link, there)
    return (
        there.channel,
        there.stands.value,
        "" if there.version is None or there.stands is Stands.NOT_OUT else f"{there.version}{of}",
        times.short(there.edited_at) if there.edited_at else "",
        removed,
        times.short(there.pinned_at) if there.pinned_at else "",
        joined("; ", filter(None, (where, record.why(view, there)))),
    )


def show_version(shell: Shell, view: PostView, number: int) -> None:
    """One text that a post has or had, whole.

    :raises NotFound: it never had so many.
    """
    if not 1 <= number <= len(view.versions):
        last = view.versions[-1].number
        raise NotFound(
            say(
                "post {post} has no version {number}; its last one is {last}",
                post=view.post.id,
                number=number,
                last=last,
            )
        )
    said = view.versions[number - 1]
    echo(
        say(
            "post {post}, version {number} of {number2}",
            post=view.post.id,
            number=number,
            number2=view.versions[-1].number,
        )
    )
    door = say(" ({door})", door=said.door) if said.door else ""
    echo(
        say(
            "{when} by {by}{door}",
            when=shell.times.show(said.at),
            by=said.by or say("nobody known"),
            door=door,
        )
    )
    echo(say("digest {digest}", digest=said.digest))
    for file in said.media:
        echo(say("{kind} {file} {digest}", kind=file.kind, file=file.name, digest=file.digest))
    shown = [each.channel for each in view.standings if each.live and each.version == number]
    echo(
        say("stands in {shown}", shown=joined(", ", shown))
        if shown
        else say("stands in no channel")
    )
    for title, text in (("", said.source), *said.texts.items()):
        echo(f"\n{title}:" if title else "")
        _indented(text)


def show_wire(view: PostView) -> None:
    """What each delivery sends or has sent, message by message, as the platform is given it."""
    for each in view.deliveries:
        delivery = each.delivery
        echo(
            say(
                "{channel}  {kind}  {state}  rendering {rendering}",
                channel=delivery.channel,
                kind=delivery.kind,
                state=delivery.state,
                rendering=each.rendering,
            )
        )
        if not each.messages:
            echo(say("  (no text: it pins, or what it sent is not kept any more)"))
        for message in each.messages:
            _show_message(each, wire_json(message.sent or message.message), message.index)
        echo()


def _show_message(view: DeliveryView, sent: Mapping[str, Json], index: int) -> None:
    text = str(sent["text"])
    said = {name: value for name, value in sent.items() if value and name not in _PLAIN}
    if not sent["preview"]:
        said["preview"] = False
    echo(
        say(
            "  message {index} of {count}  {text}",
            index=index + 1,
            count=len(view.messages),
            text=json.dumps(said, ensure_ascii=False),
        )
    )
    for line in text.split("\n"):
        echo(say("    {line}", line=line))


def _indented(text: str) -> None:
    for line in text.splitlines():
        echo(say("  {line}", line=line).rstrip())
