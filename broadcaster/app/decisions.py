"""Changes of a queued post as the store is asked for them: rendered anew for every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.app.office import Office
from broadcaster.app.rewriting import Rewritten
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Kind, Post, Verb
from broadcaster.planning.plan import (
    PlannedChannel,
    micros,
    plan_channels,
    refusal,
    targets,
)
from broadcaster.store.changes import Edit, Move, Recall
from broadcaster.store.submit import Target
from broadcaster.store.views import PostView
from broadcaster.text.intake import checked


@dataclass(frozen=True, slots=True)
class Decisions:
    """Changes as the store is asked for them, by one config.

    ``channels`` None means every one of the post.
    """

    office: Office

    def edit(self, view: PostView, new: Rewritten, channels: Sequence[str] | None) -> Edit:
        """A correction, rendered for every channel of the post.

        :raises InputError: the new text is too long or holds control characters, or some channel
            cannot take it.
        """
        post = self._corrected(view, new)
        targets = self._targets(view, post, channels)
        able = {name: self._verbs(name) for name in (each.channel for each in targets)}
        settings = self.office.settings
        limits = {name: settings.accounts[settings.channels[name].account].limits for name in able}
        return Edit(
            post=post.id,
            source=post.source,
            texts=post.texts,
            media=new.media,
            converted=new.made,
            targets=targets,
            editable=frozenset(name for name, verbs in able.items() if "edit" in verbs),
            captions=frozenset(name for name, each in limits.items() if each.edits_caption),
            replaceable={name: each.edits_media for name, each in limits.items()},
            recallable=frozenset(name for name, verbs in able.items() if "recall" in verbs),
        )

    def planned(
        self, view: PostView, new: Rewritten, channels: Sequence[str]
    ) -> tuple[PlannedChannel, ...]:
        """What a correction would be in each channel, or why it cannot be.

        :raises InputError: the new text is too long or holds control characters.
        """
        return self._planned(view, self._corrected(view, new), channels)

    def _corrected(self, view: PostView, new: Rewritten) -> Post:
        before = view.post
        texts = {
            name: self._checked(text, before.texts.get(name)) for name, text in new.texts.items()
        }
        source = self._checked(new.source, before.source)
        if new.media is None:
            return replace(before, source=source, texts=texts)
        return replace(before, source=source, texts=texts, media=new.media, converted=new.made)

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
            for name, each in self.office.settings.channels.items()
        }

    def _checked(self, text: str, before: str | None) -> str:
        """A new text as a new post's; what stays as it was is let be."""
        return text if text == before else checked(text, self.office.settings.text_bytes)

    def _targets(
        self, view: PostView, post: Post, channels: Sequence[str] | None
    ) -> tuple[Target, ...]:
        zone = self.office.settings.timezone
        due = datetime.fromtimestamp(post.due / 1e6, zone)
        expires = datetime.fromtimestamp(post.expires / 1e6, zone) if post.expires else None
        planned = self._planned(view, post, channels)
        if refused := refusal(say("nothing was changed"), planned):
            raise InputError(refused)
        return targets(planned, due=due, expires=expires)

    def _planned(
        self, view: PostView, post: Post, channels: Sequence[str] | None
    ) -> tuple[PlannedChannel, ...]:
        """``post`` for the channels of ``view``, rendered by this config."""
        settings = self.office.settings
        due = datetime.fromtimestamp(post.due / 1e6, settings.timezone)
        names = (
            each.delivery.channel for each in view.deliveries if each.delivery.kind is Kind.POST
        )
        meant = (
            settings.channels[name]
            for name in names
            if name in settings.channels and (channels is None or name in channels)
        )
        return plan_channels(settings, self.office.platforms, post, meant, due=due)

    def _verbs(self, channel: str) -> frozenset[str]:
        platform = self.office.platform_of(channel)
        return platform.verbs if platform else frozenset()

    def able(self, view: PostView, verb: str) -> frozenset[str]:
        """The channels of a post whose platform knows ``verb``."""
        names = {each.delivery.channel for each in view.deliveries}
        return frozenset(name for name in names if verb in self._verbs(name))
