"""What happens in the queue, for everybody who watches: looked at once, told to all."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from broadcaster.app.status import accounts
from broadcaster.errors import BroadcasterError
from broadcaster.model import Actor, Json, Permission
from broadcaster.store.views import PostRow, Query

if TYPE_CHECKING:
    from broadcaster.app.office import Office, Store
    from broadcaster.store.background import BackgroundStore

log = logging.getLogger(__name__)

KEPT = 1000
"""Events that somebody who was away can still be told."""
POSTS = 300
"""Those with the newest activity are watched."""
PAUSE_S = 0.25
"""Between two looks: a busy queue is looked at so often, not at each write."""
WAIT_S = 1.0
"""For the next write; whoever stops the process waits no longer."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something that changed."""

    number: int
    kind: str
    """post, delivery, account or halt."""
    data: Mapping[str, Json]
    channels: tuple[str, ...] = ()
    """That it concerns; empty: it is for everybody."""
    author: str = ""

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor may see it."""
        if not self.channels or actor.may(Permission.SEE) or self.author == actor.person:
            return True
        return any(actor.may(Permission.SEE, [name]) for name in self.channels)


@dataclass(slots=True)
class _Seen:
    """How everything was at the last look."""

    posts: dict[int, object] = field(default_factory=dict)
    deliveries: dict[int, dict[int, tuple[str, str]]] = field(default_factory=dict)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    halt: tuple[str, str] | None = None
    begun: bool = False


class Feed:
    """Looks while somebody listens, and only then."""

    def __init__(self, office: Office, opened: BackgroundStore) -> None:
        self.epoch = secrets.token_hex(4)
        """Numbers of another process mean nothing here."""
        self._office, self._opened = office, opened
        self._events: deque[LiveEvent] = deque(maxlen=KEPT)
        self._number = 0
        self._seen = _Seen()
        self._listeners = 0
        self._wanted, self._told = asyncio.Event(), asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self.closed = False

    @property
    def number(self) -> int:
        """Of the newest event."""
        return self._number

    def knows(self, number: int) -> bool:
        """Whether everything after ``number`` can still be told."""
        first = self._events[0].number if self._events else self._number + 1
        return first - 1 <= number <= self._number

    @contextmanager
    def listening(self) -> Iterator[None]:
        self._listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._wanted.clear()

    async def after(self, number: int, timeout: float) -> list[LiveEvent]:
        """The events that follow; an empty list after ``timeout`` seconds without one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._told:
                await self._told.wait_for(lambda: self._number > number or self.closed)
        return [event for event in self._events if event.number > number]

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._wanted.is_set():
                self._seen = _Seen()  # what happens while nobody listens is told to nobody
                await self._wanted.wait()
            try:
                fresh = await self._opened(self._look)
            except BroadcasterError:  # a store that is busy is looked at again
                fresh = []
            except Exception:
                log.exception("a look at the queue failed")
                fresh = []
            async with self._told:
                self._events.extend(fresh)
                self._told.notify_all()
            await asyncio.sleep(PAUSE_S)
            await loop.run_in_executor(self._thread, self._opened.store.changed, WAIT_S)

    async def close(self) -> None:
        self.closed = True
        async with self._told:
            self._told.notify_all()
        await asyncio.to_thread(self._thread.shutdown)

    def _look(self) -> list[LiveEvent]:
        """What has changed since the last look; the first one only notes how it is."""
        store, seen, silent = self._opened.store, self._seen, not self._seen.begun
        found = [
            *self._switches(store, seen),
            *(
                event
                for row in reversed(store.posts(Query(limit=POSTS)))
                for event in self._post(store, seen, row, silent=silent)
            ),
        ]
        seen.begun = True
        if silent:
            return []
        return [self._numbered(make) for make in found]

    def _numbered(self, make: Callable[[int], LiveEvent]) -> LiveEvent:
        self._number += 1
        return make(self._number)

    def _post(
        self, store: Store, seen: _Seen, row: PostRow, *, silent: bool
    ) -> Iterator[Callable[[int], LiveEvent]]:
        number = row.post.id
        now = (row.state, dict(row.counts), row.stands, row.removed, dict(row.wanted), row.active)
        if seen.posts.get(number) == now:
            return
        seen.posts[number] = now
        if silent:
            return
        view = store.post(number)
        channels = tuple(dict.fromkeys(each.delivery.channel for each in view.deliveries))
        author = row.post.author
        data: dict[str, Json] = {"id": number, "state": view.state}
        yield partial(LiveEvent, kind="post", data=data, channels=channels, author=author)
        before = seen.deliveries.get(number, {})
        after = seen.deliveries[number] = {
            each.delivery.id: (each.delivery.state.value, each.delivery.reason)
            for each in view.deliveries
            if each.delivery.id
        }
        for each in view.deliveries:
            own = each.delivery
            if own.id and before.get(own.id) != after[own.id]:
                said: dict[str, Json] = {
                    "id": own.id,
                    "post": number,
                    "channel": own.channel,
                    "kind": own.kind.value,
                    "state": own.state.value,
                    "error": own.reason or None,
                }
                yield partial(
                    LiveEvent, kind="delivery", data=said, channels=(own.channel,), author=author
                )

    def _switches(self, store: Store, seen: _Seen) -> Iterator[Callable[[int], LiveEvent]]:
        health = store.health(counted=False)
        shut = next((gate for gate in health.gates if gate.scope == "all"), None)
        halt = (shut.reason, shut.by) if shut else None
        if halt != seen.halt:
            seen.halt = halt
            data: dict[str, Json] = {
                "halted": halt is not None,
                "reason": halt[0] if halt else None,
            }
            yield partial(LiveEvent, kind="halt", data=data)
        for each in accounts(self._office, health):
            name, now = each.settings.name, (each.closed, each.breaker)
            if seen.accounts.get(name) == now:
                continue
            seen.accounts[name] = now
            said: dict[str, Json] = {
                "account": name,
                "closed": each.closed or None,
                "breaker": each.breaker,
            }
            known = self._office.settings.channels
            channels = tuple(own for own, found in known.items() if found.account == name)
            yield partial(LiveEvent, kind="account", data=said, channels=channels)


def since(feed: Feed, last: str) -> tuple[int, bool]:
    """From which number on somebody is told who had seen ``last``; and whether some are missing."""
    epoch, _, number = last.partition("-")
    if not last:
        return feed.number, False
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    if epoch == feed.epoch and is_number and feed.knows(int(number)):
        return int(number), False
    return feed.number, True
