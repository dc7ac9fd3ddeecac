"""The daemon: the accounts of one config file, which may change while the daemon runs.

A changed file (or SIGHUP) is read anew and applied as a whole, or not at all: a file with mistakes
changes nothing.  Calls on the wire end by the settings under which they were claimed.
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

from broadcaster import __version__, logs
from broadcaster.adapter import Adapter, Platform
from broadcaster.config import AccountSettings, Settings, alert_urls, secret_file
from broadcaster.config.compare import changes, running
from broadcaster.daemon import recurring as recurring_chore
from broadcaster.daemon import removals, retention
from broadcaster.daemon.accounts import AccountPool
from broadcaster.daemon.alerts.monitor import LOOK_S as ALERTS_S
from broadcaster.daemon.alerts.monitor import AlertMonitor
from broadcaster.daemon.alerts.notifier import Notifier
from broadcaster.daemon.metrics import MetricsServer, hung
from broadcaster.daemon.recurring import Recurrences
from broadcaster.daemon.systemd import ServiceManager
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.schedule import Chore
from broadcaster.engine.sender import Roster
from broadcaster.engine.worker import Worker
from broadcaster.errors import InputError
from broadcaster.files import Opener
from broadcaster.language import say
from broadcaster.model import Conversion, Media, Secret
from broadcaster.store import media
from broadcaster.store.background import BackgroundStore
from broadcaster.store.store import Store, StoreBusy, StoreStuck
from broadcaster.text.conversion import Need

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the config file."""
KEEP_S = 3600.0
"""Between two prunes, and between two log lines with the audit log's head."""


class Daemon:
    """``read`` reads the settings of the file; ``client`` builds an account's client; ``stores``
    opens the queue.  All three raise :class:`InputError`.

    ``level``: of the log, instead of the config's.
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
        self._pool = AccountPool(platforms, client)
        self._manager = ServiceManager(os.environ)
        self._urls: tuple[Secret, ...] = ()
        self._notifier: Notifier | None = None
        self._head = ""
        self._stop_signal = ""

    async def run(self, *, drain: bool = False, ready: Callable[[], None] | None = None) -> int:
        """Work until SIGTERM or SIGINT; with ``drain`` until nothing is left to do now.

        :raises InputError: a token cannot be had, an alert's address is not understood, or the
            store belongs to another daemon.
        """
        clients, self._notifier = await self._prepare(self._settings)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._pool.close)
            stack.callback(self._close_notifier)
            store = stack.enter_context(self._stores())
            background = stack.enter_context(BackgroundStore(self._stores()))
            await self._pool.apply(self._settings, clients)
            worker = self._worker = self._work(store)
            self._monitor = AlertMonitor(worker, background, self._settings, self._notifier)
            if not store.several_daemons:
                self._monitor.found_dead(await background(background.store.daemons))
            await self._serve_metrics(stack, background)
            self._listen(stack)
            self._log_start()
            why = "a bug"
            try:
                code = await worker.run(drain=drain, ready=partial(self._ready, ready))
                why = self._stop_signal or say("nothing is left to send")
                return code
            except Exception as error:
                why = self._report_end(error)
                raise
            finally:
                self._manager.stopping()
                log.info("stopped: %s", why)

    def _report_end(self, error: Exception) -> str:
        """Log and report an error that ends the daemon; returns why it stops, for the log."""
        if isinstance(error, StoreStuck):
            log.critical("%s", error)
            self._monitor.report_bug(error)
            return say("the store cannot be written any more")
        if isinstance(error, InputError | StoreBusy):
            return str(error)
        log.critical("ended by a bug", exc_info=error)
        self._monitor.report_bug(error)
        return "a bug"

    def _log_start(self) -> None:
        settings = self._settings
        on = [name for name, account in settings.accounts.items() if account.enabled]
        off = [name for name, account in settings.accounts.items() if not account.enabled]
        log.info(
            "broadcaster %s starts, pid %d, config %s", __version__, os.getpid(), settings.path
        )
        log.info(
            "store: %s; accounts on: %s; off: %s; channels: %d",
            urlsplit(settings.store_url).scheme,
            ", ".join(on) or "none",
            ", ".join(off) or "none",
            len(settings.channels),
        )

    async def _serve_metrics(self, stack: AsyncExitStack, background: BackgroundStore) -> None:
        if self._settings.metrics_port is None:
            return
        server = MetricsServer(self._worker, background, self._settings.metrics_port)
        await server.open()
        stack.push_async_callback(server.close)
        log.info("metrics are served on port %d", server.port)

    def _close_notifier(self) -> None:
        if self._notifier:
            self._notifier.close()

    def _work(self, store: Store) -> Worker:
        """The worker with its chores, and what recurs."""
        runtime = Runtime.of(self._owner, store)
        self._recurrences = Recurrences(
            runtime, self._settings, self._platforms, self._keep_file, self._convert
        )
        self._removals = removals.Removals(runtime, self._settings, self._platforms)
        chores: dict[str, tuple[float, Chore]] = {
            "config": (LOOK_S, self._look),
            "schedules": (recurring_chore.LOOK_S, self._recur),
            "removals": (removals.LOOK_S, self._remove),
            "alerts": (ALERTS_S, lambda: self._monitor.look()),
            "prune": (KEEP_S, self._prune),
            "audit": (KEEP_S, self._note_head),
        }
        if every := self._manager.alive_every_s:
            chores["watchdog"] = (every, self._alive)
        roster = Roster(self._pool.senders(), self._settings.channels)
        return Worker(runtime, roster, chores=chores, first=self._first)

    def _listen(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGTERM: partial(self._stop, "SIGTERM"),
            signal.SIGINT: partial(self._stop, "SIGINT"),
            signal.SIGHUP: self._reread,
        }
        for signum, handler in handlers.items():
            loop.add_signal_handler(signum, handler)
            stack.callback(loop.remove_signal_handler, signum)

    def _stop(self, signal_name: str) -> None:
        log.info("%s: stopping", signal_name)
        self._stop_signal = signal_name
        self._manager.stopping()
        self._worker.stop()

    def _ready(self, ready: Callable[[], None] | None) -> None:
        self._manager.ready(self._status())
        if ready:
            ready()

    def _status(self) -> str:
        settings = self._settings
        return say(
            "{count} accounts, {count2} channels",
            count=len(self._pool.senders()),
            count2=len(settings.channels),
        )

    # --- chores ----------------------------------------------------------------------------------

    def _keep_file(self, path: Path, opened: Opener) -> Media:
        bound = self._settings.largest_file
        return media.take(path, self._media_folder(), opened=opened, bound=bound)

    def _convert(self, picture: Media, need: Need) -> Conversion:
        from broadcaster.store.conversion import convert_kept  # few posts need it

        return convert_kept(self._media_folder(), picture, need)

    async def _first(self) -> None:
        try:
            await self._note_head()
        finally:
            await self._recur()

    async def _recur(self) -> None:
        moments = await self._recurrences.look()
        if moments is not None:
            self._worker.at(self._recur, moments)

    async def _remove(self) -> None:
        await self._removals.look()

    async def _alive(self) -> None:
        """Ask the service manager for patience while results cannot be recorded."""
        worker = self._worker
        if not hung(worker):
            self._manager.alive(patience=worker.stopping and bool(worker.runtime.meter.stuck))

    async def _note_head(self) -> None:
        """Log the audit log's head: the log is kept elsewhere, so a shortened audit log shows."""
        runtime = self._worker.runtime
        try:
            head = await runtime.in_store(runtime.store.audit_head)
        except StoreBusy:
            return
        if head != self._head:
            log.info("audit head %s", head)
            self._head = head

    async def _prune(self) -> None:
        if not await self._worker.runtime.clock.is_trusted():
            return  # age is judged by the clock

        def going() -> bool:
            return not self._worker.stopping

        def prune() -> str:
            kept = retention.retention(self._settings)
            with self._stores() as store:
                gone, files = retention.prune(
                    store, kept, self._media_folder(), self._owner, going=going
                )
            if not gone.removed and not files:
                return ""
            return say(
                "pruned {posts} posts, {keys} keys and {files} attached files",
                posts=gone.posts,
                keys=gone.keys,
                files=files,
            )

        try:
            if done := await asyncio.to_thread(prune):
                log.info("%s", done)
        except (InputError, StoreBusy, OSError) as error:
            log.warning("nothing is pruned now: %s", error)

    def _media_folder(self) -> Path:
        return self._settings.state_dir / "media"

    # --- the file changes ------------------------------------------------------------------------

    def _reread(self) -> None:
        self._seen = None  # the next look reads the file, whatever its stamp

    async def _look(self) -> None:
        stamp = _stamp(self._settings.path)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        self._manager.reloading()
        try:
            settings = await asyncio.to_thread(self._read)
            changed = list(changes(self._settings, settings))
            await self._adopt(running(self._settings, settings))
        except InputError as error:
            log.error("the changed config has mistakes; the daemon keeps the old one:\n%s", error)
            self._monitor.mistakes = str(error)
        except Exception as bug:
            log.exception("the changed config cannot be applied; the daemon keeps the old one")
            self._monitor.mistakes = say("a fault of the program ({name})", name=type(bug).__name__)
        else:
            self._monitor.mistakes = ""
            for change in changed or [say("read again, nothing has changed")]:
                log.info("config: %s", change)
        self._manager.ready(self._status())

    async def _adopt(self, settings: Settings) -> None:
        """Work by ``settings`` from now on.  :raises InputError: nothing has changed."""
        clients, notifier = await self._prepare(settings)
        replaced = await self._pool.apply(settings, clients)
        self._settings = self._recurrences.settings = self._monitor.settings = settings
        self._removals.settings = settings
        if notifier is not self._notifier:
            if self._notifier:
                await asyncio.to_thread(self._notifier.close)
            self._notifier = self._monitor.notifier = notifier
        await self._worker.adopt(Roster(self._pool.senders(), settings.channels))
        self._pool.close_replaced(replaced)

    async def _prepare(self, settings: Settings) -> tuple[Mapping[str, Adapter], Notifier | None]:
        """The clients and the notifier of ``settings``; from now on the log shows no secret of
        theirs.

        :raises InputError: a secret cannot be had, or an alert's address is not understood.
        """
        clients = self._pool.build_clients(settings)
        urls = alert_urls(settings.alerts, os.environ)
        logs.conceal(client.account.token for client in clients.values())
        logs.conceal(_passwords(settings, clients.values()))
        logs.configure(self._level or settings.log.level, settings.log.format)
        notifier = self._notifier
        if urls != self._urls:
            notifier = await asyncio.to_thread(Notifier, urls) if urls else None
            self._urls = urls
        return clients, notifier


def _passwords(settings: Settings, clients: Iterable[Adapter]) -> Iterator[Secret]:
    if settings.store_password_file:
        yield secret_file(settings.store_password_file, "store")
    proxies = {account.proxy for account in settings.accounts.values()}
    for proxy in {*proxies, *(client.account.proxy for client in clients)}:
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
