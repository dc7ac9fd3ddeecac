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
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from broadcaster import logs
from broadcaster.adapter import Adapter, Platform
from broadcaster.config import AccountSettings, Settings, secret_file
from broadcaster.engine import recurring_chore
from broadcaster.engine.recurring_chore import Recurrences
from broadcaster.engine.sender import Roster, Sender
from broadcaster.engine.worker import Worker
from broadcaster.errors import InputError
from broadcaster.model import Secret
from broadcaster.store import media
from broadcaster.store.port import Store

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks at the config file."""
AT_START = ("state_dir", "store_url", "store_password_file")
"""Settings that only a new start takes up."""


@dataclass(frozen=True, slots=True)
class Employed:
    """An account at work: by these settings, with this client."""

    settings: AccountSettings
    adapter: Adapter
    sender: Sender


class Daemon:
    """``read`` gives the settings as the file has them now; ``client`` builds an account's client.

    ``level``: of the log, in place of the config's.  Both callables raise :class:`InputError`.
    """

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        *,
        read: Callable[[], Settings],
        client: Callable[[AccountSettings], Adapter],
        level: str | None = None,
    ) -> None:
        self._platforms = platforms
        self._read = read
        self._client = client
        self._level = level
        self._settings = read()
        self._seen = _stamp(self._settings.path)
        self._staff: dict[str, Employed] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(
        self, store: Store, *, drain: bool = False, ready: Callable[[], None] | None = None
    ) -> int:
        """Work until SIGTERM or SIGINT; with ``drain`` until nothing is left to do now.

        :raises InputError: a token cannot be had, or the store belongs to another daemon.
        """
        self._staff = await self._employ(self._settings)
        roster = Roster(self._senders(), self._settings.channels)
        owner = _owner()
        chores = {
            "config": (LOOK_S, self._look),
            "schedules": (recurring_chore.LOOK_S, self._recur),
        }
        self._worker = Worker(store, roster, owner=owner, chores=chores, first=self._recur)
        self._recurrences = Recurrences(
            owner,
            store,
            self._settings,
            self._platforms,
            in_store=self._worker.in_store,
            media=partial(media.take, folder=self._settings.state_dir / "media"),
            now=self._worker.now,
            nudge=self._worker.nudge,
            believes=self._worker.believes,
        )
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close)
            stack.callback(self._recurrences.stop)
            handlers = {
                signal.SIGTERM: self._worker.stop,
                signal.SIGINT: self._worker.stop,
                signal.SIGHUP: self._reread,
            }
            for signum, handler in handlers.items():
                loop.add_signal_handler(signum, handler)
                stack.callback(loop.remove_signal_handler, signum)
            return await self._worker.run(drain=drain, ready=ready)

    async def _recur(self) -> None:
        await self._recurrences.look()

    # --- the file changes ------------------------------------------------------------------------

    def _reread(self) -> None:
        self._seen = None  # whatever its stamp says, the next look reads it

    async def _look(self) -> None:
        stamp = _stamp(self._settings.path)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            settings = await asyncio.to_thread(self._read)
            staff = await self._employ(settings)
        except InputError as error:
            log.error("the changed config is not taken, all goes on as before:\n%s", error)
            return
        for change in _changes(self._settings, settings):
            log.info("config: %s", change)
        replaced = [old for name, old in self._staff.items() if staff.get(name) is not old]
        self._staff, self._settings = staff, settings
        self._recurrences.settings = settings
        await self._worker.adopt(Roster(self._senders(), settings.channels))
        for old in replaced:
            self._retire(old)

    async def _employ(self, settings: Settings) -> dict[str, Employed]:
        """Everyone whom ``settings`` want at work; who has not changed stays as he is.

        :raises InputError: a token cannot be had; nobody was let go.
        """
        wanted = [account for account in settings.accounts.values() if account.enabled]
        adapters = {account.name: self._client(account) for account in wanted}
        logs.conceal(each.account.token for each in adapters.values())
        logs.conceal(_passwords(settings, wanted))
        logs.configure(self._level or settings.log.level, settings.log.format)
        staff = {}
        for account in wanted:
            adapter, old = adapters[account.name], self._staff.get(account.name)
            if (
                old
                and old.settings == account
                and old.adapter.account == adapter.account
                and self._settings.channels == settings.channels
            ):
                staff[account.name] = old
                continue
            await adapter.open()
            sender = Sender(
                account,
                adapter,
                self._platforms[account.adapter],
                settings.channels,
                files=partial(media.blob, settings.state_dir / "media"),
            )
            staff[account.name] = Employed(account, adapter, sender)
        return staff

    def _senders(self) -> dict[str, Sender]:
        return {name: each.sender for name, each in self._staff.items()}

    def _retire(self, old: Employed) -> None:
        """Close a client after its last send."""

        async def leave() -> None:
            await old.sender.idle()
            await old.adapter.close()

        task = asyncio.create_task(leave())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _close(self) -> None:
        await asyncio.gather(*self._retiring)
        for each in self._staff.values():
            await each.adapter.close()


def _changes(old: Settings, new: Settings) -> Iterator[str]:
    for name in AT_START:
        if getattr(old, name) != getattr(new, name):
            yield f"{name} has changed: it takes effect when the daemon is restarted"
    kinds = (("account", old.accounts, new.accounts), ("channel", old.channels, new.channels))
    for word, before, after in kinds:
        for name in sorted(before.keys() | after.keys()):
            if name not in after:
                yield f"{word} {name} is gone"
            elif name not in before:
                yield f"{word} {name} is new"
            elif before[name].enabled != after[name].enabled:
                yield f"{word} {name} is {'on' if after[name].enabled else 'off'}"
            elif before[name] != after[name]:
                yield f"{word} {name} has changed"


def _passwords(settings: Settings, accounts: Iterable[AccountSettings]) -> Iterator[Secret]:
    if settings.store_password_file:
        yield secret_file(settings.store_password_file, "store")
    for account in accounts:
        yield Secret(urlsplit(account.proxy or "").password or "")


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
