"""Pages over HTTP, and the stream of changes that keeps them live."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from pathlib import Path

from aiohttp import web

from broadcaster.kit.doorway import DOWNLOAD
from broadcaster.sandbox.backend import Backend, SandboxState
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.fake import Fake, hashed
from broadcaster.sandbox.ledger import Entry
from broadcaster.sandbox.page import shell
from broadcaster.sandbox.page.post import View, grouped
from broadcaster.sandbox.page.shell import Seen
from broadcaster.sandbox.switches import Switch

PAGE = 20
"""Messages on one public page, as Telegram's has."""
OVERVIEW = 30
"""Newest messages of each channel in the overview."""
CHANNELS = 60
"""Channels in the overview, those with the newest messages."""
PAGE_SWITCHES = (
    Switch("members", "1204", "how many members a channel has"),
    Switch("views", "987", "how often its public page says a message was seen"),
    Switch("reader_delay", "0", "seconds before a message shows on its public page"),
    Switch("public_page", "on", "off: the public page shows no messages", ("on", "off")),
)
_GUARD = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' data:; media-src 'self'; script-src 'self';"
        " style-src 'self' 'unsafe-inline'; connect-src 'self'; base-uri 'none';"
        " form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_HERE = Path(__file__).parent


class Pages:
    """Handlers of the pages."""

    def __init__(
        self, fakes: Mapping[str, Fake], backends: Mapping[str, Backend], state: SandboxState
    ) -> None:
        self._fakes = fakes
        self._backends = backends
        self._state = state

    async def overview(self, _request: web.Request) -> web.Response:
        order = {platform: number for number, platform in enumerate(self._backends)}
        rows = [
            (place, recent)
            for place in self._state.channels
            if place.platform in order and (recent := self._state.ledger.recent(place, OVERVIEW))
        ]
        newest = nlargest(CHANNELS, (recent[-1].seq for _, recent in rows))
        rows.sort(key=lambda each: order[each[0].platform])
        seen = [
            self._seen(self._backends[place.platform], place, recent, theirs=False)
            for place, recent in rows
            if recent[-1].seq >= newest[-1]
        ]
        return _html(shell.overview(seen, of=len(rows)))

    async def reader(self, request: web.Request) -> web.Response:
        """Every public path: ``name``, ``s/name``, ``name/id``, ``c/number/id``."""
        backend = self._backends[request.match_info["platform"]]
        match request.match_info["path"].strip("/").split("/"):
            case ["s", name]:
                if backend.switch("public_page") == "off":
                    raise web.HTTPFound(f"/{backend.platform}/reader/{name}")
                return self._channel(backend, request, name, listing=True)
            case ["c", number, message]:
                return self._single(backend, f"-100{number}", message)
            case [name]:
                folder = self._fakes[backend.platform].page_folder
                return self._channel(backend, request, name, listing=not folder)
            case [name, message]:
                return self._single(backend, name, message)
        raise web.HTTPNotFound

    async def file(self, request: web.Request) -> web.StreamResponse:
        content = self._state.files.content(request.match_info["sha256"])
        if content is None:
            raise web.HTTPNotFound
        path, mime = content
        # pages show pictures and films all the same
        headers = {**_GUARD, **DOWNLOAD, "Content-Type": mime}
        return web.FileResponse(path, headers=headers)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_HERE / request.path.rpartition("/")[2], headers=_GUARD)

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the ledger's revision, at once and after every change."""
        answer = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await answer.prepare(request)
        closing, changed = self._state.closing, asyncio.Event()
        stop = self._state.ledger.watch(changed.set)
        ended = asyncio.create_task(closing.wait())
        try:
            while not closing.is_set():
                changed.clear()
                await answer.write(f"data: {self._state.ledger.revision}\n\n".encode())
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        except ConnectionError:
            pass  # the reader has closed the page
        finally:
            ended.cancel()
            stop()
        return answer

    def _channel(
        self, backend: Backend, request: web.Request, name: str, *, listing: bool
    ) -> web.Response:
        place = self._state.channels.seen(backend.platform, name)
        entries, older = self._window(backend, place, request)
        seen = self._seen(backend, place, entries, theirs=listing)
        delayed = backend.number("reader_delay") > 0
        turned = bool({"before", "after"} & set(request.query))
        public = backend.switch("public_page") == "on"
        page = shell.channel(seen, older=older, live=not (delayed or turned), history=public)
        return _html(page)

    def _single(self, backend: Backend, name: str, message: str) -> web.Response:
        place = self._state.channels.seen(backend.platform, name)
        entry = self._state.ledger.find(place, message)
        shown: list[Entry] = []
        if entry and not entry.deleted and self._is_out(backend, entry):
            shown = [
                each
                for each in self._state.ledger.of(place)
                if each is entry or (entry.group and each.group == entry.group)
            ]
        seen = self._seen(backend, place, shown, theirs=True)
        return _html(shell.single(seen), status=200 if shown else 404)

    def _window(
        self, backend: Backend, place: FakeChannel, request: web.Request
    ) -> tuple[list[Entry], str]:
        """One page of messages, oldest first, and the id before which there are more."""
        posts = grouped(
            entry
            for entry in self._state.ledger.of(place)
            if not entry.deleted and self._is_out(backend, entry)
        )
        ids = [entries[0].id for entries in posts]
        before, after = request.query.get("before"), request.query.get("after")
        end = ids.index(before) if before in ids else len(posts)
        begin = max(0, end - PAGE)
        if after in ids:
            begin = ids.index(after) + 1
            end = min(len(posts), begin + PAGE)
        chosen = posts[begin:end]
        older = chosen[0][0].id if begin and chosen else ""
        return [entry for entries in chosen for entry in entries], older

    def _is_out(self, backend: Backend, entry: Entry) -> bool:
        delay = backend.number("reader_delay")
        return not delay or datetime.now(UTC) - entry.at >= timedelta(seconds=delay)

    def _seen(
        self, backend: Backend, place: FakeChannel, entries: list[Entry], *, theirs: bool
    ) -> Seen:
        fake = self._fakes[backend.platform]
        view = View(
            reader=f"/{backend.platform}/reader",
            page_class=fake.page_class if theirs else "",
            views=int(backend.number("views")),
        )
        members = int(backend.number("members"))
        colour = fake.colour or f"hsl({hashed(fake.name) % 360} 42% 42%)"
        return Seen(place, fake.title, colour, members, view, entries, fake.page_data(place))


def add_pages(
    app: web.Application,
    fakes: Mapping[str, Fake],
    backends: Mapping[str, Backend],
    state: SandboxState,
) -> None:
    """Put the overview at ``/``, public pages under ``/P/reader``, their files beside them."""
    pages = Pages(fakes, backends, state)
    app.router.add_get("/", pages.overview)
    app.router.add_get("/_sandbox/changes", pages.changes)
    app.router.add_get("/_sandbox/files/{sha256:[0-9a-f]{64}}", pages.file)
    for name in ("page.css", "page.js"):
        app.router.add_get(f"/_sandbox/{name}", pages.asset)
    platforms = "|".join(backends)
    app.router.add_get(f"/{{platform:{platforms}}}/reader/{{path:.+}}", pages.reader)


def _html(page: str, status: int = 200) -> web.Response:
    return web.Response(text=page, content_type="text/html", status=status, headers=_GUARD)
