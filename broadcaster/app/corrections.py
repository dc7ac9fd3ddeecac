"""Changes of a post that is queued or out: its text, its hour, its place in the channels.

A text or an hour that changes is rendered anew for every channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcaster.app.changes import apply
from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.app.own_posts import allowed_by, changes_by
from broadcaster.app.permissions import require
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.model import Actor, Permission, State
from broadcaster.planning.plan import PostRequest
from broadcaster.store.changes import Cancel, Changed, Pin
from broadcaster.store.store import Store
from broadcaster.store.views import PostView
from broadcaster.text.warn import wrong_weekdays

__all__ = [
    "Changed",
    "Correction",
    "Edited",
    "PostView",
    "PostedAnew",
    "Rewording",
    "cancel",
    "channels_of",
    "doubts",
    "edit",
    "move",
    "pin",
    "recall",
    "rewordings",
    "standing",
    "still_stuck",
]


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
                f"post {view.post.id} does not go to {name}; it goes to {', '.join(own)}"
            )
        chosen |= meant
    return tuple(name for name in own if not names or name in chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Another text for a post."""

    post: int
    source: str
    to: tuple[str, ...] = ()
    """Only there, so that these channels get a text of their own; empty: everywhere."""
    anew: bool = False
    """Where something is out that the platform cannot edit, ``source`` is posted again."""


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
    """Give a post another text; yields each part once it is committed.

    ``dry_run``: nothing is committed.

    :raises InputError: no such post or channel, or the new text cannot be taken.
    :raises Refused: it can be edited nowhere.
    """
    source, to = correction.source, correction.to
    if not source.strip():
        raise InputError("the new text is empty; to remove the post: broadcaster recall")
    view = store.post(correction.post)
    channels = channels_of(office.settings, to, view)
    texts = {**view.post.texts, **dict.fromkeys(channels, source)} if to else {}
    whole = view.post.source if to else source
    again = _uneditable(office, view, channels) if correction.anew else ()
    rest = [name for name in channels if name not in again]
    if rest or not again:
        change = Decisions(office).edit(view, whole, texts, rest)
        permission = changes_by(office, store, actor, view, rest)
        changed = apply(store, actor, permission, change, rest, dry_run=dry_run)
        yield Edited(changed, last=not again)
    if again:
        require(actor, Permission.POST, again)
        draft = PostRequest(source=source, to=again, author=actor.person, by=actor.name, door=actor.door)
        planned = office.plan(draft, now=now)
        post = None if dry_run else office.submit(store, draft, planned, now=now).post
        yield PostedAnew(post, again)


def rewordings(office: Office, view: PostView, correction: Correction) -> list[Rewording]:
    """What a correction replaces, channels with the same text together.

    :raises InputError: no such channel.
    """
    by_text: dict[str, list[str]] = {}
    for name in channels_of(office.settings, correction.to, view):
        by_text.setdefault(view.post.texts.get(name, view.post.source), []).append(name)
    return [Rewording(tuple(names), before, correction.source) for before, names in by_text.items()]


def doubts(office: Office, view: PostView, source: str) -> tuple[str, ...]:
    """What of a new text is nearly always a mistake: a weekday that is not that of its date."""
    due = datetime.fromtimestamp(view.post.due / 1e6, office.settings.timezone)
    return wrong_weekdays(source, due.date())


def standing(view: PostView) -> tuple[str, ...]:
    """The channels where something of a post is out."""
    return tuple(
        dict.fromkeys(
            each.delivery.channel
            for each in view.deliveries
            if any(message.state == "delivered" for message in each.messages)
        )
    )


def still_stuck(view: PostView, corrected: Sequence[str]) -> dict[str, State]:
    """Channel -> failed, missed or held, where the newest delivery of a post needs a decision."""
    newest = {each.delivery.channel: each.delivery.state for each in view.deliveries}
    stuck = (State.FAILED, State.MISSED, State.HELD)
    return {name: newest[name] for name in corrected if newest.get(name) in stuck}


def move(office: Office, store: Store, post: int, due: datetime, *, actor: Actor) -> Changed:
    """Give a post another hour, before anything of it has begun."""
    view = store.post(post)
    channels = channels_of(office.settings, (), view)
    permission = changes_by(office, store, actor, view, channels)
    return apply(store, actor, permission, Decisions(office).move(view, due), channels)


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


def pin(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Pin what is out, where the platform can."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    pinnable = Decisions(office).able(view, "pin")
    change = Pin(post=post, channels=channels, pinnable=pinnable)
    return apply(store, actor, Permission.PIN, change, channels)


def _uneditable(office: Office, view: PostView, channels: Sequence[str]) -> tuple[str, ...]:
    """Where something stands that the platform cannot edit."""
    out = standing(view)
    return tuple(
        name
        for name in channels
        if name in out and (platform := office.platform_of(name)) and "edit" not in platform.verbs
    )
