"""An office of recurring posts: one real store, a config, and a clock that moves as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from broadcaster import config
from broadcaster.config import Settings
from broadcaster.daemon.recurring import Recurrences
from broadcaster.discovery import Platforms
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.store_thread import StoreThread
from broadcaster.engine.trusted_clock import TrustedClock
from broadcaster.files import Opener
from broadcaster.model import Conversion, Media, Micros
from broadcaster.planning.recurring import Recurring
from broadcaster.store.changes import Schedule
from broadcaster.store.live import Origin
from broadcaster.store.media import inspect
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store
from broadcaster.store.views import Query, ScheduleRow
from broadcaster.text.conversion import Need

OFFICE = """
default_to = ["khabar"]
timezone = "{zone}"
[platforms.bale]
[channels.khabar]
platform = "bale"
address = "@x_news"
"""
START = datetime(2040, 3, 1, tzinfo=UTC)
"""Ahead of us, so that real ticks do not come in between."""


class House:
    """One store file, a config, and daemons that look when they are told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.stores: list[SqliteStore] = []
        self.settings = self.configured()
        self.store = self.open()
        self.nudged = 0
        self.ticks: dict[str, datetime] = {}

    def configured(self, more: str = "", zone: str = "Asia/Tehran") -> Settings:
        path = self.folder / "broadcaster.toml"
        path.write_text(OFFICE.format(zone=zone) + more, encoding="utf-8")
        return config.load(path, Platforms())

    def open(self) -> SqliteStore:
        self.stores.append(SqliteStore(self.folder / "queue.db"))
        return self.stores[-1]

    def daemon(self, owner: str, store: Store | None = None) -> Recurrences:
        at = store or self.open()

        runtime = replace(
            Runtime.of(owner, at),
            in_store=SetThread(self, at),
            clock=SetClock(self),
            wake=Wakes(self),
        )
        return Looking(self, runtime)

    def take(self, path: Path, opened: Opener) -> Media:
        return inspect(path, opened=opened)

    def convert(self, media: Media, need: Need) -> Conversion:
        raise AssertionError(f"{media.name} needs no other picture ({need})")

    @property
    def micros(self) -> Micros:
        return int(self.now.timestamp() * 1_000_000)

    def add(self, name: str = "هفتگی", **more: Any) -> Recurring:
        said = {
            "trigger": "every day 08:00",
            "zone": "Asia/Tehran",
            "to": ("khabar",),
            "text": "امروز {date} است.",
            "author": "سارا",
            **more,
        }
        recurring = Recurring(**said)
        at = recurring.rule.after(self.now, recurring.timezone)
        change = Schedule(
            name=name,
            definition=recurring.definition(),
            origin=Origin.COMMAND,
            next_at=int(at.timestamp() * 1_000_000),
        )
        self.store.change("سارا", change, now=self.micros)
        return recurring

    def plan(self, file: Path, more: str = "") -> None:
        """A daily schedule of the config, of a file; for daemons that begin from now on."""
        self.settings = self.configured(
            f'[schedules."هفتگی"]\nevery = "day 08:00"\nfile = "{file}"\n{more}'
        )

    def row(self, name: str = "هفتگی") -> ScheduleRow:
        return {row.name: row for row in self.store.schedules()}[name]

    def posts(self) -> list[datetime]:
        """When each post was due, the oldest first."""
        rows = self.store.posts(Query(limit=100_000))
        return sorted(datetime.fromtimestamp(row.post.due / 1e6, UTC) for row in rows)

    def texts(self) -> list[str]:
        rows = self.store.posts(Query(limit=100_000))
        views = [self.store.post(row.post.id) for row in reversed(rows)]
        return [view.deliveries[0].messages[0].message.text for view in views]

    def log(self) -> list[tuple[str, str]]:
        return [(row.verb, str(row.detail.get("reason", ""))) for row in self.store.audit()]

    def close(self) -> None:
        for store in self.stores:
            store.close()


class SetThread(StoreThread):
    """Runs verbs at once; the house's clock is the database's."""

    def __init__(self, house: House, store: Store) -> None:
        super().__init__()
        self._house = house
        self._store = store

    async def __call__(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return verb(*args, **({} if verb == self._store.schedules else {"now": self._house.micros}))


class SetClock(TrustedClock):
    """The house's clock, which is always right."""

    def __init__(self, house: House) -> None:
        self._house = house

    def now(self) -> Micros:
        return self._house.micros

    async def is_trusted(self) -> bool:
        return True


class Wakes(asyncio.Event):
    """Counts how often the worker would have been woken."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house

    def set(self) -> None:
        self._house.nudged += 1
        super().set()


class Looking(Recurrences):
    """Leaves in the house when it wants to look next."""

    def __init__(self, house: House, runtime: Runtime) -> None:
        super().__init__(runtime, house.settings, Platforms(), house.take, house.convert)
        self._house = house

    async def look(self) -> Mapping[str, datetime] | None:
        moments = await super().look()
        if moments is not None:
            self._house.ticks = dict(moments)
        return moments
