"""Changes of a post that is queued or out: its text, its hour, its place in the channels.

A text or an hour that changes is rendered anew for every channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broadcaster.adapter import Limits
from broadcaster.app.changes import apply
from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.app.own_posts import allowed_by, changes_by
from broadcaster.app.permissions import require
from broadcaster.app.rewriting import Correction, Rewritten, rewritten
from broadcaster.config import Settings
from broadcaster.errors import Forbidden, InputError, Refused
from broadcaster.language import joined, say
from broadcaster.model import Actor, Options, Permission, State
from broadcaster.planning.plan import Plan, PostRequest, micros
from broadcaster.planning.quiet_hours import held_until
from broadcaster.store.changes import ByHand, Cancel, Changed, Pin, Removal, Unpin
from broadcaster.store.store import Store
from broadcaster.store.views import PostView
from broadcaster.text.search import folded
from broadcaster.text.warn import wrong_weekdays

NEVER = ("never", "هرگز")
"""Said for a post that is not to be removed after all."""

__all__ = [
    "CORRECTION",
    "Changed",
    "Correction",
    "Edited",
    "PostView",
    "PostedAnew",
    "Rewording",
    "as_correction",
    "by_hand",
    "cancel",
    "channels_of",
    "doubts",
    "edit",
    "move",
    "moved_to",
    "pin",
    "preview",
    "recall",
    "rewordings",
    "set_removal",
    "standing",
    "still_stuck",
    "unpin",
]

CORRECTION = "اصلاحیه"
"""How a post begins that corrects another one."""


def channels_of(settings: Settings, names: Sequence[str], view: PostView) -> tuple[str, ...]:
    """The channels of a post that ``names`` mean; without a name, all of them.

    Channels that the config no longer has can still be named.

    :raises InputError: an unknown name, or one that the post does not go to.
    """
    own = tuple(dict.fromkeys(each.delivery.channel for each in view.deliveries))
    chosen: set[str] = set()
    for name in names:
        meant = {name}
        if name not in own:
            meant = {each.channel.name for each in settings.resolve((name,))}
        if meant.isdisjoint(own):
            raise InputError(
                say(
                    "post {post} does not go to {name}; it goes to {own}",
                    post=view.post.id,
                    name=name,
                    own=joined(", ", own),
                )
            )
        chosen |= meant
    return tuple(name for name in own if not names or name in chosen)


@dataclass(frozen=True, slots=True)
class Edited:
    """The correction is queued where the platform can edit, and where nothing is out yet."""

    changed: Changed
    last: bool
    """Nothing is left to do: no :class:`PostedAnew` follows."""


@dataclass(frozen=True, slots=True)
class PostedAnew:
    """The correction is a post of its own in these channels."""

    post: int | None
    """None: it was only tried out."""
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewording:
    """Channels of a post with the text that they have now, and would have instead."""

    channels: tuple[str, ...]
    before: str
    after: str


def edit(
    office: Office,
    store: Store,
    correction: Correction,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> Iterator[Edited | PostedAnew]:
    """Give a post another text or other files; yields each part once it is committed.

    ``dry_run``: nothing is committed.

    :raises InputError: no such post or channel, or the correction cannot be taken.
    :raises Refused: it can be edited nowhere.
    """
    view = store.post(correction.post)
    channels = channels_of(office.settings, correction.to, view)
    new = rewritten(office, view, correction, channels)
    again = _uneditable(office, view, channels, new) if correction.anew else ()
    rest = [name for name in channels if name not in again]
    permission = changes_by(office, store, actor, view, rest)
    require(actor, permission, rest)
    if not dry_run:
        keep_new(office, store, correction, new)
    if rest or not again:
        change = Decisions(office).edit(view, new, rest)
        try:
            changed = apply(store, actor, permission, change, rest, dry_run=dry_run)
        except Refused as refusal:
            if not again or isinstance(refusal, Forbidden):
                raise
            # a channel where it was removed keeps no other from its correction
            changed = Changed(refused=dict.fromkeys(rest, str(refusal)))
        yield Edited(changed, last=not again)
    if again:
        require(actor, Permission.POST, again)
        draft = PostRequest(
            source=as_correction(new.source),
            texts={name: as_correction(text) for name, text in new.texts.items() if name in again},
            to=again,
            reply_to=view.post.id,
            corrects=view.post.id,
            media=new.media or (),
            converted=new.made,
            options=Options(convert=view.post.options.convert, album=view.post.options.album),
            author=actor.person,
            by=actor.name,
            door=actor.door,
        )
        planned = office.plan(draft, now=now)
        post = None if dry_run else office.submit(store, draft, planned, now=now).post
        yield PostedAnew(post, again)


def rewordings(office: Office, view: PostView, correction: Correction) -> list[Rewording]:
    """What a correction replaces, channels with the same text together.

    :raises InputError: no such channel.
    """
    channels = channels_of(office.settings, correction.to, view)
    new = rewritten(office, view, correction, channels)
    by_texts: dict[tuple[str, str], list[str]] = {}
    for name in channels:
        before = view.post.texts.get(name, view.post.source)
        by_texts.setdefault((before, new.texts.get(name, new.source)), []).append(name)
    return [
        Rewording(tuple(names), before, after)
        for (before, after), names in by_texts.items()
        if before != after
    ]


def doubts(office: Office, view: PostView, correction: Correction) -> tuple[str, ...]:
    """What of a new text is nearly always a mistake: a weekday that is not that of its date."""
    channels = channels_of(office.settings, correction.to, view)
    new = rewritten(office, view, correction, channels)
    due = datetime.fromtimestamp(view.post.due / 1e6, office.settings.timezone)
    texts = dict.fromkeys([new.source, *new.texts.values()])
    return tuple(doubt for text in texts for doubt in wrong_weekdays(text, due.date()))


def standing(view: PostView) -> tuple[str, ...]:
    """The channels where something of a post is out."""
    return tuple(
        dict.fromkeys(
            each.delivery.channel
            for each in view.deliveries
            if any(message.state == "delivered" for message in each.messages)
        )
    )


def as_correction(source: str) -> str:
    """``source`` with :data:`CORRECTION` above it, unless it begins so already."""
    begins = folded([source.lstrip("#> ")]).startswith(folded([CORRECTION]))
    return source if begins else f"**{CORRECTION}**\n\n{source}"


def keep_new(office: Office, store: Store, correction: Correction, new: Rewritten) -> None:
    """Keep the files of a correction: a post in the queue always has them.

    :raises InputError: one has changed meanwhile, or it cannot be kept.
    """
    for path, seen in zip(correction.media, new.media or (), strict=True):
        if office.take_media(path) != seen:
            raise InputError(
                say("{path} has changed just now; say it again once it is complete", path=path)
            )
    office.keep_converted(new.contents)
    made = [each.media for each in new.made]
    if new.media:
        store.keep([each.digest for each in (*new.media, *made)])


def preview(office: Office, view: PostView, correction: Correction) -> Plan:
    """What each channel would show after a correction; nothing is changed.

    :raises InputError: no such channel, or there is nothing to correct.
    """
    channels = channels_of(office.settings, correction.to, view)
    new = rewritten(office, view, correction, channels)
    stuck = _uneditable(office, view, channels, new)
    planned = (
        replace(each, warnings=(*each.warnings, _STAYS))
        if each.settings.channel.name in stuck and not correction.anew
        else each
        for each in Decisions(office).planned(view, new, channels)
    )
    return Plan(
        due=None,
        channels=tuple(planned),
        source=new.source,
        texts=new.texts,
        files={**new.paths, **new.contents},
    )


_STAYS = say("what stands there stays: this platform cannot change it; --correction posts it anew")


def still_stuck(view: PostView, corrected: Sequence[str]) -> dict[str, State]:
    """Channel -> failed, missed or held, where the newest delivery of a post needs a decision."""
    newest = {each.delivery.channel: each.delivery.state for each in view.deliveries}
    stuck = (State.FAILED, State.MISSED, State.HELD)
    return {name: newest[name] for name in corrected if newest.get(name) in stuck}


def moved_to(office: Office, store: Store, post: int, due: datetime) -> datetime:
    """When a post that is moved to ``due`` would go out: quiet hours hold it back."""
    return held_until(office.settings, due, store.post(post).post.options)


def move(office: Office, store: Store, post: int, due: datetime, *, actor: Actor) -> Changed:
    """Give a post another hour, before anything of it has begun.

    :raises InputError: it would be removed before that.
    """
    view = store.post(post)
    remove_at = view.post.remove_at
    if remove_at is not None and remove_at <= micros(due):
        raise InputError(
            say(
                "it is to be removed before that, {when}; say another --remove-at, or "
                "none: broadcaster move {post} --remove-at never",
                when=office.times.show(remove_at),
                post=post,
            )
        )
    channels = channels_of(office.settings, (), view)
    permission = changes_by(office, store, actor, view, channels)
    return apply(store, actor, permission, Decisions(office).move(view, due), channels)


def set_removal(
    office: Office, store: Store, post: int, said: str, *, actor: Actor, now: datetime
) -> tuple[Changed, datetime | None]:
    """Remove a post from its channels at another hour, or let it stay (``never``).

    A bare length of time, such as "7d", counts from the post's own hour.

    :raises InputError: the hour is not understood, or past.
    """
    view = store.post(post)
    at: datetime | None = None
    if said.strip() not in NEVER:
        length = office.times.length(said)
        due = datetime.fromtimestamp(view.post.due / 1e6, office.settings.timezone)
        at = due + length if length else office.times.parse(said, now)
        office.times.refuse_past(said, at, now)
    change = Removal(post=post, at=None if at is None else micros(at))
    channels = channels_of(office.settings, (), view)
    return apply(store, actor, Permission.RECALL, change, channels), at


def cancel(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Take a post back where it has not begun."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    permission = allowed_by(store, actor, view, channels, Permission.CANCEL)
    return apply(store, actor, permission, Cancel(post=post, channels=channels), channels)


def recall(
    office: Office,
    store: Store,
    post: int,
    to: Sequence[str],
    *,
    actor: Actor,
    dry_run: bool = False,
) -> Changed:
    """Delete what is out, cancel what is not."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    change = Decisions(office).recall(view, channels)
    return apply(store, actor, Permission.RECALL, change, channels, dry_run=dry_run)


def by_hand(
    office: Office,
    store: Store,
    post: int,
    to: Sequence[str],
    *,
    gone: bool,
    actor: Actor,
    dry_run: bool = False,
) -> Changed:
    """Note that somebody removed a post in channels by hand; ``gone`` False takes that back.

    :raises InputError: ``to`` is empty, or names something that the post does not go to.
    """
    channels = channels_of(office.settings, to, store.post(post))
    require(actor, Permission.RECALL, channels)
    if not to:
        raise InputError(say("say in which channels it was removed by hand: --to NAME"))
    change = ByHand(post=post, channels=channels, gone=gone)
    return apply(store, actor, Permission.RECALL, change, channels, dry_run=dry_run)


def pin(
    office: Office,
    store: Store,
    post: int,
    to: Sequence[str],
    *,
    actor: Actor,
    replace: bool = False,
) -> Changed:
    """Pin what is out, where the platform can; ``replace``: unpin what we pinned before."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    pinnable = Decisions(office).able(view, "pin")
    change = Pin(post=post, channels=channels, pinnable=pinnable, replace=replace)
    return apply(store, actor, Permission.PIN, change, channels)


def unpin(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Unpin what is pinned, where the platform can."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    pinnable = Decisions(office).able(view, "unpin")
    change = Unpin(post=post, channels=channels, pinnable=pinnable)
    return apply(store, actor, Permission.PIN, change, channels)


def _uneditable(
    office: Office, view: PostView, channels: Sequence[str], new: Rewritten
) -> tuple[str, ...]:
    """Where something stands that the platform cannot change so."""
    out = standing(view)
    return tuple(
        name
        for name in channels
        if name in out
        and (platform := office.platform_of(name))
        and not ("edit" in platform.verbs and _replaceable(platform.limits, view, new))
    )


def _replaceable(limits: Limits, view: PostView, new: Rewritten) -> bool:
    """Whether what is out can get these files: one in the place of one."""
    if new.media is None:
        return limits.edits_caption or not view.post.media
    files = (*view.post.media, *new.media)
    alone = len(view.post.media) == len(new.media) == 1
    return alone and {each.kind for each in files} <= limits.edits_media
