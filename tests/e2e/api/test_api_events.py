"""Server-sent events: told once, to who may see them, for as long as they may."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.api.conftest import SHELL, Caller, WebOffice

Key = Callable[[], str]


class Stream:
    """An open stream of events."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer
        self.last = ""

    def next(self) -> tuple[str, dict[str, Any]] | None:
        """The next event; None: the stream has ended."""
        kind, data = "", ""
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "id":
                self.last = value
            elif not name and kind:
                return kind, json.loads(data)
        return None

    def until(self, kind: str, **said: object) -> dict[str, Any]:
        """The next event of this kind that says so."""
        while found := self.next():
            if found[0] == kind and said.items() <= found[1].items():
                return found[1]
        raise AssertionError(f"the stream has ended before {kind} {said}")


@contextmanager
def watching(caller: Caller, last: str = "", expect: int = 200) -> Iterator[Stream]:
    connection = http.client.HTTPConnection(caller.host, caller.port, timeout=30)
    headers = {"Authorization": f"Bearer {caller.token}"}
    if last:
        headers["Last-Event-ID"] = last
    connection.request("GET", "/api/v1/events", headers=headers)
    answer = connection.getresponse()
    assert answer.status == expect, answer.read()
    try:
        yield Stream(answer)
    finally:
        answer.close()
        connection.close()


def settle(office: WebOffice) -> None:
    """Until the feed has had its first look, from which on changes are told."""
    deadline = time.monotonic() + 20
    while not office.console.feed._seen.begun and time.monotonic() < deadline:
        time.sleep(0.01)


def test_what_changes_is_told(web_office: WebOffice, admin: Caller, new_key: Key) -> None:
    with watching(admin) as stream:
        settle(web_office)
        post = admin.post("سلام", new_key(), to=["news-bale"])["id"]
        assert stream.until("post", id=post)["state"] in ("waiting", "sending")
        assert stream.until("delivery", post=post)["channel"] == "news-bale"
        admin("DELETE", f"/posts/{post}", expect=200)
        assert stream.until("post", id=post)["state"] == "cancelled"
        admin("POST", "/halt", {"reason": "آزمایش"}, expect=200)
        assert stream.until("halt")["reason"] == "آزمایش"
        admin("POST", "/resume", expect=200)
        assert stream.until("halt")["halted"] is False
        admin("POST", "/accounts/telegram/off", {"reason": "قطع"}, expect=200)
        assert stream.until("account", account="telegram")["closed"] == "قطع"
        admin("POST", "/accounts/telegram/on", expect=200)


def test_who_was_away_is_told_what_came(web_office: WebOffice, admin: Caller, new_key: Key) -> None:
    with watching(admin) as other:
        with watching(admin) as stream:
            settle(web_office)
            first = admin.post("یک", new_key(), at="in 3h")["id"]
            stream.until("post", id=first)
            last = stream.last
        second = admin.post("دو", new_key(), at="in 3h")["id"]
        other.until("post", id=second)
        with watching(admin, last) as again:
            assert again.until("post")["id"] == second
        for unknown in ("other-1", f"{last.partition('-')[0]}-999999", "x"):
            with watching(admin, unknown) as lost:
                assert lost.next() == ("reset", {})


def test_other_groups_are_told_nothing(web_office: WebOffice, admin: Caller, new_key: Key) -> None:
    home = web_office.token("رضا", "viewer:home")
    with watching(home) as stream:
        settle(web_office)
        admin.post("دور", new_key(), to=["news-telegram"], at="in 3h")
        near = admin.post("نزدیک", new_key(), to=["news-bale"], at="in 3h")["id"]
        assert stream.until("post")["id"] == near


def test_a_stream_ends_with_the_right_to_it(web_office: WebOffice) -> None:
    viewer = web_office.token("سارا", "viewer")
    with watching(viewer) as stream:
        with web_office.office.store() as store:
            store.people.disable(SHELL, "سارا")
        begun = time.monotonic()
        while stream.next():
            pass
        assert time.monotonic() - begun < 20  # five seconds on a machine that is not busy


def test_a_person_watches_from_five_places(web_office: WebOffice) -> None:
    viewer = web_office.token("نگار", "viewer")
    with (
        watching(viewer),
        watching(viewer),
        watching(viewer),
        watching(viewer),
        watching(viewer),
        watching(viewer, expect=429),
    ):
        pass


def test_another_site_watches_nothing(admin: Caller) -> None:
    admin("GET", "/events", Origin="https://evil.example", expect=403)
    admin("GET", "/events", Sec_Fetch_Site="cross-site", expect=403)
