"""The office: one config file, and the platforms, plans and store that follow from it.

Every use case of :mod:`broadcaster.app` is given one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster import config
from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.discovery import Platforms
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Digest, Media, Micros
from broadcaster.planning.plan import Plan, PostRequest, new_post, plan, refusal
from broadcaster.planning.times import Times
from broadcaster.store import open_store
from broadcaster.store.chat import Chat
from broadcaster.store.store import Store
from broadcaster.store.submit import Queued

if TYPE_CHECKING:
    from broadcaster.store.background import BackgroundStore

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

    def open_store(self) -> BackgroundStore:
        """The queue for a process with an event loop, in a thread of its own.

        :raises InputError: entering it, where the store cannot be opened.
        """
        from broadcaster.store.background import BackgroundStore  # the command line needs none

        return BackgroundStore(self.store())

    @property
    def times(self) -> Times:
        """How people's times are read and shown."""
        return Times(self.settings)

    @property
    def media_folder(self) -> Path:
        return self.settings.state_dir / "media"

    def kept_file(self, digest: Digest) -> Path:
        """Where the office keeps a file."""
        from broadcaster.store import media  # most posts have none

        return media.blob(self.media_folder, digest)

    def take_media(self, path: Path) -> Media:
        """Copy a file for posting.  :raises InputError: it cannot be read or kept."""
        from broadcaster.store import media  # most posts have none

        return media.take(path, self.media_folder, bound=self.settings.largest_file)

    def keep_converted(self, contents: Mapping[Digest, bytes]) -> None:
        """Keep pictures that were made of others.  :raises InputError: they cannot be kept."""
        if not contents:
            return
        from broadcaster.store import media  # most posts have none

        for content in contents.values():
            media.keep(content, self.media_folder)

    def inspect_media(self, path: Path) -> Media:
        """Say what a file is, for a dry run.  :raises InputError: it cannot be read."""
        from broadcaster.store import media  # most posts have none

        return media.inspect(path, bound=self.settings.largest_file.for_a_plan())

    def plan(self, draft: PostRequest, *, now: datetime) -> Plan:
        """What each channel would receive; see :func:`broadcaster.planning.plan.plan`."""
        return plan(self.settings, self.platforms, draft, now=now)

    def submit(self, store: Store, draft: PostRequest, planned: Plan, *, now: datetime) -> Queued:
        """Queue exactly what was planned.

        :raises InputError: some channel cannot take it, or its author has queued enough for this
            hour; nothing was queued.
        """
        if draft.key is None or store.keyed(draft.key) is None:
            self.check_quota(store, draft.author, 1)
        if refused := refusal(say("nothing was queued"), planned.channels):
            raise InputError(refused)
        return store.enqueue([new_post(draft, planned, now=now)])[0]

    def check_quota(self, store: Store, author: str, posts: int) -> None:
        """:raises InputError: with so many more ``author`` would have queued too many an hour."""
        most = self.settings.posts_per_hour
        before = store.written(author, HOUR)
        if before + posts > most:
            raise InputError(
                say(
                    "nothing was queued: {author} has queued {before:,} posts within the "
                    "last hour, {posts:,} more would be too many; one person may queue "
                    "{most:,} an hour (posts_per_hour in [limits])",
                    author=author,
                    before=before,
                    posts=posts,
                    most=most,
                )
            )

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
