"""One platform's part of a running sandbox: all that a fake needs to act."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from broadcaster.kit.doorway import DOWNLOAD
from broadcaster.sandbox.channels import ChannelDirectory, FakeChannel, bare
from broadcaster.sandbox.faults import Faults
from broadcaster.sandbox.fields import Fields, Upload
from broadcaster.sandbox.files import FileStore, StoredFile
from broadcaster.sandbox.ledger import Content, Entry, Ledger
from broadcaster.sandbox.switches import Switches

REMEMBERED = 100_000
"""Requests that the log holds; older ones are forgotten."""
_OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def other_name(host: str) -> str:
    """What stands for a second host beside ``host``, a name with a port or without."""
    name, colon, port = host.partition(":")
    return f"{_OTHER_NAME.get(name, name)}{colon}{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One request, read."""

    request: web.Request
    method: str
    """In the platform's spelling; faults and the request log go by it."""
    channel: str = ""
    """Address as sent, "" where there is none."""
    token: str = ""
    account: str = ""
    """Who the token belongs to; names of files are good within it."""
    fields: Fields = field(default_factory=Fields)
    body: Any = None
    """What was read where the wire is no form and no JSON."""


@dataclass(slots=True)
class SandboxState:
    """What all platforms of a running sandbox share."""

    ledger: Ledger
    files: FileStore
    channels: ChannelDirectory
    switches: Switches
    faults: Faults
    incidents: dict[str, str] = field(default_factory=dict)
    """Platform -> the incident that it has."""
    requests: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    closing: asyncio.Event = field(default_factory=asyncio.Event)


class Backend:
    """Ledger, files, channels and switches as one fake sees them."""

    def __init__(
        self, platform: str, state: SandboxState, *, name_id: Callable[[int], str]
    ) -> None:
        """``name_id``: the id of the n-th message of a channel."""
        self.platform = platform
        self.state = state
        self._name_id = name_id
        self.memory: dict[str, Any] = {}
        """What only this fake keeps while the sandbox runs, such as uploads under way."""
        self._tokens: set[str] = set()

    def switch(self, name: str) -> str:
        return self.state.switches.get(self.platform, name)

    def number(self, name: str) -> float:
        return float(self.switch(name))

    def longest(self, documented: int) -> int:
        """Most characters of a text: what the documents say, unless a switch says otherwise."""
        return int(self.number("longest_text")) or documented

    def place(self, address: str) -> FakeChannel:
        """The channel of a well-formed address, known from now on."""
        return self.state.channels.at(self.platform, address)

    def post(
        self, call: ApiCall, contents: Iterable[Content], *, group: str | None = None
    ) -> tuple[Entry, ...]:
        """Accept the messages of one call, on disk before anything is answered."""
        if self.switch("silence") == "ignored":
            contents = [replace(content, silent=False) for content in contents]
        if self.switch("pins") == "ignored":
            contents = [replace(content, pinned=False) for content in contents]
        return self.state.ledger.post(
            self.place(call.channel),
            bare(call.channel),
            contents,
            name_id=self._name_id,
            group=group,
            author=call.account,
        )

    def find(self, address: str, message: object) -> Entry | None:
        """A message that is still there."""
        entry = self.state.ledger.find(self.place(address), str(message))
        return None if entry is None or entry.deleted else entry

    def entries(self, place: FakeChannel) -> list[Entry]:
        """The messages of a channel that are still there, oldest first."""
        return [entry for entry in self.state.ledger.of(place) if not entry.deleted]

    def edit(self, entry: Entry, **changes: Any) -> Entry:
        """Replace text, entities, raw, markup, media or extra; it is marked as edited."""
        if self.switch("edits") == "ignored":
            return entry
        return self.state.ledger.change("edited", entry, **changes)

    def delete(self, entry: Entry) -> None:
        if self.switch("recalls") == "ignored":
            return
        self.state.ledger.change("deleted", entry, deleted=True, pinned=False)

    def pin(self, entry: Entry, pinned: bool = True) -> None:
        if entry.pinned is not pinned and self.switch("pins") != "ignored":
            self.state.ledger.change("pinned" if pinned else "unpinned", entry, pinned=pinned)

    def store(self, upload: Upload, *, owner: str, kind: str) -> StoredFile:
        """Keep an uploaded file; ``kind`` is the platform's word for it."""
        return self.state.files.store(upload, platform=self.platform, owner=owner, kind=kind)

    def refer(self, url: str, *, owner: str, kind: str) -> StoredFile:
        """Name a file that was sent by its address."""
        return self.state.files.refer(url, platform=self.platform, owner=owner, kind=kind)

    def stored(self, name: str) -> StoredFile | None:
        """The file that the platform has given this name."""
        return self.state.files.find(self.platform, name)

    def send_file(self, stored: StoredFile) -> web.StreamResponse:
        """The answer to a download."""
        content = self.state.files.content(stored.sha256)
        if content is None:
            return web.Response(status=404, text="Not Found")
        return web.FileResponse(content[0], headers={**DOWNLOAD, "Content-Type": content[1]})

    def elsewhere(self, request: web.Request, path: str) -> str:
        """An absolute address behind this platform, on the other name of the loopback.

        Uploads and downloads happen there, as on a second host: a token carried along shows as
        ``leaked`` in the request log.
        """
        return f"http://{other_name(request.host)}/{self.platform}/{path}"

    def log(self, call: ApiCall) -> None:
        """Note that a call has arrived."""
        if call.token:
            self._tokens.add(call.token)
        self.state.requests.append(
            {
                "platform": self.platform,
                "method": call.method,
                "channel": bare(call.channel) or None,
                "at": datetime.now(UTC).isoformat(),
                "host": call.request.host,
                "leaked": not call.token and self._carries_token(call.request),
            }
        )

    def _carries_token(self, request: web.Request) -> bool:
        """Whether a call that needs no token has one."""
        headers: Mapping[str, str] = request.headers
        shown = (request.raw_path, *headers.values())
        return any(token in text for token in self._tokens for text in shown)
