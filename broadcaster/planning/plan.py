"""From what a person wants to say to what each channel would receive.

Pure: values in, values out; the clock comes in as an argument, and neither store nor network is
touched.  A dry run ends here; ``submit`` queues exactly what this returned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.adapter import Limits, Platform
from broadcaster.config import ChannelSettings, Settings
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import (
    Conversion,
    Digest,
    Door,
    Media,
    Message,
    Micros,
    Options,
    Post,
    Rendering,
    Stage,
    Verb,
)
from broadcaster.planning.addresses import VARIABLES, with_addresses
from broadcaster.planning.quiet_hours import held_until
from broadcaster.planning.times import Ending, Times
from broadcaster.store.submit import NewPost, Target
from broadcaster.text.intake import checked, checked_word
from broadcaster.text.measure import measure
from broadcaster.text.persian import normalise
from broadcaster.text.render import RenderError, render, written
from broadcaster.text.warn import warnings, wrong_weekdays

LONG = 10
"""Messages per channel that need ``--allow-long``: more is nearly always a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRequest:
    """What a person asked for; names stand as typed."""

    source: str
    to: tuple[str, ...]
    media: tuple[Media, ...] = ()
    converted: tuple[Conversion, ...] = ()
    """What was made of ``media`` for platforms that refuse them."""
    contents: Mapping[Digest, bytes] = field(default_factory=dict, repr=False, compare=False)
    """The bytes of ``converted``, as far as they are not kept yet."""
    paths: Mapping[Digest, Path] = field(default_factory=dict, repr=False, compare=False)
    """Where ``media`` lie."""
    options: Options = field(default_factory=Options)
    texts: Mapping[str, str] = field(default_factory=dict)
    due: datetime | None = None
    """None: at once."""
    slot: str | None = None
    """The list of slots that ``due`` is one of; without ``due``: its next one is wanted."""
    expires: Ending | None = None
    remove_at: Ending | None = None
    """When it is removed from its channels; None: it stays."""
    key: str | None = None
    reply_to: int | None = None
    corrects: int | None = None
    """Id of the post whose text it corrects, where the platform cannot edit."""
    author: str = ""
    by: str = ""
    """Who acts for ``author``, such as a token; empty: the author."""
    door: Door = Door.CLI
    """By which way ``author`` acts."""
    draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMessage:
    """One message that a channel would receive."""

    message: Message
    length: int
    """As the platform measures it."""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChannel:
    """All that one channel would receive, or why it cannot."""

    settings: ChannelSettings
    rendering: Rendering | None
    messages: tuple[PlannedMessage, ...] = ()
    reason: str = ""
    """Why this channel cannot take the post; empty: it can."""
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """Those of ``warnings`` that are nearly always a mistake of the author's."""
    off: bool = False
    """Off in the config: its delivery will be held."""

    @property
    def ok(self) -> bool:
        return self.rendering is not None

    @property
    def off_warning(self) -> str:
        """That its delivery will be held; empty: it will not be, as far as the config goes."""
        if not (self.off and self.ok):
            return ""
        return say(
            "{account} or this channel is off: the delivery will be held",
            account=self.settings.account,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a dry run shows, and what is queued."""

    due: datetime | None
    """None: at once."""
    expires: datetime | None = None
    remove_at: datetime | None = None
    hours: tuple[str, ...] = ()
    """What a person should know about its hour, in words."""
    channels: tuple[PlannedChannel, ...]
    normalised: int = 0
    """Letters changed by the Persian normalisation, the overriding texts included."""
    source: str = ""
    """The normalised text: what is queued."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Channel name -> its own text, normalised."""
    files: Mapping[Digest, Path | bytes] = field(default_factory=dict, repr=False, compare=False)
    """What is attached, for a page that shows it."""

    @property
    def ok(self) -> bool:
        return all(channel.ok for channel in self.channels)

    @property
    def approvals(self) -> int:
        """How many others its channels demand to approve the post."""
        return max((channel.settings.require_approval for channel in self.channels), default=0)

    @property
    def needs_approval(self) -> bool:
        """Whether a channel of its demands that somebody else approves the post."""
        return self.approvals > 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is nearly always a mistake, each once."""
        return tuple(dict.fromkeys(each for channel in self.channels for each in channel.doubts))

    @property
    def refused(self) -> tuple[PlannedChannel, ...]:
        """The channels that cannot take it."""
        return tuple(channel for channel in self.channels if not channel.ok)

    def without_refused(self) -> Plan:
        """What is left for the other channels."""
        return replace(self, channels=tuple(channel for channel in self.channels if channel.ok))


def plan(
    settings: Settings, platforms: Mapping[str, Platform], draft: PostRequest, *, now: datetime
) -> Plan:
    """Render ``draft`` for each channel that it names.

    :raises InputError: unknown names, nothing to say, too much of it, control characters, or times
        that cannot be.
    """
    if draft.key is not None:
        checked_word(draft.key, say("the key"))
    for media in draft.media:
        checked_word(media.name, say("the name of the file"))
    if not draft.source.strip() and not draft.media and not draft.texts:
        raise InputError(say("there is nothing to post: give a text, --file, or --media"))
    hours = _hours(settings, draft, now)
    due = hours.due
    source, changed = _normalised(settings, draft.source)
    texts: dict[str, str] = {}
    targets = settings.recipients(draft.to)
    targeted = {channel.channel.name for channel in targets}
    for name, text in draft.texts.items():
        own, more = _normalised(settings, text)
        changed += more
        for channel in settings.recipients((name,)):
            if channel.channel.name not in targeted:
                raise InputError(
                    say(
                        "--text-for {name}: the post does not go to {channel}; add it with "
                        "--to, or leave the text out",
                        name=name,
                        channel=channel.channel.name,
                    )
                )
            texts[channel.channel.name] = own
    post = Post(
        id=0,
        source=source,
        media=draft.media,
        converted=draft.converted,
        options=draft.options,
        texts=texts,
        due=micros(due),
        created=micros(now),
        reply_to=draft.reply_to,
        author=draft.author,
    )
    channels = plan_channels(settings, platforms, post, targets, due=due)
    return Plan(
        due=due if draft.due or due > now else None,
        expires=hours.expires,
        remove_at=hours.remove_at,
        hours=(*hours.said, *_removal(settings, platforms, hours, channels)),
        channels=channels,
        normalised=changed,
        source=source,
        texts=texts,
        files={**draft.paths, **draft.contents},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    """When a post goes out, and what counts from that."""

    due: datetime
    expires: datetime | None
    remove_at: datetime | None
    said: tuple[str, ...]


def _hours(settings: Settings, draft: PostRequest, now: datetime) -> _Hours:
    """:raises InputError: it would end before it goes out."""
    times = Times(settings)
    wanted = draft.due or now + settings.grace
    keeps = draft.draft and not draft.due  # until it is approved, whenever that is
    due = wanted if keeps else held_until(settings, wanted, draft.options)
    said = []
    if draft.slot is not None and draft.due:
        said.append(
            say("the next free slot of {slot}: {when}", slot=draft.slot, when=times.show(due))
        )
    if due > wanted:
        said.append(
            say(
                "quiet hours: it is held back until {when}; --urgent sends it all the same",
                when=times.show(due),
            )
        )
    if (draft.due or due > wanted) and (name := times.holiday(due)):
        said.append(
            say(
                "{day_name} is an official holiday: {name}",
                day_name=times.day_name(due.date()),
                name=name,
            )
        )
    expires, remove_at = _after(draft.expires, due), _after(draft.remove_at, due)
    if expires is not None and expires <= due:
        held = say(", which is held back by quiet hours") if due > wanted else ""
        raise InputError(
            say("--expires is not after the post's own time{held}; choose a later one", held=held)
        )
    if remove_at is not None and remove_at <= due:
        raise InputError(say("--remove-at is not after the post's own time; choose a later one"))
    return _Hours(due=due, expires=expires, remove_at=remove_at, said=tuple(said))


def _after(ending: Ending | None, due: datetime) -> datetime | None:
    return due + ending if isinstance(ending, timedelta) else ending


def _removal(
    settings: Settings,
    platforms: Mapping[str, Platform],
    hours: _Hours,
    channels: Iterable[PlannedChannel],
) -> Iterable[str]:
    """Where a post is removed again, and where it cannot be."""
    if hours.remove_at is None:
        return
    yield say("it is removed from its channels: {when}", when=Times(settings).show(hours.remove_at))
    stays = [
        each.settings.channel.name
        for each in channels
        if "recall" not in platforms[settings.accounts[each.settings.account].adapter].verbs
    ]
    if stays:
        yield say(
            "it stays in {stays}, where no message can be deleted: do it by hand",
            stays=joined(", ", stays),
        )


def plan_channels(
    settings: Settings,
    platforms: Mapping[str, Platform],
    post: Post,
    channels: Iterable[ChannelSettings],
    *,
    due: datetime,
) -> tuple[PlannedChannel, ...]:
    """Render ``post`` for each of ``channels``, once for all that will show the same."""
    first: dict[tuple[object, ...], PlannedChannel] = {}
    planned: list[PlannedChannel] = []
    for channel in channels:
        alike = _alike(post, channel)
        if alike in first:
            planned.append(replace(first[alike], settings=channel))
        else:
            first[alike] = plan_channel(settings, platforms, post, channel, due=due)
            planned.append(first[alike])
    return tuple(planned)


def _alike(post: Post, channel: ChannelSettings) -> tuple[object, ...]:
    """What a rendering depends on: equal for channels that will show the same."""
    text = post.texts.get(channel.channel.name, post.source)
    options = dict(channel.channel.options)
    link = options.pop("link", None)
    shown = json.dumps(options, ensure_ascii=False, sort_keys=True)
    if "channel_link" not in text and "channel_link" not in shown:
        link = None  # the one option that is each channel's own, and stands in few texts
    own = channel.channel.name if _names_others(text, channel) else None
    return channel.account, channel.enabled, text, shown, link, own


def _names_others(text: str, channel: ChannelSettings) -> bool:
    """Whether the office's other channels may be named in what is posted there."""
    options = channel.channel.options
    written = (text, options.get("signature"), *(options.get("variables") or {}).values())  # type: ignore[union-attr]
    return any(f"{name}}}" in str(each) for name in VARIABLES for each in written)


def plan_channel(
    settings: Settings,
    platforms: Mapping[str, Platform],
    post: Post,
    channel: ChannelSettings,
    *,
    due: datetime,
) -> PlannedChannel:
    """Render ``post`` for one channel, with what a person should know beforehand."""
    account = settings.accounts[channel.account]
    platform = platforms[account.adapter]
    off = not (account.enabled and channel.enabled)
    own = channel.channel
    if _names_others(post.texts.get(own.name, post.source), channel):
        own = with_addresses(settings, platforms, channel)
    try:
        rendering = render(platform, account.limits, post, own, due=due)
    except RenderError as error:
        return PlannedChannel(settings=channel, rendering=None, reason=str(error), off=off)
    sends = [message for message in rendering.messages if message.verb is Verb.SEND]
    if len(sends) > LONG and not post.options.allow_long:
        return PlannedChannel(
            settings=channel,
            rendering=None,
            reason=say(
                "{count} messages, more than {long}: shorten the text, or say "
                "--allow-long if it is meant",
                count=len(sends),
                long=LONG,
            ),
            off=off,
        )
    source = post.texts.get(channel.channel.name, post.source)
    day = due.astimezone(settings.timezone).date()
    return PlannedChannel(
        settings=channel,
        rendering=rendering,
        messages=tuple(measured(account.limits, message) for message in sends),
        warnings=tuple(
            warnings(
                source,
                rendering,
                account.limits,
                due=day,
                written=written(post, own, due=due),
                leaving=_left(platforms) if account.jurisdiction == "domestic" else (),
                normalised=settings.normalise,
            )
        ),
        doubts=wrong_weekdays(source, day),
        off=off,
    )


def refusal(what: str, planned: Iterable[PlannedChannel]) -> str:
    """Why channels cannot take a post, a line for each; empty: all of them can."""
    lines = [say("  {reason}", reason=reason) for reason in reasons(planned)]
    return "\n".join((what, *lines)) if lines else ""


def reasons(planned: Iterable[PlannedChannel]) -> list[str]:
    """The channels that cannot take a post, each with its reason."""
    return [
        say("{channel}: {reason}", channel=channel.settings.channel.name, reason=channel.reason)
        for channel in planned
        if not channel.ok
    ]


def new_post(draft: PostRequest, planned: Plan, *, now: datetime) -> NewPost:
    """What the store is asked to queue; the plan must be ok."""
    due = planned.due or now
    chosen = targets(planned.channels, due=due, expires=planned.expires)
    drafted = draft.draft or planned.needs_approval
    # What its author keeps back without an hour waits for as long as it takes.
    hourless = draft.draft and not (draft.due or draft.expires)
    return NewPost(
        source=planned.source,
        media=draft.media,
        converted=draft.converted,
        options=draft.options,
        texts=planned.texts,
        due=micros(planned.due) if planned.due else None,
        expires=micros(planned.expires) if planned.expires else None,
        remove_at=micros(planned.remove_at) if planned.remove_at else None,
        slot=draft.slot,
        stage=Stage.DRAFT if drafted else Stage.PLANNED,
        approvals=planned.approvals,
        lapses_at=_slot(chosen) if drafted and not hourless else None,
        reply_to=draft.reply_to,
        corrects=draft.corrects,
        author=draft.author,
        by=draft.by,
        door=draft.door,
        targets=chosen,
        key=draft.key,
        fingerprint=fingerprint(draft),
    )


def targets(
    planned: Iterable[PlannedChannel], *, due: datetime, expires: datetime | None
) -> tuple[Target, ...]:
    """Channels of a post for the store, each with the time after which it is not begun any more."""
    result = []
    late_after: timedelta | None = None
    deadline = 0
    for channel in planned:
        assert channel.rendering is not None
        settings = channel.settings
        if settings.late_after != late_after:  # the same for nearly all channels of a post
            late_after = settings.late_after
            latest = due + late_after
            deadline = micros(min(latest, expires) if expires else latest)
        name, account = settings.channel.name, settings.account
        result.append(Target(name, account, channel.rendering, deadline, channel.off))
    return tuple(result)


def _slot(targets: Iterable[Target]) -> Micros:
    """When nothing of a post would begin any more."""
    return max(target.deadline for target in targets if target.deadline is not None)


def fingerprint(draft: PostRequest) -> str:
    """Digest of what a key stands for: text, overrides, media, targets as typed, flags.

    Hours do not count, nor that it is urgent.
    """
    content: list[object] = [
        draft.source,
        sorted(draft.texts.items()),
        [media.digest for media in draft.media],
        sorted(draft.to),
        [draft.options.silent, draft.options.pin, draft.options.preview, draft.options.test],
        draft.reply_to,
        draft.draft,
    ]
    if (chosen := (draft.options.convert, draft.options.album)) != (None, ""):
        content.append(chosen)
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def micros(at: datetime) -> Micros:
    """Microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _normalised(settings: Settings, source: str) -> tuple[str, int]:
    """``source`` after the configured Persian normalisation, and how many letters that changed.

    :raises InputError: it is too long, or holds control characters.
    """
    source = checked(source, settings.text_bytes)
    repaired, digits = 0, 0
    if settings.normalise:
        source, repaired = normalise(source)
    if settings.digits == "persian":
        from broadcaster.text.numbers import persian_numbers  # few offices wish for it

        source, digits = persian_numbers(source)
    return source, repaired + digits


def measured(limits: Limits, message: Message) -> PlannedMessage:
    """``message`` with its length as its platform counts it."""
    limit = (limits.caption if message.media else limits.text).value
    assert limit is not None, "Limits.text and Limits.caption are never unknown"
    return PlannedMessage(
        message=message, length=measure(message.text, limits.measure), limit=limit
    )


def _left(platforms: Mapping[str, Platform]) -> Iterable[str]:
    """Hosts of the foreign platforms' public pages."""
    for platform in platforms.values():
        if platform.jurisdiction == "foreign" and platform.reader_url:
            yield platform.reader_url.partition("://")[2].partition("/")[0]


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
