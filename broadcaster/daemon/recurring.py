"""The daemon's side of recurring posts: schedules out of the store, ticks out of their triggers.

The store is the truth.  Ticks only say when to look; whoever looks posts what is due, and the store
takes each occurrence once, however many daemons offer it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.engine.gates import InStore
from broadcaster.errors import InputError, Refused
from broadcaster.files import Ground, Opener
from broadcaster.model import Media, Micros
from broadcaster.planning import recurring_posts
from broadcaster.planning.plan import micros
from broadcaster.planning.recurring import Due, Recurring, due, occurrence, save_again
from broadcaster.planning.recurring_config import wanted
from broadcaster.store.changes import Change, Fail, Proceed, Skip
from broadcaster.store.live import Origin
from broadcaster.store.store import Store, StoreBusy
from broadcaster.store.submit import NewPost
from broadcaster.store.views import AWAY, ScheduleRow

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the store: what was added, changed or paused is known so soon."""
AGAIN_S = 60.0
"""Between two tries at an occurrence that cannot be posted: somebody may be repairing its file."""
AFTER = timedelta(milliseconds=50)
"""A tick comes so long after its moment, so that it is past by the store's clock as well."""


class Recurrences:
    """Posts what is due; ``take`` keeps a file that the config names; ``now`` is the store's clock.

    Whatever one schedule raises is that schedule's problem, and the others go on.

    ``tick`` is told, by name, when to look again; ``nudge`` is called when something was posted;
    ``believes`` says whether the clock is right.
    """

    def __init__(
        self,
        owner: str,
        store: Store,
        settings: Settings,
        platforms: Mapping[str, Platform],
        *,
        in_store: InStore,
        take: Callable[[Path, Opener], Media],
        now: Callable[[], Micros],
        nudge: Callable[[], None],
        tick: Callable[[Mapping[str, datetime]], None],
        believes: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.settings = settings
        """May be replaced by those of a changed config."""
        self._owner = owner
        self._store = store
        self._platforms = platforms
        self._in_store = in_store
        self._take = take
        self._now = now
        self._nudge = nudge
        self._tick = tick
        self._believes = believes
        self._taken: Settings | None = None
        self._failed: dict[str, tuple[ScheduleRow, float]] = {}
        self._seen: dict[str, str] = {}
        """The definitions that were looked at, by name."""
        self._began: Micros | None = None
        """By the store's clock, as all times."""
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Post what is due, and set the ticks anew; may be called at any time."""
        async with self._looking:
            if self._believes and not await self._believes():
                return  # no hour is judged by a clock that jumped
            try:
                await self._config()
                rows = await self._in_store(self._store.schedules)
                now = self._now()
                self._began = self._began or now
                if await self._warn(rows):
                    rows = await self._in_store(self._store.schedules)
                if awake := [row for row in rows if not row.paused and self._wants(row, now)]:
                    for row in awake:
                        await self._row(row)
                    rows = await self._in_store(self._store.schedules)
            except StoreBusy as busy:
                log.warning("the store cannot be written (%s); schedules wait", busy)
                return
            self._tick(_ticks(rows))

    async def _config(self) -> None:
        """Take up the schedules of a new config."""
        settings = self.settings
        if settings is self._taken:
            return
        for change in wanted(settings, await self._in_store(self._store.schedules), self._moment()):
            try:
                await self._change(change)
            except Refused as refused:
                log.error("the config's schedule is not taken: %s", refused)
        self._taken = settings

    async def _warn(self, rows: Iterable[ScheduleRow]) -> bool:
        """Say of schedules that can never be posted as they are, before they are due."""
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
            return  # another daemon was faster
        except InputError as error:
            await self._fail(row, str(error))
        except Exception as bug:
            reason = f"a fault of the program ({type(bug).__name__}); the daemon's log says where"
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
        # What was due in a month may be many: not by the loop.
        found = await asyncio.to_thread(due, rule, zone, first, now, recurring.missed, patience)
        await self._post(row, recurring, found)

    async def _post(self, row: ScheduleRow, recurring: Recurring, found: Due) -> None:
        rule, zone = recurring.rule, recurring.timezone
        row = await self._pass(row, micros((*found.post, found.next_at)[0]))
        for at, after in found.steps():
            key = occurrence(row.name, rule, zone, at)
            new = await asyncio.to_thread(self._new, row, recurring, key, at)
            next_at = micros(after)
            queued = await self._in_store(self._store.fire, row, rule.key(at, zone), new, next_at)
            if queued is None:
                return  # another daemon was faster, or it was changed just now
            if not queued.existing:
                log.info("schedule %s: post %d", row.name, queued.post)
            self._nudge()
            row = replace(row, next_at=next_at)
        self._failed.pop(row.name, None)

    def _new(self, row: ScheduleRow, recurring: Recurring, key: str, at: datetime) -> NewPost:
        said = self._content(row, recurring)
        return recurring_posts.post(self.settings, self._platforms, said, key, at, self._moment())

    def _content(self, row: ScheduleRow, recurring: Recurring) -> Recurring:
        """``recurring`` with what its files say now.

        A path is opened only where this daemon's own config names it: whoever may post may write
        the rows of the store, and what the daemon may read is not theirs.
        """
        if not recurring.names_files:
            return recurring
        if row.origin is not Origin.CONFIG:
            raise InputError(save_again(row.name))
        settings = self.settings
        said = settings.schedules.get(row.name)
        if said is None or Recurring.wanted(said, settings).definition() != row.definition:
            raise InputError("it names files, and the config of this daemon does not name them so")
        ground = Ground.of(settings.path.parent)
        return recurring_posts.from_ground(recurring, ground, self._take)

    async def _pass(self, row: ScheduleRow, until: Micros) -> ScheduleRow:
        """Pass over what is due before ``until``, and say so."""
        assert row.next_at is not None
        if row.next_at >= until:
            return row
        reason = row.problem or self._why_late(row.next_at)
        await self._change(Skip(name=row.name, at=row.next_at, next_at=until, reason=reason))
        log.warning("schedule %s: passed over what was due: %s", row.name, reason)
        return replace(row, next_at=until)

    def _why_late(self, at: Micros) -> str:
        if self._began is None or at < self._began:
            return AWAY
        return "it could not be posted in time: the clock was not believed, or the store was locked"

    async def _fail(self, row: ScheduleRow, reason: str) -> None:
        """It stays due, so that a file that is repaired in time is still posted."""
        self._failed[row.name] = row, time.monotonic()
        # No store takes half letters, and PostgreSQL no zero.
        reason = reason.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
        if row.problem == reason:
            return
        log.error("schedule %s cannot be posted: %s", row.name, reason)
        await self._change(Fail(name=row.name, at=row.next_at, reason=reason))

    def _wants(self, row: ScheduleRow, now: Micros) -> bool:
        """Whether something is to be done about it."""
        return (row.next_at is None or row.next_at <= now) and not self._tried(row)

    def _tried(self, row: ScheduleRow) -> bool:
        """Whether this very occurrence was tried in vain a moment ago."""
        failed, at = self._failed.get(row.name, (None, 0.0))
        return (
            failed is not None
            and (failed.definition, failed.next_at) == (row.definition, row.next_at)
            and time.monotonic() - at < AGAIN_S
        )

    async def _change(self, change: Change) -> None:
        await self._in_store(self._store.change, self._owner, change)

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now() / 1e6, UTC)


def _ticks(rows: Iterable[ScheduleRow]) -> dict[str, datetime]:
    found = {}
    for row in rows:
        if row.next_at is not None and not row.paused:
            with contextlib.suppress(ValueError, OverflowError, OSError):  # no time of ours
                found[row.name] = datetime.fromtimestamp(row.next_at / 1e6, UTC) + AFTER
    return found
