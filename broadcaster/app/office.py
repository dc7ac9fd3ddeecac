"""Composition root: from a config file to platforms, plans, a store and a running daemon.

The command line talks to :class:`Office` and to nothing below it but values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from broadcaster import config
from broadcaster.adapter import Platform
from broadcaster.config import AccountSettings, Settings
from broadcaster.discovery import Platforms, load_part
from broadcaster.errors import InputError
from broadcaster.files import Ground, Opener
from broadcaster.model import Json, Media, Micros
from broadcaster.planning.plan import Draft, Plan, new_post, plan, refusal
from broadcaster.planning.times import Times
from broadcaster.store import open_store
from broadcaster.store.store import Store

if TYPE_CHECKING:
    from broadcaster.adapter import Adapter
    from broadcaster.app.corrections import Decisions
    from broadcaster.planning.recurring import Recurring
    from broadcaster.store.chat import Chat
    from broadcaster.store.submit import Queued
    from broadcaster.store.views import PostView

__all__ = ["HOUR", "Office", "Store", "Times"]

HOUR: Micros = 3_600_000_000


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
    def times(self) -> Times:
        """How people's times are read and shown."""
        return Times(self.settings)

    @property
    def media_folder(self) -> Path:
        return self.settings.state_dir / "media"

    def take_media(self, path: Path) -> Media:
        """Copy a file for posting.  :raises InputError: it cannot be read or kept."""
        from broadcaster.store import media  # most posts have none

        return media.take(path, self.media_folder, bound=self.settings.largest_file)

    def inspect_media(self, path: Path) -> Media:
        """Say what a file is, for a dry run.  :raises InputError: it cannot be read."""
        from broadcaster.store import media

        return media.inspect(path, bound=self.settings.largest_file.for_a_plan())

    def plan(self, draft: Draft, *, now: datetime) -> Plan:
        """What each channel would receive; see :func:`broadcaster.planning.plan.plan`."""
        return plan(self.settings, self.platforms, draft, now=now)

    def plan_recurring(self, recurring: Recurring, at: datetime, *, now: datetime) -> Plan:
        """What each channel would receive of the occurrence at ``at``, its content taken in."""
        from broadcaster.planning.recurring_posts import draft  # its grammar takes a while to load

        return self.plan(draft(self.settings, recurring, at), now=now)

    def read_recurring(self, recurring: Recurring) -> Recurring:
        """A schedule of the config with what its files say now, by the daemon's rules.

        :raises InputError: a file may not be read.
        """
        from broadcaster.planning.recurring_posts import from_ground
        from broadcaster.store import media

        ground = Ground.of(self.settings.path.parent, self.settings.state_dir)

        def seen(path: Path, opened: Opener) -> Media:
            return media.inspect(path, opened=opened, bound=self.settings.largest_file)

        return from_ground(recurring, ground, seen)

    def submit(self, store: Store, draft: Draft, planned: Plan, *, now: datetime) -> Queued:
        """Queue exactly what was planned.

        :raises InputError: some channel cannot take it, or its author has queued enough for this
            hour; nothing was queued.
        """
        if draft.key is None or store.keyed(draft.key) is None:
            self.check_quota(store, draft.author, 1)
        if refused := refusal("nothing was queued", planned.channels):
            raise InputError(refused)
        return store.enqueue([new_post(draft, planned, now=now)])[0]

    def check_quota(self, store: Store, author: str, posts: int) -> None:
        """:raises InputError: with so many more ``author`` would have queued too many an hour."""
        most = self.settings.posts_per_hour
        before = store.written(author, HOUR)
        if before + posts > most:
            raise InputError(
                f"nothing was queued: {author} has queued {before:,} posts within the last hour,"
                f" {posts:,} more would be too many; one person may queue {most:,} an hour"
                " (posts_per_hour in [limits])"
            )

    # --- people: what becomes of it ------------------------------------------------------------

    @property
    def decisions(self) -> Decisions:
        """What people may decide about a post that is queued."""
        from broadcaster.app.corrections import Decisions  # a new post needs none of them

        return Decisions(self.settings, self.platforms)

    def platform_of(self, channel: str) -> Platform | None:
        """The platform of a channel; None when the config no longer knows it."""
        settings = self.settings.channels.get(channel)
        if settings is None:
            return None
        return self.platforms[self.settings.accounts[settings.account].adapter]

    def link(self, channel: str, message_id: str, chat: Chat | None = None) -> str | None:
        """The public address of a message, where one is known.

        ``chat``: where it stands, should that not be the channel's own chat any more.
        """
        platform = self.platform_of(channel)
        if platform is None or not message_id:
            return None
        where = self.settings.channels[channel].channel
        if chat is not None:
            if chat.platform != platform.name:
                return None
            where = replace(where, address=chat.address, username=chat.username)
        return platform.link(where, message_id)

    def view_json(self, view: PostView, *, wire: bool = False) -> dict[str, Json]:
        """The object that ``show --json`` prints; ``wire``: with what was sent."""
        from broadcaster.app.views import post_json  # a new post is only counted

        return post_json(self.settings, self.link, view, wire=wire)

    # --- machines --------------------------------------------------------------------------------

    def adapter(self, account: AccountSettings) -> Adapter:
        """The client of one account, its token read.

        :raises InputError: the token cannot be had, or it, or the config, may be of others.
        """
        from broadcaster import logs
        from broadcaster.engine.intake import contained

        config.require_config(self.settings.path)
        with contained():
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
        from broadcaster.daemon.daemon import Daemon

        daemon = Daemon(
            self.platforms,
            read=lambda: config.load(self.settings.path, self.platforms),
            client=self.adapter,
            stores=self.store,
            level=level,
        )
        return await daemon.run(drain=drain, ready=ready)
