"""A web process as people and programs reach it: a real server on loopback, a real queue."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from broadcaster.app.office import Office
from broadcaster.app.people import Profile, TokenWish, add, add_token
from broadcaster.app.posting import Wish, submit
from broadcaster.model import Actor, Door
from broadcaster.testing.postgres import FORGETFUL, NOT_FOUND, Server, binaries
from broadcaster.web.passwords import Passwords
from broadcaster.web.rates import Rates
from broadcaster.web.second_factor import SecondFactors, load_key
from broadcaster.web.server import WebServer, start
from broadcaster.web.state import Console

CANARY = "123456789:AAwebAAwebAAwebAAwebAAwebAAwebAAwe"
"""The token of every account: it may stand in no answer."""
SHELL = Actor("root", Door.CLI)
CONFIG = """\
state_dir = "state"
default_to = ["news"]
test_channel = "desk"
{store}
[limits]
posts_per_hour = 1000000

[platforms.bale]
token_file = "secrets/bale"
base_url = "http://127.0.0.1:9/bale"

[platforms.telegram]
token_file = "secrets/telegram"
base_url = "http://127.0.0.1:9/telegram"

[channels.desk]
platform = "bale"
address = "@ministry_desk"

[channels.news-bale]
platform = "bale"
address = "@ministry_news"
groups = ["news", "home"]

[channels.news-telegram]
platform = "telegram"
address = "@ministry_news"
groups = ["news", "abroad"]

[channels.formal]
platform = "bale"
address = "@ministry_formal"
require_approval = true

[web]
listen = "127.0.0.1:0"
"""
"""Nothing listens at port 9, and no daemon runs: what is queued stays in the queue."""


@dataclass(frozen=True)
class Answered:
    """An answer of the API."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """A program with a token."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.token = token

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        expect: int | Sequence[int] | None = None,
        **headers: str,
    ) -> Answered:
        """Ask below ``/api/v1``; a header is named with ``_`` for ``-``."""
        sent: dict[str, str | bytes] = {
            name.replace("_", "-"): value.encode() for name, value in headers.items()
        }
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        content = body
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, f"/api/v1{path}", content, sent)  # type: ignore[arg-type]
            answer = connection.getresponse()
            found = Answered(
                answer.status,
                {name.title(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()
        assert CANARY.encode() not in found.body
        assert found.status < 500, found
        if expect is not None:
            wanted = [expect] if isinstance(expect, int) else expect
            assert found.status in wanted, found
        return found

    def post(self, text: str, key: str, **more: object) -> dict[str, Any]:
        """Queue a post that must be taken."""
        body = {"text": text, "to": ["news"], **more}
        found: dict[str, Any] = self("POST", "/posts", body, Idempotency_Key=key, expect=201).json
        return found


@dataclass
class WebOffice:
    """An office with a web process in a thread."""

    office: Office
    console: Console
    server: WebServer
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        return self.server.url

    def token(
        self,
        user: str,
        *roles: str,
        scopes: Sequence[str] = ("read", "publish", "approve", "operate", "admin"),
        places: Sequence[str] = (),
        os_user: str | None = None,
    ) -> Caller:
        """A caller with a new token of ``user``, who is added with these roles where need be."""
        with self.office.store() as store:
            if user not in [each.name for each in store.people.users()]:
                add(self.office, store, SHELL, user, roles, Profile(os_user=os_user))
            name = f"programme {len(store.people.tokens())}"
            wish = TokenWish(name=name, scopes=tuple(scopes), places=tuple(places))
            made = add_token(self.office, store, SHELL, user, wish)
        return Caller(self.url, made.secret)

    def nobody(self) -> Caller:
        return Caller(self.url, None)

    def draft(self, text: str, *to: str, author: str = "root", key: str | None = None) -> int:
        """A draft that somebody wrote at the command line."""
        wish = Wish(text=text, to=to or ("news",), draft=True, key=key)
        now = self.office.times.now()
        with self.office.store() as store:
            return submit(self.office, store, wish, actor=Actor(author), now=now).post


@contextmanager
def serving(folder: Path, store: str = "") -> Iterator[WebOffice]:
    """A web process for an office in ``folder``; ``store``: its ``[store]`` table."""
    (folder / "secrets").mkdir(mode=0o700)
    for name in ("bale", "telegram"):
        file = folder / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(CANARY, encoding="utf-8")
    config = folder / "broadcaster.toml"
    config.write_text(CONFIG.format(store=store), encoding="utf-8")
    office = Office.load(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with office.open_store() as opened:
            factors = SecondFactors(load_key(folder / "web.key"))
            console = Console(
                office, opened, Passwords(), factors, b"s" * 32, rates=Rates(1e6, 1_000_000)
            )
            server = asyncio.run_coroutine_threadsafe(start(console), loop).result(30)
            yield WebOffice(office, console, server, loop)
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="module")
def web_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with serving(tmp_path_factory.mktemp("web")) as office:
        yield office


@pytest.fixture(scope="module")
def web_database() -> Iterator[str]:
    """An empty database of PostgreSQL."""
    if binaries() is None:
        pytest.skip(NOT_FOUND)
    with Server(**FORGETFUL) as server:
        yield server.url()


@pytest.fixture(scope="module")
def admin(web_office: WebOffice) -> Caller:
    return web_office.token("مدیر", "admin")


@pytest.fixture(scope="module")
def new_key() -> Callable[[], str]:
    """A key that no other test of the module uses."""
    count = iter(range(1_000_000))
    return lambda: f"کلید-{next(count)}"
