"""A web process of this program, with an office of its own, reached over HTTP as a browser does."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from argon2 import PasswordHasher

from broadcaster.app import people
from broadcaster.app.office import Office, Store
from broadcaster.app.tickets import ticket
from broadcaster.model import Actor, Door
from broadcaster.web.callers import COOKIE
from broadcaster.web.passwords import Passwords
from broadcaster.web.second_factor import SecondFactors, load_key
from broadcaster.web.server import start
from broadcaster.web.state import Console

SHELL = Actor("root")
PASSWORD = "کبوتر سبز روی پل آهنی"
CONFIG = """\
state_dir = "state"
[platforms.bale]
enabled = false
[channels.news]
platform = "bale"
address = "@ministry_news"
[web]
listen = "127.0.0.1:0"
"""


@dataclass
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def form_key(self) -> str:
        found = re.search(r'name="form_key" value="([^"]+)"', self.text)
        assert found is not None, self.text
        return found[1]

    def value(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found is not None, self.text
        return unescape(found[1])


@dataclass
class Browser:
    """Keeps cookies, follows no redirect, and says of each request where it is from."""

    http: ClientSession
    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._ask("GET", path, None, headers)

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        return await self._ask("POST", path, form, headers)

    async def _ask(
        self, method: str, path: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = self.base + path
        async with self.http.request(
            method, url, data=form, headers=sent, allow_redirects=False
        ) as answer:
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
                if not morsel.value or morsel["max-age"] == "0":
                    del self.cookies[name]
            return Answer(answer.status, await answer.text(), answer.headers)

    async def sign_in(self, name: str, password: str = PASSWORD, code: str = "") -> Answer:
        return await self.post("/sign-in", {"name": name, "password": password, "code": code})


@cache
def known_password() -> str:
    """The hash of the usual password."""
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1).hash(PASSWORD)


@dataclass
class Web:
    """The server, its store, and its office."""

    base: str
    office: Office
    store: Store
    http: ClientSession
    passwords: Passwords

    def browser(self) -> Browser:
        return Browser(self.http, self.base)

    async def person(self, name: str, *roles: str) -> Browser:
        """Somebody who has the usual password and is signed in; no hash is computed for it."""
        people.add(self.office, self.store, SHELL, name, roles, people.Profile())
        actor, made = Actor(name, Door.WEB), ticket()
        self.store.people.set_password(actor, name, known_password())
        self.store.people.sign_in(actor, name, made.hash, address="127.0.0.1", agent="test")
        browser = self.browser()
        browser.cookies[COOKIE] = made.secret
        return browser


@pytest.fixture
def config() -> str:
    return CONFIG


@pytest.fixture
async def web(tmp_path: Path, config: str) -> AsyncIterator[Web]:
    path = tmp_path / "broadcaster.toml"
    path.write_text(config, encoding="utf-8")
    office = Office.load(path)
    factors = SecondFactors(load_key(office.settings.web.key_file))
    with office.open_store() as opened, office.store() as store:
        console = Console(office, opened, Passwords(), factors, secrets.token_bytes(32))
        server = await start(console)
        try:
            async with ClientSession(cookie_jar=DummyCookieJar()) as http:
                yield Web(server.url, office, store, http, console.passwords)
        finally:
            await server.stop()
