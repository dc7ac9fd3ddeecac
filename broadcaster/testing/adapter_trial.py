"""What the contract of an adapter works with: a running fake, its ledger, and calls to try."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import pytest
import pytest_asyncio

from broadcaster.adapter import Adapter, Call, Limits, Uploader
from broadcaster.errors import SendError
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import (
    Account,
    Channel,
    Digest,
    FileKey,
    Handle,
    Json,
    Media,
    MediaKind,
    Message,
    Receipt,
    Secret,
    Text,
)

WORDS = "وزارت راه می‌گوید: جاده‌ی چالوس از ساعت ۱۲ روز ۱۴۰۵/۰۹/۰۲ بسته است 👨‍👩‍👧‍👦 (COVID-19)"
TOKEN = Secret("123456789:AAHt0kenOfTheContractThatNobodyMaySee0")
PATIENCE_S = 10.0

VOICE_MP3 = ("پیام.mp3", "audio/mpeg", b"ID3\x04")
"""For platforms whose voices are no ogg."""
FILES: Mapping[MediaKind, tuple[str, str, bytes]] = {
    MediaKind.PHOTO: ("عکسِ روز.png", "image/png", b"\x89PNG\r\n\x1a\n"),
    MediaKind.VIDEO: ("فیلم.mp4", "video/mp4", b"\0\0\0\x18ftypmp42"),
    MediaKind.DOCUMENT: ("بخش‌نامه ۱۲.pdf", "application/pdf", b"%PDF-1.7\n"),
    MediaKind.AUDIO: ("سرود.mp3", "audio/mpeg", b"ID3\x04"),
    MediaKind.VOICE: ("پیام.ogg", "audio/ogg", b"OggS\0"),
    MediaKind.ANIMATION: ("پویا.mp4", "video/mp4", b"\0\0\0\x18ftypisom"),
}
"""Name, type and first bytes of a small file of each kind."""


@dataclass(frozen=True, slots=True)
class ControlClient:
    """The control side of a running sandbox, for one platform; ``url`` is the sandbox's root."""

    url: str
    platform: str

    async def messages(self) -> list[dict[str, Any]]:
        """The ledger: what was accepted, in order."""
        found: list[dict[str, Any]] = await self._get("messages")
        return [each for each in found if each["platform"] == self.platform]

    async def only_message(self) -> dict[str, Any]:
        messages = await self.messages()
        assert len(messages) == 1, f"one message was to be posted, {len(messages)} were"
        return messages[0]

    async def requests(self) -> int:
        """How many calls have reached the platform."""
        found: list[dict[str, Any]] = await self._get("requests")
        return sum(each["platform"] == self.platform for each in found)

    async def arm(self, kind: str, **more: Json) -> None:
        """Let the next call (of ``methods``; posting calls by default) fail so."""
        fault = {"platform": self.platform, "kind": kind, "count": 1, **more}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/_sandbox/faults", json=fault) as answer,
        ):
            answer.raise_for_status()

    async def _get(self, what: str) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/_sandbox/{what}") as answer,
        ):
            answer.raise_for_status()
            return await answer.json()


@dataclass(frozen=True, slots=True)
class Trial:
    """One adapter in front of one fake, and the calls to try on it."""

    adapter: Adapter
    control: ControlClient
    channel: Channel
    limits: Limits
    folder: Path

    def text(self, plain: str = WORDS) -> Message:
        words, markup = self.adapter.platform.encode(Text(plain=plain))
        return Message(index=0, text=words, markup=markup)

    def captioned(self, *media: Media, plain: str = WORDS) -> Message:
        return replace(self.text(plain), media=media)

    def file(self, kind: MediaKind, number: int = 0) -> Media:
        """A small file of this kind; another ``number`` is another file."""
        name, mime, head = FILES[kind]
        formats = self.limits.formats[kind].value if kind in self.limits.formats else None
        if formats is not None and mime not in formats:
            assert kind is MediaKind.VOICE, f"there is no {kind} of {formats} to try"
            name, mime, head = VOICE_MP3
        content = head + bytes([number]) * 200
        digest = hashlib.sha256(content).hexdigest()
        self._path(digest).write_bytes(content)
        return Media(digest=digest, kind=kind, name=name, mime=mime, size=len(content))

    async def call(self, message: Message, **more: Any) -> Call:
        """A call to send ``message``; what must be uploaded first is uploaded."""
        handles: dict[FileKey, Handle] = {}
        deadline = time.monotonic() + PATIENCE_S
        if isinstance(self.adapter, Uploader):
            for each in message.media:
                path = self._path(each.digest)
                handles[each.key] = await self.adapter.upload(
                    each, path, self.channel, deadline=deadline
                )
        call = Call(
            channel=self.channel,
            message=message,
            key="contract-1",
            deadline=deadline,
            paths={each.digest: self._path(each.digest) for each in message.media},
            handles=handles,
        )
        return replace(call, **more)

    async def send(self, message: Message) -> Receipt:
        return await self.adapter.send(await self.call(message))

    async def ledger_ids(self) -> tuple[str, ...]:
        return tuple(str(each["id"]) for each in await self.control.messages())

    def _path(self, digest: Digest) -> Path:
        return self.folder / digest


async def failing(
    calling: Awaitable[object],
    kind: type[SendError],
    *,
    touched: bool | None = None,
    watched: bool = True,
) -> SendError:
    """The error of a call: of exactly this kind, on a wire touched or not, showing no token."""
    with watch(Wire()) as wire, pytest.raises(SendError) as raised:
        await calling
    error = raised.value
    assert type(error) is kind, f"{type(error).__name__} is raised for {kind.__name__}: {error}"
    if touched is not None and watched:
        assert wire.touched is touched
    shown = "\n".join(_shown(error))
    assert TOKEN.reveal() not in shown
    assert "://" not in error.detail, "detail is for people: no address"
    return error


def _shown(error: BaseException | None) -> Iterator[str]:
    """All that an error, what caused it and what it hides would print."""
    while error is not None:
        yield from (str(error), repr(error), repr(vars(error)), *map(repr, error.args))
        if error.__cause__ is not None and error.__context__ is not error.__cause__:
            yield from _shown(error.__cause__)
        error = error.__context__


class AdapterTrial:
    """What a subclass of the contract tells about its adapter, and the fixtures made of it."""

    adapter: ClassVar[type[Adapter]]
    address: ClassVar[str]
    """A channel's address, as the config would hold it after ``Platform.address``."""
    username: ClassVar[str] = ""
    """The channel's public name, where its address is none."""
    own_keys: ClassVar[Mapping[str, Json]] = {}
    """The platform's own keys of ``[platforms.NAME]``, so that all it can do is switched on."""

    pytestmark = pytest.mark.asyncio

    @pytest.fixture(autouse=True)
    def nothing_logs_the_token(self, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
        """No library may show the token, however much is logged."""
        caplog.set_level(logging.DEBUG)
        yield
        formatter = logging.Formatter()
        for phase in ("setup", "call"):
            for record in caplog.get_records(phase):
                if record.name == "aiohttp.access":
                    continue  # the fake server's own
                assert TOKEN.reveal() not in formatter.format(record)

    @pytest.fixture
    def account(self, sandbox: str) -> Account:
        platform = self.adapter.platform
        return Account(
            name=platform.name,
            platform=platform.name,
            token=TOKEN,
            base_url=f"{sandbox}/{platform.name}",
            reader_url=f"{sandbox}/{platform.name}/reader",
            config=platform.config(**self.own_keys),
        )

    @pytest_asyncio.fixture
    async def trial(self, sandbox: str, account: Account, tmp_path: Path) -> AsyncIterator[Trial]:
        platform = self.adapter.platform
        narrow = platform.narrow
        limits = narrow(platform.limits, account.config) if narrow else platform.limits
        adapter = self.adapter(account)
        await adapter.open()
        channel = Channel(
            name="news", account=account.name, address=self.address, username=self.username
        )
        yield Trial(adapter, ControlClient(sandbox, platform.name), channel, limits, tmp_path)
        await adapter.close()
