"""Composition root: from a config file to platforms, plans, a store and a running daemon.

The command line talks to :class:`Office` and to nothing below it but values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from broadcaster import config
from broadcaster.adapter import Audience, Countable, Platform, Probe
from broadcaster.config import AccountSettings, ChannelSettings, Settings
from broadcaster.discovery import Platforms, load_part
from broadcaster.engine.plan import (
    Draft,
    Plan,
    PlannedChannel,
    micros,
    new_post,
    plan,
    plan_channel,
    target,
)
from broadcaster.errors import InputError, SendError
from broadcaster.model import Channel, Json, Kind, Media, Post, State, Verb
from broadcaster.store import media as blobs
from broadcaster.store import open_store
from broadcaster.store.approving import Approve
from broadcaster.store.port import (
    Edit,
    Move,
    Pin,
    PostView,
    Queued,
    Recall,
    Retry,
    Store,
    Target,
)
from broadcaster.views import post_json

if TYPE_CHECKING:
    from broadcaster.adapter import Adapter
    from broadcaster.engine.recurring import Recurring


@dataclass(frozen=True, slots=True)
class Probed:
    """One line of ``check --online``; ``channel`` None: the account's token."""

    account: str
    channel: str | None
    probe: Probe | None
    error: str = ""

    @property
    def failed(self) -> bool:
        return self.probe is None or not self.probe.ok


@dataclass(frozen=True, slots=True)
class Office:
    """One config file and what follows from it."""

    settings: Settings
    platforms: Mapping[str, Platform]

    @classmethod
    def load(cls, path: Path | None = None) -> Office:
        """Read the config at ``path``, or the first found in the usual places.

        :raises InputError: there is none, or it has mistakes (all of them are named).
        """
        platforms = Platforms()
        found = config.find(path, os.environ, Path.cwd())
        return cls(config.load(found, platforms), platforms)

    # --- people: what is said ------------------------------------------------------------------

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The queue, open for this block.

        :raises InputError: it cannot be opened.
        """
        store = open_store(
            self.settings.store_url,
            folder=self.settings.state_dir,
            password_file=self.settings.store_password_file,
        )
        try:
            yield store
        finally:
            store.close()

    @property
    def media_folder(self) -> Path:
        return self.settings.state_dir / "media"

    def take_media(self, path: Path) -> Media:
        """Copy a file for posting.  :raises InputError: it cannot be read or kept."""
        return blobs.take(path, self.media_folder)

    def inspect_media(self, path: Path) -> Media:
        """Say what a file is, for a dry run.  :raises InputError: it cannot be read."""
        return blobs.inspect(path)

    def plan(self, draft: Draft, *, now: datetime) -> Plan:
        """What each channel would receive; see :func:`broadcaster.engine.plan.plan`."""
        return plan(self.settings, self.platforms, draft, now=now)

    def plan_recurring(self, recurring: Recurring, at: datetime, *, now: datetime) -> Plan:
        """What each channel would receive of the occurrence at ``at``."""
        from broadcaster.engine.recurring_posts import draft  # its grammar takes a while to load

        return self.plan(draft(self.settings, recurring, at, media=self.inspect_media), now=now)

    def submit(self, store: Store, draft: Draft, planned: Plan, *, now: datetime) -> Queued:
        """Queue exactly what was planned.

        :raises InputError: some channel cannot take it; nothing was queued.
        """
        if refused := [each for each in planned.channels if not each.ok]:
            raise InputError(_refusal("nothing was queued", refused))
        return store.enqueue([new_post(draft, planned, now=now)])[0]

    # --- people: what becomes of it ------------------------------------------------------------

    def edit_change(
        self, view: PostView, source: str, texts: Mapping[str, str], channels: Sequence[str] | None
    ) -> Edit:
        """A correction, rendered for every channel of the post.

        :raises InputError: some channel cannot take the new text.
        """
        post = replace(view.post, source=source, texts={**texts})
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

    def move_change(self, view: PostView, due: datetime) -> Move:
        """A new hour, rendered anew for it."""
        post = replace(view.post, due=micros(due))
        return Move(post=post.id, due=post.due, targets=self._targets(view, post, None))

    def recall_change(self, view: PostView, channels: Sequence[str] | None) -> Recall:
        return Recall(
            post=view.post.id,
            channels=None if channels is None else tuple(channels),
            recallable=self._able(view, "recall"),
        )

    def approve_change(self, view: PostView, digest: str | None) -> Approve:
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

    def pin_change(self, view: PostView, channels: Sequence[str] | None) -> Pin:
        return Pin(
            post=view.post.id,
            channels=None if channels is None else tuple(channels),
            pinnable=self._able(view, "pin"),
        )

    def retry_change(
        self, post: int | None, states: tuple[State, ...], channels: Sequence[str] | None
    ) -> Retry:
        return Retry(
            post=post,
            states=states,
            channels=None if channels is None else tuple(channels),
            late_after=self.late_after(),
        )

    def late_after(self) -> dict[str, int]:
        """Channel -> microseconds that a delivery may stay unbegun."""
        return {
            name: each.late_after // timedelta(microseconds=1)
            for name, each in self.settings.channels.items()
        }

    def platform_of(self, channel: str) -> Platform | None:
        """The platform of a channel; None when the config no longer knows it."""
        settings = self.settings.channels.get(channel)
        if settings is None:
            return None
        return self.platforms[self.settings.accounts[settings.account].adapter]

    def link(self, channel: str, message_id: str) -> str | None:
        """The public address of a message, where one is known."""
        platform = self.platform_of(channel)
        if platform is None or not message_id:
            return None
        return platform.link(self.settings.channels[channel].channel, message_id)

    def view_json(self, view: PostView) -> dict[str, Json]:
        """The object that ``show --json`` prints."""
        return post_json(self.settings, self.link, view)

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
        refused = [
            f"  {each.settings.channel.name}: {each.reason}" for each in planned if not each.ok
        ]
        if refused:
            raise InputError("nothing was changed\n" + "\n".join(refused))
        return tuple(target(each, due=due, expires=expires) for each in planned)

    def _planned(
        self, view: PostView, post: Post, channels: Sequence[str] | None
    ) -> list[PlannedChannel]:
        """``post`` for the channels of ``view``, rendered by this config."""
        due = datetime.fromtimestamp(post.due / 1e6, self.settings.timezone)
        return [
            plan_channel(self.settings, self.platforms, post, settings, due=due)
            for each in view.deliveries
            if each.delivery.kind is Kind.POST
            and (channels is None or each.delivery.channel in channels)
            and (settings := self.settings.channels.get(each.delivery.channel))
        ]

    def _verbs(self, channel: str) -> frozenset[str]:
        platform = self.platform_of(channel)
        return platform.verbs if platform else frozenset()

    def _able(self, view: PostView, verb: str) -> frozenset[str]:
        names = {each.delivery.channel for each in view.deliveries}
        return frozenset(name for name in names if verb in self._verbs(name))

    # --- machines --------------------------------------------------------------------------------

    def adapter(self, account: AccountSettings) -> Adapter:
        """The client of one account, its token read.

        :raises InputError: the token cannot be had, or its file is readable by others.
        """
        from broadcaster import logs

        client = cast("type[Adapter]", load_part(account.adapter, "adapter").ADAPTER)
        known = config.adapter_account(account, os.environ)
        logs.conceal([known.token])
        return client(known)

    async def daemon(
        self,
        *,
        drain: bool = False,
        ready: Callable[[], None] | None = None,
        level: str | None = None,
    ) -> int:
        """Run until SIGTERM or SIGINT; with ``drain`` until nothing is left to do now.

        :raises InputError: tokens or store are not to be had.
        """
        from broadcaster.daemon import Daemon

        daemon = Daemon(
            self.platforms,
            read=lambda: config.load(self.settings.path, self.platforms),
            client=self.adapter,
            stores=self.store,
            level=level,
        )
        return await daemon.run(drain=drain, ready=ready)

    async def probe(self, accounts: Sequence[str], channels: Sequence[str]) -> list[Probed]:
        """Ask each account for its token, and each channel for our right to post there."""
        asked: dict[str, list[Channel | None]] = {name: [None] for name in accounts}
        for name in channels:
            settings = self.settings.channels[name]
            asked.setdefault(settings.account, []).append(settings.channel)
        import asyncio  # not at the top: only these commands need an event loop

        found = await asyncio.gather(*(self._probed(*each) for each in asked.items()))
        return [probed for each in found for probed in each]

    async def _probed(self, name: str, asked: Sequence[Channel | None]) -> list[Probed]:
        try:
            adapter = self.adapter(self.settings.accounts[name])
        except InputError as error:
            return [Probed(name, None, None, str(error))]
        await adapter.open()
        try:
            return [await _probed(name, adapter, each) for each in asked]
        finally:
            await adapter.close()

    async def audience(self, channels: Sequence[ChannelSettings]) -> dict[str, Audience | str]:
        """Channel name -> how many follow it, or why that is not known."""
        counted: dict[str, Audience | str] = {}
        for settings in channels:
            adapter = self.adapter(self.settings.accounts[settings.account])
            if not isinstance(adapter, Countable):
                counted[settings.channel.name] = "the platform does not tell"
                continue
            await adapter.open()
            try:
                counted[settings.channel.name] = await adapter.audience(settings.channel)
            except SendError as error:
                counted[settings.channel.name] = error.detail
            finally:
                await adapter.close()
        return counted


async def _probed(account: str, adapter: Adapter, channel: Channel | None) -> Probed:
    name = channel.name if channel else None
    try:
        return Probed(account, name, await adapter.probe(channel))
    except SendError as error:
        return Probed(account, name, None, error.detail)


def _refusal(what: str, refused: Sequence[PlannedChannel]) -> str:
    lines = (f"  {each.settings.channel.name}: {each.reason}" for each in refused)
    return "\n".join((what, *lines))
