"""What people decide about a post that is queued, as the change that the store is asked for.

A text or an hour that changes is rendered anew for every channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.adapter import Platform
from broadcaster.calendar.digits import latin_digits
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.model import Kind, Post, State, Verb
from broadcaster.planning.plan import PlannedChannel, micros, plan_channels, refusal, targets
from broadcaster.store.approving import Approve
from broadcaster.store.changing import Edit, Move, Pin, Recall, Resolve, Retry
from broadcaster.store.queueing import Target
from broadcaster.store.reading import PostView
from broadcaster.text.intake import checked

LONGEST_ID = 128
"""Characters; the ids of all platforms are far shorter."""


def message_id(typed: str) -> str:
    """What a person typed as a message's id, with the digits that platforms use.

    :raises InputError: no platform has such an id.
    """
    found = latin_digits(typed.strip())
    wrong = [char for char in found if char.isspace() or not char.isprintable() or char in "/\\"]
    if "/" in wrong:
        raise InputError(f"an ID is the number at the end of the link, without the rest: {typed!r}")
    if wrong or not found or len(found) > LONGEST_ID:
        raise InputError(f"that cannot be the ID of a message: {typed[:40]!r}")
    return found


@dataclass(frozen=True, slots=True)
class Decisions:
    """By one config; ``channels`` None means every one of the post."""

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
            recallable=self._able(view, "recall"),
        )

    def approve(self, view: PostView, digest: str | None) -> Approve:
        """Approval of what ``view`` shows, or only of what had ``digest`` when it was looked at."""
        seen = digest or (view.approval.digest if view.approval else "")
        return Approve(post=view.post.id, digest=seen, late_after=self.late_after())

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

    def pin(self, view: PostView, channels: Sequence[str] | None) -> Pin:
        return Pin(
            post=view.post.id,
            channels=None if channels is None else tuple(channels),
            pinnable=self._able(view, "pin"),
        )

    def retry(
        self, post: int | None, states: tuple[State, ...], channels: Sequence[str] | None
    ) -> Retry:
        return Retry(
            post=post,
            states=states,
            channels=None if channels is None else tuple(channels),
            late_after=self.late_after(),
        )

    def resolve(
        self,
        post: int | None,
        channel: str | None,
        ids: Sequence[str] = (),
        *,
        posted: bool,
        step: int | None = None,
    ) -> Resolve:
        """What somebody has seen in the channel; ``ids`` as they were typed.

        :raises InputError: one of them cannot be the id of a message.
        """
        return Resolve(
            post=post,
            channel=channel,
            step=step,
            posted=posted,
            ids=tuple(map(message_id, ids)),
            late_after=self.late_after(),
        )

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

    def _able(self, view: PostView, verb: str) -> frozenset[str]:
        names = {each.delivery.channel for each in view.deliveries}
        return frozenset(name for name in names if verb in self._verbs(name))
