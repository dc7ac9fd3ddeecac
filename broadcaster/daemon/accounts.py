"""The running accounts: each with its settings, its client and its sender."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from broadcaster.adapter import (
    Adapter,
    Call,
    Editable,
    Found,
    Pinnable,
    Platform,
    Recallable,
    Undecided,
    Unpinnable,
    Uploader,
    Verifiable,
)
from broadcaster.config import AccountSettings, Settings
from broadcaster.engine.breaker import Breaker, Position
from broadcaster.engine.intake import contained
from broadcaster.engine.sender import Sender
from broadcaster.errors import InputError, Unavailable
from broadcaster.language import say
from broadcaster.model import Account, Channel, Media
from broadcaster.store.checked import CheckedFiles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningAccount:
    """An account with the settings and the client by which it runs."""

    settings: AccountSettings
    adapter: Adapter
    sender: Sender


class AccountPool:
    """``client`` builds an account's client, or raises :class:`InputError`."""

    def __init__(
        self, platforms: Mapping[str, Platform], client: Callable[[AccountSettings], Adapter]
    ) -> None:
        self._platforms = platforms
        self._client = client
        self._running: Mapping[str, RunningAccount] = {}
        self._settings: Settings | None = None
        self._files: CheckedFiles | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def build_clients(self, settings: Settings) -> dict[str, Adapter]:
        """A client of each account that ``settings`` enable; nothing is opened yet.

        :raises InputError: a token cannot be had.
        """
        return {
            account.name: self._build(account)
            for account in settings.accounts.values()
            if account.enabled
        }

    def _build(self, account: AccountSettings) -> Adapter:
        try:
            return self._client(account)
        except InputError:
            raise
        except (Exception, SystemExit) as bug:
            return _broken(account, bug)

    async def apply(
        self, settings: Settings, clients: Mapping[str, Adapter]
    ) -> list[RunningAccount]:
        """Run the accounts by ``settings``; unchanged accounts keep their client.

        Returns the accounts that were replaced, for :meth:`close_replaced` once their senders are
        out of use.
        """
        if self._files is None:  # its folder stays the same until the next start
            self._files = CheckedFiles(settings.state_dir / "media")
        running = {}
        for name, client in clients.items():
            old = self._unchanged(name, settings, client)
            running[name] = old or await self._start(settings, name, client, self._files)
        replaced = [old for name, old in self._running.items() if running.get(name) is not old]
        self._running, self._settings = running, settings
        return replaced

    def _unchanged(self, name: str, settings: Settings, client: Adapter) -> RunningAccount | None:
        """The running account, if ``settings`` change nothing about it."""
        old = self._running.get(name)
        if (
            old is not None
            and old.settings == settings.accounts[name]
            and type(old.adapter) is type(client)
            and old.adapter.account == client.account
            and self._settings is not None
            and self._settings.channels == settings.channels
        ):
            return old
        return None

    async def _start(
        self, settings: Settings, name: str, client: Adapter, files: CheckedFiles
    ) -> RunningAccount:
        account = settings.accounts[name]
        client = await _opened(account, client)
        platform = self._platforms[account.adapter]
        sender = Sender(account, client, platform, settings.channels, files=files.lend)
        if isinstance(client, BrokenClient):
            sender.breaker = client.breaker()
        return RunningAccount(account, client, sender)

    def senders(self) -> dict[str, Sender]:
        return {name: account.sender for name, account in self._running.items()}

    def close_replaced(self, replaced: list[RunningAccount]) -> None:
        """Close their clients, each after its last call."""
        for old in replaced:
            task = asyncio.create_task(_close_when_idle(old))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._closing)
        for account in self._running.values():
            await _close(account)
        if self._files is not None:
            self._files.close()


async def _opened(account: AccountSettings, client: Adapter) -> Adapter:
    if isinstance(client, BrokenClient):
        return client
    try:
        with contained():
            await client.open()
    except Exception as bug:
        return _broken(account, bug)
    return client


async def _close_when_idle(account: RunningAccount) -> None:
    await account.sender.idle()
    await _close(account)


async def _close(account: RunningAccount) -> None:
    """A bug of one client must not keep the others open."""
    try:
        with contained():
            await account.adapter.close()
    except Exception:
        log.exception("closing the client of %s failed", account.settings.name)


def _broken(account: AccountSettings, bug: BaseException) -> BrokenClient:
    log.error("the client of %s cannot start; the others go on", account.name, exc_info=bug)
    why = say(
        "its client cannot start ({name}): repair it, then restart the daemon",
        name=type(bug).__name__,
    )
    known = Account(name=account.name, platform=account.adapter, base_url=account.base_url)
    return BrokenClient(known, why)


class BrokenClient(Adapter, Uploader, Editable, Recallable, Pinnable, Unpinnable, Verifiable):
    """Replaces a client that cannot start: it never answers, so its deliveries wait."""

    watched = True

    def __init__(self, account: Account, why: str) -> None:
        super().__init__(account)
        self.why = why

    def breaker(self) -> Breaker:
        """Open from the beginning, so that no delivery spends an attempt on it."""
        breaker = Breaker()
        while breaker.position is not Position.OPEN:
            breaker = breaker.failed(time.monotonic(), self.why)
        return breaker

    async def send(self, call: Call) -> NoReturn:
        raise Unavailable(self.why)

    async def probe(self, channel: Channel | None) -> NoReturn:
        raise Unavailable(self.why)

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> NoReturn:
        raise Unavailable(self.why)

    edit = recall = pin = unpin = send

    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        return Undecided(why=self.why)
