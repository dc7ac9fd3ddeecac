"""The daemon's side of recurring posts: schedules out of the store, ticks out of their triggers.

The store is the truth.  Ticks only say when to look; whoever looks posts what is due, and the store
takes each occurrence once, however many daemons offer it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from broadcaster.adapter import Platform
from broadcaster.config import Settings
from broadcaster.engine import recurring_posts
from broadcaster.engine.gates import InStore
from broadcaster.engine.plan import micros
from broadcaster.engine.recurring import Due, Recurring, due, occurrence
from broadcaster.engine.recurring_config import wanted
from broadcaster.errors import InputError, Refused
from broadcaster.model import Media, Micros
from broadcaster.store.changing import Change
from broadcaster.store.port import Store, StoreBusy
from broadcaster.store.scheduling import Fail, Proceed, ScheduleRow, Skip

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the store: what was added, changed or paused is known so soon."""
AGAIN_S = 60.0
"""Between two tries at an occurrence that cannot be posted: somebody may be repairing its file."""
AFTER = timedelta(milliseconds=50)
"""A tick comes so long after its moment, so that it is past by the store's clock as well."""


class Recurrences:
    """Posts what is due; ``media`` keeps a file, ``now`` is the store's clock.

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
        media: Callable[[Path], Media],
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
        self._media = media
        self._now = now
        self._nudge = nudge
        self._tick = tick
        self._believes = believes
        self._taken: Settings | None = None
        self._failed: dict[str, tuple[ScheduleRow, float]] = {}
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

    async def _row(self, row: ScheduleRow) -> None:
        try:
            recurring = Recurring.of(row.definition)
            rule, zone = recurring.rule, recurring.timezone
            now = self._moment()
            if row.next_at is None:
                next_at = micros(rule.after(now, zone))
                await self._change(Proceed(name=row.name, next_at=next_at))
                return
            first = datetime.fromtimestamp(row.next_at / 1e6, UTC)
            found = due(rule, zone, first, now, recurring.missed, recurring.patience(self.settings))
            await self._post(row, recurring, found)
        except InputError as error:
            await self._fail(row, str(error))
        except Refused:
            return  # another daemon was faster

    async def _post(self, row: ScheduleRow, recurring: Recurring, found: Due) -> None:
        rule, zone = recurring.rule, recurring.timezone
        row = await self._pass(row, micros((*found.post, found.next_at)[0]))
        for at, after in found.steps():
            key = occurrence(row.name, rule, zone, at)
            new = await asyncio.to_thread(
                partial(
                    recurring_posts.post,
                    self.settings,
                    self._platforms,
                    recurring,
                    key,
                    at,
                    self._moment(),
                    media=self._media,
                )
            )
            next_at = micros(after)
            queued = await self._in_store(self._store.fire, row, rule.key(at, zone), new, next_at)
            if queued is None:
                return  # another daemon was faster, or it was changed just now
            if not queued.existing:
                log.info("schedule %s: post %d", row.name, queued.post)
            self._nudge()
            row = replace(row, next_at=next_at)
        self._failed.pop(row.name, None)

    async def _pass(self, row: ScheduleRow, until: Micros) -> ScheduleRow:
        """Pass over what is due before ``until``, and say so."""
        assert row.next_at is not None
        if row.next_at >= until:
            return row
        reason = row.problem or "it was due while no daemon ran"
        await self._change(Skip(name=row.name, at=row.next_at, next_at=until, reason=reason))
        log.warning("schedule %s: passed over what was due: %s", row.name, reason)
        return replace(row, next_at=until)

    async def _fail(self, row: ScheduleRow, reason: str) -> None:
        """It stays due, so that a file that is repaired in time is still posted."""
        self._failed[row.name] = row, time.monotonic()
        if row.problem != reason:
            log.error("schedule %s cannot be posted: %s", row.name, reason)
        if row.next_at is not None:
            await self._change(Fail(name=row.name, at=row.next_at, reason=reason))

    def _wants(self, row: ScheduleRow, now: Micros) -> bool:
        """Whether something is to be done about it."""
        return row.next_at is None or (row.next_at <= now and not self._tried(row))

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
    return {
        row.name: datetime.fromtimestamp(row.next_at / 1e6, UTC) + AFTER
        for row in rows
        if row.next_at is not None and not row.paused
    }
