"""The accounts at work: each by its settings, with its client and its senders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from broadcaster.adapter import Adapter, Platform
from broadcaster.config import AccountSettings, Settings
from broadcaster.engine.sender import Sender
from broadcaster.store.checked import CheckedFiles


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
            account.name: self._client(account)
            for account in settings.accounts.values()
            if account.enabled
        }

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
                and old.adapter.account == adapter.account
                and self._settings is not None
                and self._settings.channels == settings.channels
            ):
                working[name] = old
                continue
            await adapter.open()
            sender = Sender(
                account,
                adapter,
                self._platforms[account.adapter],
                settings.channels,
                files=self._files.lend,
            )
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
            await each.adapter.close()
        if self._files is not None:
            self._files.close()


async def _leave(old: Employed) -> None:
    await old.sender.idle()
    await old.adapter.close()
