"""The daemon: accounts at work under one config file, which may change while it runs.

A changed file (or SIGHUP) is read anew, and taken all or nothing: a file with mistakes leaves
everything as it was.  What is on the wire ends by the settings under which it was claimed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from broadcaster import logs
from broadcaster.adapter import Adapter, Platform
from broadcaster.config import AccountSettings, Settings, alert_urls, secret_file
from broadcaster.config.compare import changes, running
from broadcaster.daemon import recurring as recurring_chore
from broadcaster.daemon import retention as keeper
from broadcaster.daemon.accounts import Staff
from broadcaster.daemon.alerts.outlet import Outlet
from broadcaster.daemon.alerts.watch import LOOK_S as ALERTS_S
from broadcaster.daemon.alerts.watch import Watch
from broadcaster.daemon.metrics import Health, hung
from broadcaster.daemon.recurring import Recurrences
from broadcaster.daemon.systemd import ServiceManager
from broadcaster.engine.schedule import Chore
from broadcaster.engine.sender import Roster
from broadcaster.engine.worker import Worker
from broadcaster.errors import InputError
from broadcaster.files import Opener
from broadcaster.model import Media, Secret
from broadcaster.store import media
from broadcaster.store.background import BackgroundStore
from broadcaster.store.store import Store, StoreBusy, StoreStuck

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the config file."""
KEEP_S = 3600.0
"""Between two prunes, and between two lines of the log that name the audit log's head."""


class Daemon:
    """``read`` gives the settings as the file has them now; ``client`` builds an account's client;
    ``stores`` opens the queue.

    ``level``: of the log, in place of the config's.  All three raise :class:`InputError`.
    """

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        *,
        read: Callable[[], Settings],
        client: Callable[[AccountSettings], Adapter],
        stores: Callable[[], AbstractContextManager[Store]],
        level: str | None = None,
    ) -> None:
        self._platforms = platforms
        self._read = read
        self._stores = stores
        self._level = level
        self._owner = _owner()
        self._settings = read()
        self._seen = _stamp(self._settings.path)
        self._staff = Staff(platforms, client)
        self._manager = ServiceManager(os.environ)
        self._urls: tuple[Secret, ...] = ()
        self._outlet: Outlet | None = None
        self._head = ""

    async def run(self, *, drain: bool = False, ready: Callable[[], None] | None = None) -> int:
        """Work until SIGTERM or SIGINT; with ``drain`` until nothing is left to do now.

        :raises InputError: a token cannot be had, an alert's address is not understood, or the
            store belongs to another daemon.
        """
        candidates, self._outlet = await self._prepare(self._settings)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._staff.close)
            stack.callback(self._hush)
            store = stack.enter_context(self._stores())
            background = stack.enter_context(BackgroundStore(self._stores()))
            await self._staff.hire(self._settings, candidates)
            worker = self._worker = self._work(store)
            self._watch = Watch(worker, background, self._settings, self._outlet)
            if not store.several_daemons:
                self._watch.found(await background(background.store.daemons))
            if self._settings.metrics_port is not None:
                server = Health(worker, background, self._settings.metrics_port)
                await server.open()
                stack.push_async_callback(server.close)
                log.info("metrics are served on port %d", server.port)
            self._listen(stack)
            try:
                return await worker.run(drain=drain, ready=partial(self._ready, ready))
            except Exception as error:
                if isinstance(error, StoreStuck):
                    log.critical("%s", error)
                    self._watch.stops(error)
                elif not isinstance(error, (InputError, StoreBusy)):
                    log.critical("ended by a bug", exc_info=error)
                    self._watch.stops(error)
                raise
            finally:
                self._manager.stopping()

    def _hush(self) -> None:
        if self._outlet:
            self._outlet.close()

    def _work(self, store: Store) -> Worker:
        """The worker with its chores, and what recurs."""
        chores: dict[str, tuple[float, Chore]] = {
            "config": (LOOK_S, self._look),
            "schedules": (recurring_chore.LOOK_S, self._recur),
            "alerts": (ALERTS_S, lambda: self._watch.look()),
            "prune": (KEEP_S, self._prune),
            "audit": (KEEP_S, self._note_head),
        }
        if every := self._manager.alive_every_s:
            chores["watchdog"] = (every, self._alive)
        worker = Worker(
            store,
            Roster(self._staff.senders(), self._settings.channels),
            owner=self._owner,
            chores=chores,
            first=self._first,
        )
        self._recurrences = Recurrences(
            self._owner,
            store,
            self._settings,
            self._platforms,
            in_store=worker.in_store,
            take=self._take,
            now=worker.time.now,
            nudge=worker.nudge,
            tick=partial(worker.at, self._recur),
            believes=worker.time.believes,
        )
        return worker

    def _listen(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        handlers = {
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
            signal.SIGHUP: self._reread,
        }
        for signum, handler in handlers.items():
            loop.add_signal_handler(signum, handler)
            stack.callback(loop.remove_signal_handler, signum)

    def _stop(self) -> None:
        self._manager.stopping()
        self._worker.stop()

    def _ready(self, ready: Callable[[], None] | None) -> None:
        self._manager.ready(self._status())
        if ready:
            ready()

    def _status(self) -> str:
        settings = self._settings
        return f"{len(self._staff.senders())} accounts, {len(settings.channels)} channels"

    # --- chores ----------------------------------------------------------------------------------

    def _take(self, path: Path, opened: Opener) -> Media:
        bound = self._settings.largest_file
        return media.take(path, self._folder(), opened=opened, bound=bound)

    async def _first(self) -> None:
        try:
            await self._note_head()
        finally:
            await self._recur()

    async def _recur(self) -> None:
        await self._recurrences.look()

    async def _alive(self) -> None:
        """What cannot be recorded yet is not to be lost to an impatient service manager."""
        if not hung(self._worker):
            self._manager.alive(patience=self._worker.stopping and bool(self._worker.meter.stuck))

    async def _note_head(self) -> None:
        """The log is kept elsewhere than the store: whoever cuts the audit log is found out."""
        try:
            head = await self._worker.in_store(self._worker.store.audit_head)
        except StoreBusy:
            return
        if head != self._head:
            log.info("audit head %s", head)
            self._head = head

    async def _prune(self) -> None:
        if not await self._worker.time.believes():
            return  # what is old is judged by the clock

        def going() -> bool:
            return not self._worker.stopping

        def prune() -> str:
            kept = keeper.retention(self._settings)
            with self._stores() as store:
                gone, files = keeper.prune(store, kept, self._folder(), self._owner, going=going)
            if not gone.removed and not files:
                return ""
            return f"pruned {gone.posts} posts, {gone.keys} keys and {files} attached files"

        try:
            if done := await asyncio.to_thread(prune):
                log.info("%s", done)
        except (InputError, StoreBusy, OSError) as error:
            log.warning("nothing is pruned now: %s", error)

    def _folder(self) -> Path:
        return self._settings.state_dir / "media"

    # --- the file changes ------------------------------------------------------------------------

    def _reread(self) -> None:
        self._seen = None  # whatever its stamp says, the next look reads it

    async def _look(self) -> None:
        stamp = _stamp(self._settings.path)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        self._manager.reloading()
        try:
            settings = await asyncio.to_thread(self._read)
            said = list(changes(self._settings, settings))
            await self._adopt(running(self._settings, settings))
        except InputError as error:
            log.error("the changed config is not taken, all goes on as before:\n%s", error)
            self._watch.mistakes = str(error)
        except Exception as bug:
            log.exception("the changed config is not taken, all goes on as before")
            self._watch.mistakes = f"a fault of the program ({type(bug).__name__})"
        else:
            self._watch.mistakes = ""
            for change in said or ["read again, nothing has changed"]:
                log.info("config: %s", change)
        self._manager.ready(self._status())

    async def _adopt(self, settings: Settings) -> None:
        """Work by ``settings`` from now on.  :raises InputError: all goes on as before."""
        candidates, outlet = await self._prepare(settings)
        replaced = await self._staff.hire(settings, candidates)
        self._settings = self._recurrences.settings = self._watch.settings = settings
        if outlet is not self._outlet:
            if self._outlet:
                await asyncio.to_thread(self._outlet.close)
            self._outlet = self._watch.outlet = outlet
        await self._worker.adopt(Roster(self._staff.senders(), settings.channels))
        self._staff.retire(replaced)

    async def _prepare(self, settings: Settings) -> tuple[Mapping[str, Adapter], Outlet | None]:
        """Who is to work, and where alerts go; from now on no secret of theirs is logged.

        :raises InputError: a secret cannot be had, or an alert's address is not understood.
        """
        candidates = self._staff.candidates(settings)
        urls = alert_urls(settings.alerts, os.environ)
        logs.conceal(each.account.token for each in candidates.values())
        logs.conceal(_passwords(settings, candidates.values()))
        logs.configure(self._level or settings.log.level, settings.log.format)
        outlet = self._outlet
        if urls != self._urls:
            outlet = await asyncio.to_thread(Outlet, urls) if urls else None
            self._urls = urls
        return candidates, outlet


def _passwords(settings: Settings, candidates: Iterable[Adapter]) -> Iterator[Secret]:
    if settings.store_password_file:
        yield secret_file(settings.store_password_file, "store")
    proxies = {each.proxy for each in settings.accounts.values()}
    for proxy in {*proxies, *(each.account.proxy for each in candidates)}:
        password = urlsplit(proxy or "").password or ""
        yield from (Secret(password), Secret(unquote(password)))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes whenever the file does; None while an editor is replacing it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _owner() -> str:
    """Unique to this run, and says where it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
