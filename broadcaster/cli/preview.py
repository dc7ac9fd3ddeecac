"""A dry run: what would appear in each channel, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from broadcaster.app.office import Office
from broadcaster.cli.output import echo, plural, size, state
from broadcaster.cli.run import note
from broadcaster.errors import InputError
from broadcaster.model import Json, Media, Verb
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage
from broadcaster.planning.times import Times


def plan_json(times: Times, planned: Plan, now: datetime) -> dict[str, Json]:
    """The object that ``post --dry-run --json`` prints."""
    return {
        "due": times.iso(planned.due or now),
        "channels": [_channel(each) for each in planned.channels],
        "normalised": planned.normalised,
    }


def show_plan(office: Office, times: Times, planned: Plan) -> None:
    """Channels that receive the same are shown once."""
    when = times.show(planned.due) if planned.due else "at once"
    echo(f"nothing is queued; it would go out {when}")
    alike: dict[str, list[PlannedChannel]] = {}
    for each in planned.channels:
        digest = each.rendering.digest if each.rendering else each.reason
        alike.setdefault(digest, []).append(each)
    for channels in alike.values():
        first = channels[0]
        names = ", ".join(each.settings.channel.name for each in channels)
        platform = office.platform_of(first.settings.channel.name)
        measure = platform.limits.measure.value if platform else ""
        echo()
        if not first.ok:
            echo(f"{names}: ", state("refused"), f": {first.reason}")
            continue
        echo(f"{names}: {plural(len(first.messages), 'message')}")
        for message in first.messages:
            _show_message(message, measure)
    remark(planned)


def write_page(office: Office, times: Times, planned: Plan, path: Path) -> None:
    """Write the page that ``--html`` asks for.  :raises InputError: it cannot be written."""
    from broadcaster.cli.preview_html import page

    names = [each.settings.channel.name for each in planned.channels]
    platforms = {name: found for name in names if (found := office.platform_of(name))}
    when = times.show(planned.due) if planned.due else "at once"
    try:
        path.write_text(page(planned, platforms, when=when), "utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; choose another --html") from None
    note(f"see it in a browser: {path}")


def remark(planned: Plan) -> None:
    """Say what will differ from what was written."""
    if planned.normalised:
        note(f"{plural(planned.normalised, 'letter')} changed for Persian (such as ي to ی)")
    for what in ("lost", "warning"):
        said: dict[str, list[str]] = {}
        for each in planned.channels:
            for text in _lost(each) if what == "lost" else each.warnings:
                said.setdefault(text, []).append(each.settings.channel.name)
        for text, names in said.items():
            note(f"{what}: {text} ({', '.join(names)})")


def _show_message(planned: PlannedMessage, measure: str) -> None:
    message = planned.message
    flags = [word for word in ("silent", "pin") if getattr(message, word)]
    length = f"{planned.length:,} of {planned.limit:,} {measure}"
    head = ", ".join([*map(_file, message.media), length if message.text else "no text", *flags])
    echo(f"  {message.index + 1}. {head}")
    for line in message.text.split("\n"):
        echo(f"     {line}".rstrip())


def _file(media: Media) -> str:
    return f"{media.kind} {media.name} ({size(media.size)})"


def _channel(planned: PlannedChannel) -> Json:
    rendering = planned.rendering
    pinned = {
        each.acts_on for each in (rendering.messages if rendering else ()) if each.verb is Verb.PIN
    }
    return {
        "channel": planned.settings.channel.name,
        "ok": planned.ok,
        "reason": planned.reason or None,
        "messages": [_message(each, pinned) for each in planned.messages],
        "lost": [*_lost(planned)],
        "warnings": [*planned.warnings],
    }


def _message(planned: PlannedMessage, pinned: set[int | None]) -> Json:
    message = planned.message
    return {
        "index": message.index,
        "text": message.text,
        "markup": {**message.markup},
        "media": [
            {
                "kind": media.kind.value,
                "name": media.name,
                "mime": media.mime,
                "size": media.size,
                "digest": media.digest,
            }
            for media in message.media
        ],
        "length": planned.length,
        "limit": planned.limit,
        "silent": message.silent,
        "pin": message.pin or message.index in pinned,
    }


def _lost(planned: PlannedChannel) -> Iterable[str]:
    return planned.rendering.lost if planned.rendering else ()
