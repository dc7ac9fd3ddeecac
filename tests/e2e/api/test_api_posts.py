"""Posts by the API: queued once, seen, changed, taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.api.conftest import Caller, WebOffice

TEXT = "ساعت کار اداره از فردا **۸ تا ۱۴** است؛ نوبت‌دهی در setad.ir 🇮🇷"
Key = Callable[[], str]


def test_a_repeated_request_posts_once(admin: Caller) -> None:
    body = {"text": TEXT, "to": ["news"]}
    first = admin("POST", "/posts", body, Idempotency_Key="نوبت-۱", expect=201)
    again = admin("POST", "/posts", body, Idempotency_Key='"نوبت-۱"', expect=200)
    assert (first.json["existing"], again.json["existing"]) == (False, True)
    assert first.json["id"] == again.json["id"]
    assert first.headers["Location"] == f"/api/v1/posts/{first.json['id']}"
    assert first.json["author"] == "مدیر"
    other = {"text": "چیز دیگر", "to": ["news"]}
    refused = admin("POST", "/posts", other, Idempotency_Key="نوبت-۱", expect=409).json
    assert "other content" in refused["detail"] or "another content" in refused["detail"]


@pytest.mark.parametrize("key", [None, "", '""', "x" * 201])
def test_without_a_usable_key_nothing_is_queued(admin: Caller, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}
    refused = admin("POST", "/posts", {"text": TEXT}, expect=400, **headers)
    assert "Idempotency-Key" in refused.json["detail"]


def test_a_dry_run_shows_the_bytes_of_each_channel(admin: Caller) -> None:
    before = admin("GET", "/posts", expect=200).json["posts"]
    found = admin("POST", "/posts/plan", {"text": TEXT, "to": ["news"]}, expect=200).json
    assert found["ok"]
    assert [each["channel"] for each in found["channels"]] == ["news-bale", "news-telegram"]
    bale, telegram = (each["messages"][0] for each in found["channels"])
    assert "*۸ تا ۱۴*" in bale["text"]
    assert "setad.ir" in telegram["text"]
    assert admin("GET", "/posts", expect=200).json["posts"] == before


@pytest.mark.parametrize(
    ("body", "field", "why"),
    [
        ({"txt": "سلام"}, "txt", "did you mean text"),
        ({"text": 5}, "text", "must be text"),
        ({"text": "سلام", "silent": "yes"}, "silent", "true or false"),
        ({"text": "سلام", "to": "news"}, "to", "must be a list"),
        ({"text": "سلام", "reply_to": 0}, "reply_to", "greater"),
        ({"text": "سلام", "media": [{"digset": "a"}]}, "media.0.digset", "did you mean digest"),
        ({"text": "a\0b"}, "text", "NUL"),
        ({"text": "سلام", "pin": 3}, "pin", "true or false"),
    ],
)
def test_each_wrong_field_is_named(admin: Caller, body: object, field: str, why: str) -> None:
    found = admin("POST", "/posts", body, Idempotency_Key="x", expect=422)
    assert found.headers["Content-Type"].startswith("application/problem+json")
    wrong = {each["field"]: each["detail"] for each in found.json["errors"]}
    assert why in wrong[field]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b'{"text": "a", "text": "b"}', 400, "application/json"),
        (b'{"text": "\\ud83d"}', 400, "application/json"),
        (b"\xff\xfe", 400, "application/json"),
        (b"[1]", 400, "application/json"),
        (b"{" * 5000, 400, "application/json"),
        (b'{"text": "a"}', 415, "text/plain"),
        (b"text=a", 415, "application/x-www-form-urlencoded"),
        (b"", 415, ""),
        (b'{"text": "' + b"a" * (1 << 20) + b'"}', 413, "application/json"),
    ],
)
def test_what_is_no_body_of_ours_is_refused(
    admin: Caller, body: bytes, status: int, kind: str
) -> None:
    admin("POST", "/posts", body, Idempotency_Key="x", Content_Type=kind, expect=status)


def test_compressed_bodies_are_refused(admin: Caller) -> None:
    headers = {"Idempotency_Key": "x", "Content_Encoding": "gzip"}
    found = admin("POST", "/posts", {"text": "a"}, expect=(400, 415), **headers)
    assert found.status in (400, 415)


def test_what_the_command_line_refuses_is_refused_with_its_words(admin: Caller) -> None:
    body = {"text": "سلام", "to": ["newz"]}
    assert "news" in admin("POST", "/posts", body, Idempotency_Key="y", expect=422).json["detail"]
    body = {"text": "سلام", "at": "دیروز ۸ صبح"}
    assert "past" in admin("POST", "/posts", body, Idempotency_Key="y", expect=422).json["detail"]


def test_a_post_is_changed_only_as_it_was_seen(admin: Caller, new_key: Key) -> None:
    post = admin.post(TEXT, new_key(), at="in 5h")["id"]
    seen = admin("GET", f"/posts/{post}", expect=200)
    admin("GET", f"/posts/{post}", expect=304, If_None_Match=seen.headers["Etag"])
    admin("PATCH", f"/posts/{post}", {"text": "نو"}, expect=428)
    changed = admin(
        "PATCH", f"/posts/{post}", {"text": "نو"}, If_Match=seen.headers["Etag"], expect=200
    )
    assert changed.json["text"] == "نو"
    stale = admin(
        "PATCH", f"/posts/{post}", {"text": "کهنه"}, If_Match=seen.headers["Etag"], expect=412
    )
    assert stale.headers["Etag"] == changed.headers["Etag"]
    moved = admin("PATCH", f"/posts/{post}", {"at": "in 8h"}, If_Match="*", expect=200)
    assert moved.json["due"] != changed.json["due"]
    both = {"at": "in 9h", "text": "هر دو"}
    admin("PATCH", f"/posts/{post}", both, If_Match="*", expect=422)
    taken = admin("DELETE", f"/posts/{post}", expect=200).json
    assert taken["state"] == "cancelled"
    admin("DELETE", f"/posts/{post}", expect=409)


def test_lists_go_on_where_they_stopped(admin: Caller, new_key: Key) -> None:
    made = [admin.post(f"{TEXT} {n}", new_key(), at=f"in {n + 20}h")["id"] for n in range(7)]
    found: list[int] = []
    cursor = ""
    while True:
        part = admin("GET", f"/posts?limit=3&cursor={cursor}" if cursor else "/posts?limit=3").json
        found += [each["id"] for each in part["posts"]]
        cursor = part["next"]
        if not cursor:
            break
    assert len(found) == len(set(found))
    assert [each for each in found if each in made] == made[::-1]
    admin("GET", "/posts?cursor=AAAA", expect=422)
    admin("GET", "/posts?cursor=%D8%B3", expect=422)
    admin("GET", "/posts?limit=0", expect=422)
    wrong = admin("GET", "/posts?stat=draft", expect=422).json["errors"][0]
    assert "state" in wrong["detail"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "%D9%A1", "1.0", "999999"])
def test_what_is_not_there_is_404(admin: Caller, number: str) -> None:
    admin("GET", f"/posts/{number}", expect=404)
    admin("POST", f"/posts/{number}/approve", {}, expect=404)
    admin("POST", f"/deliveries/{number}/resolve", {"posted": True}, expect=404)


def test_other_methods_and_addresses_are_named(admin: Caller) -> None:
    assert admin("PUT", "/posts", {}, expect=405).headers["Allow"] == "GET,POST"
    assert admin("GET", "/post", expect=404).json["status"] == 404


def test_the_document_is_valid_and_readable(web_office: WebOffice) -> None:
    from openapi_spec_validator import validate

    document = web_office.nobody()("GET", "/openapi.json", expect=200).json
    validate(document)
    assert set(document["paths"]["/posts"]) == {"get", "post"}
    page = web_office.nobody()("GET", "/../docs").body
    assert b"<script" not in page
