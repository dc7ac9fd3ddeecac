"""Changes of a post that is queued or out: its text, its hour, its place in the channels.

A text or an hour that changes is rendered anew for every channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.adapter import Platform
from broadcaster.app.office import Office
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.model import Actor, Kind, Post, State, Verb
from broadcaster.planning.plan import (
    Draft,
    PlannedChannel,
    micros,
    plan_channels,
    refusal,
    targets,
)
from broadcaster.store.changes import ByHand, Cancel, Changed, Edit, Move, Pin, Recall
from broadcaster.store.store import Store
from broadcaster.store.submit import Target
from broadcaster.store.views import PostView
from broadcaster.text.intake import checked
from broadcaster.text.search import folded

__all__ = [
    "CORRECTION",
    "Changed",
    "Decisions",
    "Edited",
    "PostedAnew",
    "as_correction",
    "by_hand",
    "cancel",
    "channels_of",
    "edit",
    "move",
    "pin",
    "recall",
    "still_stuck",
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
                f"post {view.post.id} does not go to {name}; it goes to {', '.join(own)}"
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

    post: int
    channels: tuple[str, ...]


def edit(
    office: Office,
    store: Store,
    post: int,
    source: str,
    *,
    to: Sequence[str],
    anew: bool,
    actor: Actor,
    now: datetime,
) -> Iterator[Edited | PostedAnew]:
    """Give a post another text; yields each part once it is committed.

    ``to``: only there, so that these channels get a text of their own; empty: everywhere.
    ``anew``: where something is out that the platform cannot edit, ``source`` is posted again.

    :raises InputError: no such post or channel, or the new text cannot be taken.
    :raises Refused: it can be edited nowhere.
    """
    if not source.strip():
        raise InputError("the new text is empty; to remove the post: broadcaster recall")
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    texts = {**view.post.texts, **dict.fromkeys(channels, source)} if to else {}
    whole = view.post.source if to else source
    again = _uneditable(office, view, channels) if anew else ()
    rest = [name for name in channels if name not in again]
    if rest or not again:
        change = office.decisions.edit(view, whole, texts, rest)
        yield Edited(store.change(actor, change), last=not again)
    if again:
        draft = Draft(
            source=as_correction(source),
            to=again,
            reply_to=post,
            corrects=post,
            author=actor.name,
            door=actor.door,
        )
        planned = office.plan(draft, now=now)
        yield PostedAnew(office.submit(store, draft, planned, now=now).post, again)


def as_correction(source: str) -> str:
    """``source`` with :data:`CORRECTION` above it, unless it begins so already."""
    begins = folded([source.lstrip("#> ")]).startswith(folded([CORRECTION]))
    return source if begins else f"**{CORRECTION}**\n\n{source}"


def still_stuck(view: PostView, corrected: Sequence[str]) -> dict[str, State]:
    """Channel -> failed, missed or held: the new text waits for a person's word, as the old did."""
    return {
        each.delivery.channel: each.delivery.state
        for each in view.deliveries
        if each.delivery.channel in corrected
        and each.delivery.state in (State.FAILED, State.MISSED, State.HELD)
    }


def move(office: Office, store: Store, post: int, due: datetime, *, actor: Actor) -> Changed:
    """Give a post another hour, before anything of it has begun."""
    return store.change(actor, office.decisions.move(store.post(post), due))


def cancel(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Take a post back where it has not begun."""
    channels = channels_of(office.settings, to, store.post(post))
    return store.change(actor, Cancel(post=post, channels=channels))


def recall(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Delete what is out, cancel what is not."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    return store.change(actor, office.decisions.recall(view, channels))


def by_hand(
    office: Office, store: Store, post: int, to: Sequence[str], *, gone: bool, actor: Actor
) -> Changed:
    """Note that somebody removed a post in channels by hand; ``gone`` False takes that back.

    :raises InputError: ``to`` is empty, or names something that the post does not go to.
    """
    if not to:
        raise InputError("say in which channels it was removed by hand: --to NAME")
    channels = channels_of(office.settings, to, store.post(post))
    return store.change(actor, ByHand(post=post, channels=channels, gone=gone))


def pin(office: Office, store: Store, post: int, to: Sequence[str], *, actor: Actor) -> Changed:
    """Pin what is out, where the platform can."""
    view = store.post(post)
    channels = channels_of(office.settings, to, view)
    pinnable = office.decisions.able(view, "pin")
    return store.change(actor, Pin(post=post, channels=channels, pinnable=pinnable))


def _uneditable(office: Office, view: PostView, channels: Sequence[str]) -> tuple[str, ...]:
    """Where something stands that the platform cannot edit."""
    standing = {each.channel: each.live for each in view.standings if each.live}
    return tuple(
        name
        for name in channels
        if name in standing
        and (platform := office.platform_of(name))
        and not (
            "edit" in platform.verbs
            and (
                platform.limits.edits_caption
                or not any(each.message.media for each in standing[name])
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Decisions:
    """Changes as the store is asked for them, by one config.

    ``channels`` None means every one of the post.
    """

    settings: Settings
    platforms: Mapping[str, Platform]

    def edit(
        self, view: PostView, source: str, texts: Mapping[str, str], channels: Sequence[str] | None
    ) -> Edit:
        """A correction, rendered for every channel of the post.

        :raises InputError: the new text is too long or holds control characters, or some channel
            cannot take it.
        """
        before = view.post
        source = self._checked(source, before.source)
        own = {name: self._checked(text, before.texts.get(name)) for name, text in texts.items()}
        post = replace(before, source=source, texts=own)
        targets = self._targets(view, post, channels)
        able = {name: self._verbs(name) for name in (each.channel for each in targets)}
        settings = self.settings
        limits = {name: settings.accounts[settings.channels[name].account].limits for name in able}
        return Edit(
            post=post.id,
            source=source,
            texts=post.texts,
            targets=targets,
            editable=frozenset(name for name, verbs in able.items() if "edit" in verbs),
            captions=frozenset(name for name, each in limits.items() if each.edits_caption),
            recallable=frozenset(name for name, verbs in able.items() if "recall" in verbs),
        )

    def move(self, view: PostView, due: datetime) -> Move:
        """A new hour, rendered anew for it."""
        post = replace(view.post, due=micros(due))
        return Move(post=post.id, due=post.due, targets=self._targets(view, post, None))

    def recall(self, view: PostView, channels: Sequence[str] | None) -> Recall:
        return Recall(
            post=view.post.id,
            channels=None if channels is None else tuple(channels),
            recallable=self.able(view, "recall"),
        )

    def renders_otherwise(self, view: PostView) -> tuple[str, ...]:
        """Channels that would receive something else, were the post written under this config."""
        now = {each.settings.channel.name: each for each in self._planned(view, view.post, None)}
        changed = []
        for each in view.deliveries:
            name = each.delivery.channel
            rendering = now[name].rendering if name in now else None
            messages = rendering.messages if rendering else ()
            shown = [message for message in messages if message.verb is not Verb.PIN]
            if shown != [message.message for message in each.messages]:
                changed.append(name)
        return tuple(changed)

    def late_after(self) -> dict[str, int]:
        """Channel -> microseconds that a delivery may stay unbegun."""
        return {
            name: each.late_after // timedelta(microseconds=1)
            for name, each in self.settings.channels.items()
        }

    def _checked(self, text: str, before: str | None) -> str:
        """A new text as a new post's; what stays as it was is let be."""
        return text if text == before else checked(text, self.settings.text_bytes)

    def _targets(
        self, view: PostView, post: Post, channels: Sequence[str] | None
    ) -> tuple[Target, ...]:
        due = datetime.fromtimestamp(post.due / 1e6, self.settings.timezone)
        expires = (
            datetime.fromtimestamp(post.expires / 1e6, self.settings.timezone)
            if post.expires
            else None
        )
        planned = self._planned(view, post, channels)
        if refused := refusal("nothing was changed", planned):
            raise InputError(refused)
        return targets(planned, due=due, expires=expires)

    def _planned(
        self, view: PostView, post: Post, channels: Sequence[str] | None
    ) -> tuple[PlannedChannel, ...]:
        """``post`` for the channels of ``view``, rendered by this config."""
        due = datetime.fromtimestamp(post.due / 1e6, self.settings.timezone)
        names = (
            each.delivery.channel for each in view.deliveries if each.delivery.kind is Kind.POST
        )
        meant = (
            self.settings.channels[name]
            for name in names
            if name in self.settings.channels and (channels is None or name in channels)
        )
        return plan_channels(self.settings, self.platforms, post, meant, due=due)

    def _verbs(self, channel: str) -> frozenset[str]:
        settings = self.settings.channels.get(channel)
        if settings is None:
            return frozenset()
        return self.platforms[self.settings.accounts[settings.account].adapter].verbs

    def able(self, view: PostView, verb: str) -> frozenset[str]:
        """The channels of a post whose platform knows ``verb``."""
        names = {each.delivery.channel for each in view.deliveries}
        return frozenset(name for name in names if verb in self._verbs(name))
