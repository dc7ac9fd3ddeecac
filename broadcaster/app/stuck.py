"""What waits for a person's word: unknown, failed, missed or held deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from broadcaster.app.changes import apply
from broadcaster.app.closed import closed
from broadcaster.app.corrections import channels_of
from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.app.switches import scheduled_for, stands_for
from broadcaster.calendar.durations import duration
from broadcaster.config import Settings
from broadcaster.errors import InputError, Refused
from broadcaster.language import say
from broadcaster.model import Actor, Micros, Permission, State
from broadcaster.store.changes import Cancel, Changed, Open, Release, Resolve, Retry
from broadcaster.store.live import Cause
from broadcaster.store.store import Store
from broadcaster.store.views import Query, StoreHealth
from broadcaster.text.message_ids import any_id

__all__ = [
    "Changed",
    "Kept",
    "Released",
    "Resolution",
    "Trusted",
    "age",
    "cancel_missed",
    "message_id",
    "release",
    "resolve",
    "resolve_all",
    "retry",
    "retry_all",
    "scheduled_behind",
    "trust_again",
]


MOST = 100_000
"""More posts than any office has missed."""


def message_id(office: Office, channel: str | None, typed: str) -> str:
    """What a person typed as a message's id, a number or a link, as the platform has it.

    :raises InputError: the channel's platform has no such id, or it belongs to another channel.
    """
    platform = office.platform_of(channel) if channel else None
    where = office.settings.channels.get(channel or "")
    try:
        if platform is None or where is None or platform.message_id is None:
            return any_id(typed)
        return platform.message_id(where.channel, typed)
    except ValueError as error:
        raise InputError(
            say("{channel}: {reason}", channel=channel, reason=error) if channel else str(error)
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What somebody has seen of unknown messages."""

    posted: bool
    channel: str | None = None
    """None: in all channels of the post."""
    ids: tuple[str, ...] = ()
    """Of the message there, as they were typed."""
    message: int | None = None
    """Which of several, from 0."""


def resolve(office: Office, store: Store, post: int, seen: Resolution, *, actor: Actor) -> Changed:
    """Settle unknown messages of a post by what somebody has seen in the channel.

    :raises InputError: no such post or channel, or that cannot be the id of a message.
    """
    named = () if seen.channel is None else (seen.channel,)
    channels = channels_of(office.settings, named, store.post(post))
    change = Resolve(
        post=post,
        channel=seen.channel,
        position=seen.message,
        posted=seen.posted,
        ids=tuple(message_id(office, seen.channel, each) for each in seen.ids),
        late_after=Decisions(office).late_after(),
    )
    return apply(store, actor, Permission.RESOLVE, change, channels)


def resolve_all(office: Office, store: Store, *, posted: bool, actor: Actor) -> Changed:
    """Settle every unknown there is."""
    late_after = Decisions(office).late_after()
    return apply(store, actor, Permission.RESOLVE, Resolve(posted=posted, late_after=late_after))


def retry(
    office: Office,
    store: Store,
    post: int,
    states: tuple[State, ...],
    to: Sequence[str],
    *,
    actor: Actor,
) -> Changed:
    """Send what is in one of ``states``, of one post."""
    channels = channels_of(office.settings, to, store.post(post))
    change = _retry(office, post, states, channels)
    return apply(store, actor, Permission.RETRY, change, channels)


def retry_all(
    office: Office, store: Store, states: tuple[State, ...], to: Sequence[str], *, actor: Actor
) -> Changed:
    """Send what is in one of ``states``, of all posts; ``to`` empty: in every channel."""
    meant = tuple(each.channel.name for each in office.settings.resolve(tuple(to))) if to else None
    change = _retry(office, None, states, meant)
    return apply(store, actor, Permission.RETRY, change, meant)


def cancel_missed(office: Office, store: Store, to: Sequence[str], *, actor: Actor) -> Changed:
    """Let what was missed be, of all posts; ``to`` empty: in every channel.

    :raises Refused: nothing was missed there.
    """
    meant = {each.channel.name for each in office.settings.resolve(tuple(to))}
    require(actor, Permission.CANCEL, meant)
    done: list[Changed] = []
    for row in store.posts(Query(state=State.MISSED, limit=MOST)):
        deliveries = (each.delivery for each in store.post(row.post.id).deliveries)
        names = (each.channel for each in deliveries if each.state is State.MISSED)
        if missed := tuple(name for name in names if not to or name in meant):
            change = Cancel(post=row.post.id, channels=missed)
            done.append(apply(store, actor, Permission.CANCEL, change, missed))
    if not done:
        raise Refused(say("nothing was missed there"))
    return _together(done)


def _retry(
    office: Office, post: int | None, states: tuple[State, ...], channels: tuple[str, ...] | None
) -> Retry:
    late_after = Decisions(office).late_after()
    return Retry(post=post, states=states, channels=channels, late_after=late_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Which of what is held is meant."""

    name: str | None = None
    """A channel, group or account; None: all."""
    post: int | None = None
    """Only what belongs to this post."""
    older_than: Micros | None = None
    """Only what was due longer ago."""
    last: int | None = None
    """Only the newest of each channel."""
    late: bool = False
    """Also what is too late by its deadline."""
    drop: bool = False
    """It is cancelled instead of sent."""
    scheduled: bool = False
    """With ``drop``: also what is scheduled for channels that are closed."""


def age(typed: str) -> Micros:
    """A length of time as people type it: ``2d``, ``۶ ساعت``.

    :raises InputError: it is none.
    """
    return duration(typed) // timedelta(microseconds=1)


def release(
    office: Office,
    store: Store,
    kept: Kept,
    *,
    actor: Actor,
    dry_run: bool = False,
) -> Released:
    """Send or drop what is held; :func:`trust_again` comes before it.

    :raises Refused: nothing is held there, or its gate is still closed.
    """
    change = Release(
        post=kept.post,
        channels=_chosen(office, store, kept),
        older_than=kept.older_than,
        last=kept.last,
        late=kept.late,
        drop=kept.drop,
        late_after=Decisions(office).late_after(),
    )
    later = scheduled_behind(office, store, kept) if kept.scheduled else {}
    done: list[Changed] = []
    try:
        done.append(
            apply(store, actor, Permission.RELEASE, change, change.channels, dry_run=dry_run)
        )
    except Refused:
        if not later:
            raise
    for post, channels in later.items():
        cancel = Cancel(post=post, channels=channels)
        done.append(apply(store, actor, Permission.CANCEL, cancel, channels, dry_run=dry_run))
    return Released(_together(done), tuple(later))


def scheduled_behind(office: Office, store: Store, kept: Kept) -> dict[int, tuple[str, ...]]:
    """Post -> the closed channels among those that ``kept`` means, for which it is scheduled."""
    meant = _chosen(office, store, kept)
    channels = tuple(office.settings.channels) if meant is None else meant
    shut = {name for each in closed(office, store.gates(), channels) for name in each.channels}
    found = scheduled_for(store, shut)
    return (
        found if kept.post is None else {post: found[post] for post in found if post == kept.post}
    )


@dataclass(frozen=True, slots=True)
class Released:
    """What was sent on or dropped."""

    changed: Changed
    scheduled: tuple[int, ...]
    """Posts that were taken back before their hour."""


def _together(done: Sequence[Changed]) -> Changed:
    channels = dict.fromkeys(name for each in done for name in each.channels)
    return Changed(
        deliveries=tuple(number for each in done for number in each.deliveries),
        channels=tuple(channels),
        refused={name: why for each in done for name, why in each.refused.items()},
    )


def _chosen(office: Office, store: Store, kept: Kept) -> tuple[str, ...] | None:
    """The channels that are meant; None: all of them."""
    named = _held(office.settings, store.health(), kept.name) if kept.name else None
    if kept.post is None:
        return named
    own = {each.delivery.channel: None for each in store.post(kept.post).deliveries}
    if named is None:
        return tuple(own)
    if own.keys().isdisjoint(named):
        raise InputError(say("post {post} does not go to {kept}", post=kept.post, kept=kept.name))
    return tuple(name for name in named if name in own)


@dataclass(frozen=True, slots=True)
class Trusted:
    """What became of gates that a refusal had closed."""

    opened: bool
    """Some were, and are open again."""
    closed_too: tuple[tuple[str, str], ...]
    """(channel, account): the channel was named, and its account, which was not, is closed."""


def trust_again(office: Office, store: Store, name: str | None, *, actor: Actor) -> Trusted:
    """Open what a refusal had closed: not every platform can be asked whether it is well again.

    What is held stays so until it is chosen; what is refused again closes it again.
    """
    settings = office.settings
    health = store.health()
    meant = () if name is None else _held(settings, health, name)
    require(actor, Permission.RELEASE, meant)
    shut = [gate for gate in health.gates if gate.cause is Cause.UNAUTHORIZED]
    accounts = {gate.name for gate in shut if gate.scope == "account"}
    channels = {gate.name for gate in shut if gate.scope == "channel"}
    closed_too: list[tuple[str, str]] = []
    if name is not None:
        channels &= {*meant}
        for each in meant:
            account = settings.channels[each].account if each in settings.channels else ""
            if account in accounts and each == name:
                closed_too.append((each, account))
        named = () if name in health.by_channel else stands_for(settings, name).accounts
        accounts &= {*named}
    if accounts or channels:
        lift = Open(
            accounts=tuple(sorted(accounts)),
            channels=tuple(sorted(channels)),
            cause=Cause.UNAUTHORIZED,
            when_back=dict.fromkeys(settings.channels, "ask"),
        )
        apply(store, actor, Permission.RELEASE, lift, meant)
    return Trusted(bool(accounts or channels), tuple(closed_too))


def _held(settings: Settings, health: StoreHealth, name: str) -> tuple[str, ...]:
    """The channels that ``name`` means; one that the config has lost can still be named."""
    if name in health.by_channel:
        return (name,)
    return tuple(each.channel.name for each in settings.resolve((name,)))
