"""A dry run: what would appear in each channel, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from broadcaster.app.office import Office
from broadcaster.app.words import MEASURES, plural
from broadcaster.language import joined, say
from broadcaster.model import Digest, Json, Verb
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage
from broadcaster.planning.times import Times

__all__ = ["Alike", "Plan", "PlannedMessage", "Times", "alike", "pinned", "plan_json", "remarks"]


@dataclass(frozen=True, slots=True)
class Alike:
    """Channels that would receive the same, or are refused for the same reason."""

    channels: tuple[PlannedChannel, ...]
    measures: tuple[str, ...]
    """What each of them counts the lengths of texts in, for people."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.settings.channel.name for each in self.channels)

    @property
    def first(self) -> PlannedChannel:
        """What one of them would receive, which stands for all."""
        return self.channels[0]

    def lengths(self, index: int) -> Mapping[str, tuple[str, ...]]:
        """How long the message at ``index`` is of how long it may be -> where it is counted so."""
        found: dict[str, list[str]] = {}
        for channel, measure in zip(self.channels, self.measures, strict=True):
            message = channel.messages[index]
            length = say(
                "{length:,} of {limit:,} {measure}",
                length=message.length,
                limit=message.limit,
                measure=measure,
            )
            found.setdefault(length, []).append(channel.settings.channel.name)
        return {length: tuple(names) for length, names in found.items()}


def alike(office: Office, planned: Plan) -> list[Alike]:
    """The channels of a plan, grouped by what they would receive, in the order of the plan."""
    groups: dict[str, list[PlannedChannel]] = {}
    for each in planned.channels:
        digest = each.rendering.digest if each.rendering else each.reason
        groups.setdefault(digest, []).append(each)
    found = []
    for channels in groups.values():
        names = (each.settings.channel.name for each in channels)
        platforms = (office.platform_of(name) for name in names)
        measures = (MEASURES[each.limits.measure] if each else "" for each in platforms)
        found.append(Alike(tuple(channels), tuple(measures)))
    return found


def pinned(planned: PlannedChannel) -> frozenset[int]:
    """Which of a channel's messages are pinned, at once or by a call of their own."""
    messages = planned.rendering.messages if planned.rendering else ()
    by_call = {each.acts_on for each in messages if each.verb is Verb.PIN}
    return frozenset(each.index for each in messages if each.pin or each.index in by_call)


def remarks(planned: Plan, *, off: bool = True) -> Iterator[str]:
    """What will differ from what was written, one remark for all channels that it concerns.

    ``off``: also that channels are off in the config.
    """
    yield from planned.hours
    if planned.normalised:
        yield say(
            "{letters} changed for Persian (such as ي to ی)",
            letters=plural(planned.normalised, "letter"),
        )
    for what in (say("lost"), say("warning"), say("note")):
        said: dict[str, list[str]] = {}
        for each in planned.channels:
            for text in _said(each, what, off=off):
                said.setdefault(text, []).append(each.settings.channel.name)
        for text, names in said.items():
            yield say("{what}: {text} ({names})", what=what, text=text, names=joined(", ", names))


def attached(planned: Plan) -> tuple[Digest, ...]:
    """The files that its channels would receive."""
    messages = (each.message for channel in planned.channels for each in channel.messages)
    return tuple(dict.fromkeys(media.digest for message in messages for media in message.media))


def plan_json(times: Times, planned: Plan, now: datetime) -> dict[str, Json]:
    """The object that ``post --dry-run --json`` prints."""
    return {
        "due": times.iso(planned.due or now),
        "expires": times.iso(planned.expires),
        "remove_at": times.iso(planned.remove_at),
        "hours": [*planned.hours],
        "channels": [_channel(each) for each in planned.channels],
        "normalised": planned.normalised,
    }


def _channel(planned: PlannedChannel) -> Json:
    pins = pinned(planned)
    notes: list[Json] = [*_said(planned, "note")]
    return {
        "channel": planned.settings.channel.name,
        "ok": planned.ok,
        "reason": planned.reason or None,
        "messages": [_message(each, pins) for each in planned.messages],
        "lost": [*_lost(planned)],
        "warnings": [*_warnings(planned)],
        **({"notes": notes} if notes else {}),
    }


def _message(planned: PlannedMessage, pins: frozenset[int]) -> Json:
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
        "pin": message.index in pins,
    }


def _said(planned: PlannedChannel, what: str, *, off: bool = True) -> Iterable[str]:
    """What is ``lost``, a ``warning``, or a ``note`` of what was added."""
    if what == "warning":
        return _warnings(planned, off=off)
    if planned.rendering is None:
        return ()
    return planned.rendering.lost if what == "lost" else planned.rendering.notes


def _warnings(planned: PlannedChannel, *, off: bool = True) -> Iterator[str]:
    if off and planned.off_warning:
        yield planned.off_warning
    yield from planned.warnings


def _lost(planned: PlannedChannel) -> Iterable[str]:
    return planned.rendering.lost if planned.rendering else ()
