"""What strangers, browsers of other sites and broken lines try."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from broadcaster.web.rates import Rates
from tests.e2e.api.conftest import CANARY, SHELL, Caller, WebOffice, serving

Key = Callable[[], str]


BOTH_LENGTHS = (
    b"POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "a b"])
def test_other_names_of_the_server_are_refused(admin: Caller, host: str) -> None:
    assert admin("GET", "/posts", Host=host).status in (400, 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_another_site_changes_nothing(admin: Caller, new_key: Key, headers: dict[str, str]) -> None:
    body = {"text": "سلام"}
    admin("POST", "/posts", body, Idempotency_Key=new_key(), expect=403, **headers)


def test_no_other_site_is_let_read(admin: Caller) -> None:
    found = admin("GET", "/posts", expect=200, Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in found.headers
    admin("OPTIONS", "/posts", expect=405)


def test_every_answer_has_the_headers_of_all(web_office: WebOffice, admin: Caller) -> None:
    for caller, path in ((admin, "/posts"), (web_office.nobody(), "/posts"), (admin, "/none")):
        headers = caller("GET", path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert len(headers["X-Request-Id"]) == 16


def test_no_secret_stands_in_any_answer_or_log(
    web_office: WebOffice, admin: Caller, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The callers of these tests look for the token of the accounts in each answer, too."""
    for path in ("/status", "/accounts", "/channels", "/audit", "/platforms", "/schedules"):
        body = admin("GET", path, expect=200).body.decode()
        assert str(web_office.office.settings.state_dir) not in body
        assert (admin.token or "") not in body
        assert "argon2" not in body
    admin("GET", f"/posts?state={CANARY}", expect=422)
    assert (admin.token or "?") not in caplog.text


def test_a_revoked_token_is_worthless_at_once(web_office: WebOffice) -> None:
    caller = web_office.token("پریسا", "viewer")
    caller("GET", "/posts", expect=200)
    with web_office.office.store() as store:
        own = next(each for each in store.people.tokens() if each.owner.name == "پریسا")
        store.people.revoke(SHELL, own.id)
    found = caller("GET", "/posts", expect=401)
    assert "invalid_token" in found.headers["Www-Authenticate"]


def test_who_asks_too_quickly_waits(tmp_path: Path) -> None:
    with serving(tmp_path) as office:
        object.__setattr__(office.console, "rates", Rates(per_s=0.01, burst=3))
        caller, other = office.token("مدیر", "admin"), office.token("سارا", "viewer")
        for _ in range(3):
            caller("GET", "/posts", expect=200)
        refused = caller("GET", "/posts", expect=429)
        assert int(refused.headers["Retry-After"]) > 1
        other("GET", "/posts", expect=200)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nA: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /api/v1/" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        BOTH_LENGTHS,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /api/v1/posts/%ff%fe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    ],
)
def test_broken_requests_are_refused(web_office: WebOffice, admin: Caller, raw: bytes) -> None:
    with socket.create_connection((admin.host, admin.port), timeout=30) as line:
        line.sendall(raw)
        answer = line.recv(65536)
    assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.0 4"), answer[:300]
    admin("GET", "/posts", expect=200)


class Line:
    """A relay that passes a request on and cuts the line before the answer arrives."""

    def __init__(self, host: str, port: int) -> None:
        self.to = (host, port)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            with near, socket.create_connection(self.to, timeout=30) as far:
                near.settimeout(30)
                asked = b""
                while b"\r\n\r\n" not in asked or b"}" not in asked:
                    asked += near.recv(65536)
                far.sendall(asked)
                far.recv(1)  # it is done there, and nobody will hear of it

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(30)


@contextmanager
def cut_off(caller: Caller) -> Iterator[Caller]:
    line = Line(caller.host, caller.port)
    try:
        yield Caller(f"http://127.0.0.1:{line.port}", caller.token)
    finally:
        line.close()


def test_a_request_whose_answer_was_lost_is_repeated_safely(admin: Caller, new_key: Key) -> None:
    key, body = new_key(), {"text": "قطعی خط", "to": ["news"], "at": "in 3h"}
    with cut_off(admin) as broken:
        for _ in range(3):
            with pytest.raises((http.client.HTTPException, OSError)):
                broken("POST", "/posts", body, Idempotency_Key=key)
    found = admin("POST", "/posts", body, Idempotency_Key=key, expect=200).json
    assert found["existing"]
    posts = admin("GET", "/posts?limit=200", expect=200).json["posts"]
    assert [each["text"] for each in posts].count("قطعی خط") == 1


def test_the_same_key_at_once_posts_once(admin: Caller, new_key: Key) -> None:
    key, body = new_key(), {"text": "دو بار هم‌زمان", "to": ["news"], "at": "in 3h"}
    found: list[int] = []

    def ask() -> None:
        answer = admin("POST", "/posts", body, Idempotency_Key=key, expect=(200, 201))
        found.append(answer.json["id"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 8
    assert len(set(found)) == 1


def test_it_works_on_postgresql(tmp_path: Path, web_database: str) -> None:
    with serving(tmp_path, f'[store]\nurl = "{web_database}"\n') as office:
        admin = office.token("مدیر", "admin")
        post = admin.post("سلام", "کلید", at="in 5h")["id"]
        seen = admin("GET", f"/posts/{post}", expect=200).headers["Etag"]
        admin("PATCH", f"/posts/{post}", {"text": "نو"}, If_Match=seen, expect=200)
        admin("POST", "/posts", {"text": "a\0b"}, Idempotency_Key="x", expect=422)
        admin("GET", "/posts?q=a%00", expect=422)
        found = admin("GET", f"/posts?q={quote('نو')}", expect=200).json["posts"]
        assert [each["id"] for each in found] == [post]
        home = office.token("رضا", "viewer:home")
        assert "telegram" not in home("GET", f"/posts/{post}", expect=200).body.decode()
        assert admin("GET", "/status", expect=200).json["store"]["engine"].startswith("Postgre")
        admin("DELETE", f"/posts/{post}", expect=200)
