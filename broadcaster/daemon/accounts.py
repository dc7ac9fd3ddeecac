"""The accounts at work: each by its settings, with its client and its senders."""

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
from broadcaster.model import Account, Channel, Media
from broadcaster.store.checked import CheckedFiles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Employed:
    """An account at work: by these settings, with this client."""

    settings: AccountSettings
    adapter: Adapter
    sender: Sender


class Staff:
    """``client`` builds an account's client, or raises :class:`InputError`."""

    def __init__(
        self, platforms: Mapping[str, Platform], client: Callable[[AccountSettings], Adapter]
    ) -> None:
        self._platforms = platforms
        self._client = client
        self._working: Mapping[str, Employed] = {}
        self._settings: Settings | None = None
        self._files: CheckedFiles | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    def candidates(self, settings: Settings) -> dict[str, Adapter]:
        """A client of each account that ``settings`` want at work; nothing is opened yet.

        :raises InputError: a token cannot be had.
        """
        return {
            account.name: self._built(account)
            for account in settings.accounts.values()
            if account.enabled
        }

    def _built(self, account: AccountSettings) -> Adapter:
        try:
            return self._client(account)
        except InputError:
            raise
        except (Exception, SystemExit) as bug:
            return _out(account, bug)

    async def hire(self, settings: Settings, candidates: Mapping[str, Adapter]) -> list[Employed]:
        """Put ``candidates`` to work; who has not changed stays as he is.

        Returns who is replaced, to be retired once nobody sends through him any more.
        """
        if self._files is None:  # its folder stays the same until the next start
            self._files = CheckedFiles(settings.state_dir / "media")
        working = {}
        for name, adapter in candidates.items():
            account, old = settings.accounts[name], self._working.get(name)
            if (
                old is not None
                and old.settings == account
                and type(old.adapter) is type(adapter)
                and old.adapter.account == adapter.account
                and self._settings is not None
                and self._settings.channels == settings.channels
            ):
                working[name] = old
                continue
            if not isinstance(adapter, Out):
                try:
                    with contained():
                        await adapter.open()
                except Exception as bug:
                    adapter = _out(account, bug)
            sender = Sender(
                account,
                adapter,
                self._platforms[account.adapter],
                settings.channels,
                files=self._files.lend,
            )
            if isinstance(adapter, Out):
                sender.breaker = adapter.breaker()
            working[name] = Employed(account, adapter, sender)
        replaced = [old for name, old in self._working.items() if working.get(name) is not old]
        self._working, self._settings = working, settings
        return replaced

    def senders(self) -> dict[str, Sender]:
        return {name: each.sender for name, each in self._working.items()}

    def retire(self, replaced: list[Employed]) -> None:
        """Close their clients, each after its last send."""
        for old in replaced:
            task = asyncio.create_task(_leave(old))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._retiring)
        for each in self._working.values():
            await _close(each)
        if self._files is not None:
            self._files.close()


async def _leave(old: Employed) -> None:
    await old.sender.idle()
    await _close(old)


async def _close(leaving: Employed) -> None:
    """A bug of one client keeps no other from being closed."""
    try:
        with contained():
            await leaving.adapter.close()
    except Exception:
        log.exception("closing the client of %s failed", leaving.settings.name)


def _out(account: AccountSettings, bug: BaseException) -> Out:
    log.error("the client of %s cannot begin: the others go on", account.name, exc_info=bug)
    why = f"its client cannot begin ({type(bug).__name__}): mend it, then restart the daemon"
    known = Account(name=account.name, platform=account.adapter, base_url=account.base_url)
    return Out(known, why)


class Out(Adapter, Uploader, Editable, Recallable, Pinnable, Unpinnable, Verifiable):
    """In the place of a client that cannot begin: it never answers, so what is queued waits."""

    watched = True

    def __init__(self, account: Account, why: str) -> None:
        super().__init__(account)
        self.why = why

    def breaker(self) -> Breaker:
        """Open from the beginning: no delivery spends a try on it."""
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
