"""The daemon's side of posts that are removed again: what the store says is due, it recalls."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.engine.runtime import Runtime
from broadcaster.errors import InputError, Refused
from broadcaster.store.changes import Remove
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the store."""
AT_ONCE = 50
"""Posts that one look removes at most: the next look comes soon."""


class Removals:
    """Recalls posts whose hour has come; the store does each once, however many daemons look."""

    def __init__(
        self, runtime: Runtime, settings: Settings, platforms: Mapping[str, Platform]
    ) -> None:
        self.settings = settings
        """May be replaced by those of a changed config."""
        self._runtime = runtime
        self._platforms = platforms

    async def look(self) -> None:
        """Remove what is due; may be called at any time."""
        runtime = self._runtime
        try:
            posts = await runtime.in_store(runtime.store.removals, AT_ONCE)
            # No hour is judged by a clock that jumped.
            if posts and await runtime.clock.is_trusted():
                for post in posts:
                    await self._remove(post)
                runtime.wake.set()
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); removals wait", busy)

    async def _remove(self, post: int) -> None:
        runtime = self._runtime
        change = Remove(post=post, recallable=self._recallable())
        try:
            done = await runtime.in_store(runtime.store.change, runtime.owner, change)
        except (Refused, InputError):
            return  # another daemon was faster, or the post is gone
        log.info("post %d is removed from %d channels", post, len(done.channels))
        for channel, why in done.refused.items():
            log.warning("post %d is not removed from %s: %s", post, channel, why)

    def _recallable(self) -> frozenset[str]:
        settings = self.settings
        return frozenset(
            name
            for name, channel in settings.channels.items()
            if "recall" in self._platforms[settings.accounts[channel.account].adapter].verbs
        )
