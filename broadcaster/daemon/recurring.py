"""Posts what schedules make due.

The schedules are rows of the store.  Any daemon may post a due occurrence at any time: the store
takes each one once, however many daemons offer it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.engine.runtime import Runtime
from broadcaster.errors import InputError, Refused
from broadcaster.files import Ground, Opener
from broadcaster.language import say
from broadcaster.model import Media, Micros
from broadcaster.planning import recurring_posts
from broadcaster.planning.conversions import Convert
from broadcaster.planning.plan import micros
from broadcaster.planning.recurring import Due, Recurring, due, occurrence, save_again
from broadcaster.planning.recurring_config import wanted
from broadcaster.store.changes import Change, Fail, Proceed, Skip
from broadcaster.store.live import Origin
from broadcaster.store.store import StoreBusy
from broadcaster.store.submit import NewPost
from broadcaster.store.views import AWAY, ScheduleRow

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the store for schedules that were added, changed or paused."""
AGAIN_S = 60.0
"""Between two tries to post an occurrence: somebody may be repairing its file."""
AFTER = timedelta(milliseconds=50)
"""The wait after a due time, so that it is past by the store's clock as well."""


KeepFile: TypeAlias = Callable[[Path, Opener], Media]
"""Keeps a file that the config names, as an attached file of the office."""


class Recurrences:
    """Posts due occurrences; an error of one schedule stops no other.

    ``convert`` makes another picture of a file that is kept.
    """

    def __init__(
        self,
        runtime: Runtime,
        settings: Settings,
        platforms: Mapping[str, Platform],
        keep_file: KeepFile,
        convert: Convert,
    ) -> None:
        self.settings = settings
        """May be replaced by those of a changed config."""
        self._runtime = runtime
        self._platforms = platforms
        self._keep_file = keep_file
        self._convert = convert
        self._taken: Settings | None = None
        self._failed: dict[str, tuple[ScheduleRow, float]] = {}
        self._seen: dict[str, str] = {}
        """The definitions that were checked, by name."""
        self._began: Micros | None = None
        """When this daemon first looked, by the store's clock."""
        self._looking = asyncio.Lock()

    async def look(self) -> Mapping[str, datetime] | None:
        """Post due occurrences; may be called at any time.

        Returns when to look next, by schedule; None: nothing was done, so look again soon.
        """
        async with self._looking:
            if not await self._runtime.clock.is_trusted():
                return None  # no due time is judged by a clock that jumped
            try:
                return _moments(await self._post_due())
            except StoreBusy as busy:
                log.warning("the store cannot be written (%s); schedules wait", busy)
                return None

    async def _post_due(self) -> Sequence[ScheduleRow]:
        """The schedules afterwards.  :raises StoreBusy: some are not posted yet."""
        await self._config()
        rows = await self._rows()
        now = self._runtime.clock.now()
        self._began = self._began or now
        if await self._warn(rows):
            rows = await self._rows()
        due_rows = [row for row in rows if not row.paused and self._wants(row, now)]
        for row in due_rows:
            await self._row(row)
        return await self._rows() if due_rows else rows

    async def _rows(self) -> Sequence[ScheduleRow]:
        return await self._runtime.in_store(self._runtime.store.schedules)

    async def _config(self) -> None:
        """Save the schedules of a new config."""
        settings = self.settings
        if settings is self._taken:
            return
        for change in wanted(settings, await self._rows(), self._moment()):
            try:
                await self._change(change)
            except Refused as refused:
                log.error("a schedule of the config is refused: %s", refused)
        self._taken = settings

    async def _warn(self, rows: Iterable[ScheduleRow]) -> bool:
        """Report schedules that can never be posted as they are, before they are due."""
        warned = False
        seen = {row.name: row.definition for row in rows}
        fresh = [row for row in rows if self._seen.get(row.name) != row.definition]
        self._seen = seen
        for row in fresh:
            if row.origin is Origin.COMMAND and not row.problem and not row.paused:
                with contextlib.suppress(InputError):
                    if Recurring.of(row.definition).names_files:
                        await self._fail(row, save_again(row.name))
                        warned = True
        return warned

    async def _row(self, row: ScheduleRow) -> None:
        try:
            await self._judge(row)
        except StoreBusy:
            raise
        except Refused:
            return  # another daemon posted it
        except InputError as error:
            await self._fail(row, str(error))
        except Exception as bug:
            reason = say(
                "a fault of the program ({name}); the daemon's log says where",
                name=type(bug).__name__,
            )
            if row.problem != reason:
                log.exception("schedule %s", row.name)
            await self._fail(row, reason)

    async def _judge(self, row: ScheduleRow) -> None:
        recurring = Recurring.of(row.definition)
        rule, zone = recurring.rule, recurring.timezone
        now = self._moment()
        if row.next_at is None:
            next_at = micros(rule.after(now, zone))
            await self._change(Proceed(name=row.name, next_at=next_at))
            return
        first = datetime.fromtimestamp(row.next_at / 1e6, UTC)
        patience = recurring.patience(self.settings)
        # A month may hold many occurrences, so a thread computes them.
        found = await asyncio.to_thread(due, rule, zone, first, now, recurring.missed, patience)
        await self._post(row, recurring, found)

    async def _post(self, row: ScheduleRow, recurring: Recurring, found: Due) -> None:
        rule, zone = recurring.rule, recurring.timezone
        row = await self._pass(row, micros((*found.post, found.next_at)[0]))
        for at, after in found.steps():
            key = occurrence(row.name, rule, zone, at)
            store = self._runtime.store
            if recurring.attached and store.keeps_files:  # perhaps taken on another machine
                files = [media.digest for media in recurring.attached]
                await self._runtime.in_store(store.bring, files)
            new = await asyncio.to_thread(self._new, row, recurring, key, at)
            next_at = micros(after)
            queued = await self._runtime.in_store(
                self._runtime.store.fire, row, rule.key(at, zone), new, next_at
            )
            if queued is None:
                return  # another daemon posted it, or it was changed just now
            if not queued.existing:
                log.info("schedule %s: post %d", row.name, queued.post)
            self._runtime.wake.set()
            row = replace(row, next_at=next_at)
        self._failed.pop(row.name, None)

    def _new(self, row: ScheduleRow, recurring: Recurring, key: str, at: datetime) -> NewPost:
        content = self._content(row, recurring)
        return recurring_posts.post(
            self.settings,
            self._platforms,
            content,
            key,
            at,
            self._moment(),
            convert=self._convert,
        )

    def _content(self, row: ScheduleRow, recurring: Recurring) -> Recurring:
        """``recurring`` with the content of its files as they are now.

        A path is opened only where this daemon's own config names it: everybody who may post can
        write rows of the store, and must not read files through the daemon.
        """
        if not recurring.names_files:
            return recurring
        if row.origin is not Origin.CONFIG:
            raise InputError(save_again(row.name))
        settings = self.settings
        own = settings.schedules.get(row.name)
        if own is None or Recurring.wanted(own, settings).definition() != row.definition:
            raise InputError(
                say("it names files, and the config of this daemon does not name them so")
            )
        ground = Ground.of(settings.path.parent)
        return recurring_posts.from_ground(recurring, ground, self._keep_file)

    async def _pass(self, row: ScheduleRow, until: Micros) -> ScheduleRow:
        """Skip the occurrences before ``until``, and log that."""
        assert row.next_at is not None
        if row.next_at >= until:
            return row
        reason = row.problem or self._why_late(row.next_at)
        await self._change(Skip(name=row.name, at=row.next_at, next_at=until, reason=reason))
        log.warning("schedule %s: skipped due posts: %s", row.name, reason)
        return replace(row, next_at=until)

    def _why_late(self, at: Micros) -> str:
        if self._began is None or at < self._began:
            return AWAY
        return say("it could not be posted in time: the clock had jumped, or the store was locked")

    async def _fail(self, row: ScheduleRow, reason: str) -> None:
        """Record why; the schedule stays due, so that a repair in time is still posted."""
        self._failed[row.name] = row, time.monotonic()
        # No store takes half letters, and PostgreSQL no zero.
        reason = reason.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
        if row.problem == reason:
            return
        log.error("schedule %s cannot be posted: %s", row.name, reason)
        await self._change(Fail(name=row.name, at=row.next_at, reason=reason))

    def _wants(self, row: ScheduleRow, now: Micros) -> bool:
        """Whether it is due, or new, and was not tried a moment ago."""
        return (row.next_at is None or row.next_at <= now) and not self._tried(row)

    def _tried(self, row: ScheduleRow) -> bool:
        """Whether this very occurrence failed a moment ago."""
        failed, at = self._failed.get(row.name, (None, 0.0))
        return (
            failed is not None
            and (failed.definition, failed.next_at) == (row.definition, row.next_at)
            and time.monotonic() - at < AGAIN_S
        )

    async def _change(self, change: Change) -> None:
        runtime = self._runtime
        await runtime.in_store(runtime.store.change, runtime.owner, change)

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._runtime.clock.now() / 1e6, UTC)


def _moments(rows: Iterable[ScheduleRow]) -> dict[str, datetime]:
    """When each schedule is due next."""
    moments = {}
    for row in rows:
        if row.next_at is not None and not row.paused:
            with contextlib.suppress(ValueError, OverflowError, OSError):  # out of range
                moments[row.name] = datetime.fromtimestamp(row.next_at / 1e6, UTC) + AFTER
    return moments
