"""A dry run: what would appear in each channel, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from broadcaster.app.office import Office
from broadcaster.app.words import plural
from broadcaster.model import Json, Verb
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage
from broadcaster.planning.times import Times

__all__ = ["Alike", "Plan", "PlannedMessage", "Times", "alike", "plan_json", "remarks"]


@dataclass(frozen=True, slots=True)
class Alike:
    """Channels that would receive the same, or are refused for the same reason."""

    names: tuple[str, ...]
    measure: str
    """What the lengths of the texts are counted in."""
    first: PlannedChannel
    """What one of them would receive, which stands for all."""


def alike(office: Office, planned: Plan) -> list[Alike]:
    """The channels of a plan, grouped by what they would receive, in the order of the plan."""
    groups: dict[str, list[PlannedChannel]] = {}
    for each in planned.channels:
        digest = each.rendering.digest if each.rendering else each.reason
        groups.setdefault(digest, []).append(each)
    found = []
    for channels in groups.values():
        names = tuple(each.settings.channel.name for each in channels)
        platform = office.platform_of(names[0])
        measure = platform.limits.measure.value if platform else ""
        found.append(Alike(names, measure, channels[0]))
    return found


def remarks(planned: Plan, *, off: bool = True) -> Iterator[str]:
    """What will differ from what was written, one remark for all channels that it concerns.

    ``off``: also that channels are off in the config.
    """
    if planned.normalised:
        yield f"{plural(planned.normalised, 'letter')} changed for Persian (such as ي to ی)"
    for what in ("lost", "warning"):
        said: dict[str, list[str]] = {}
        for each in planned.channels:
            for text in _lost(each) if what == "lost" else _warnings(each, off=off):
                said.setdefault(text, []).append(each.settings.channel.name)
        for text, names in said.items():
            yield f"{what}: {text} ({', '.join(names)})"


def plan_json(times: Times, planned: Plan, now: datetime) -> dict[str, Json]:
    """The object that ``post --dry-run --json`` prints."""
    return {
        "due": times.iso(planned.due or now),
        "channels": [_channel(each) for each in planned.channels],
        "normalised": planned.normalised,
    }


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
        "warnings": [*_warnings(planned)],
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


def _warnings(planned: PlannedChannel, *, off: bool = True) -> Iterator[str]:
    if off and planned.off_warning:
        yield planned.off_warning
    yield from planned.warnings


def _lost(planned: PlannedChannel) -> Iterable[str]:
    return planned.rendering.lost if planned.rendering else ()
