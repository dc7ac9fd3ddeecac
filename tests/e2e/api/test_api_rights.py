"""Who may what: every role at every address, and what is beyond a person's groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from broadcaster.app import rights
from broadcaster.model import Permission, Role
from broadcaster.web.api.endpoint import Endpoint
from broadcaster.web.api.table import ENDPOINTS
from broadcaster.web.routes import Access
from tests.e2e.api.conftest import Caller, WebOffice

Key = Callable[[], str]
PATHS = {
    "{id}": "999999",
    "{name}": "nothing",
    "{digest}": "0" * 64,
    "{day}": "2026-11-01",
}


def asked(caller: Caller, endpoint: Endpoint) -> int:
    """The status of a request that changes nothing, even where it is let in."""
    path = endpoint.path
    for name, value in PATHS.items():
        path = path.replace(name, value)
    body = {"no such field": 1} if endpoint.body else None
    if path == "/media" and endpoint.method == "POST":
        body = None
    return caller(endpoint.method, path, body).status


@pytest.fixture(scope="module")
def by_role(web_office: WebOffice) -> dict[Role, Caller]:
    callers = {Role.ADMIN: web_office.token("مدیر", "admin")}
    for role in Role:
        if role is not Role.ADMIN:
            callers[role] = web_office.token(f"کاربر-{role}", role.value)
    return callers


def matrix() -> Iterator[tuple[Role, Endpoint]]:
    for role in Role:
        for endpoint in ENDPOINTS:
            if endpoint.path != "/events":  # it does not end: see the tests of it
                yield role, endpoint


def test_each_role_reaches_exactly_its_addresses(by_role: dict[Role, Caller]) -> None:
    for role, endpoint in matrix():
        status = asked(by_role[role], endpoint)
        need = endpoint.needs
        assert not isinstance(need, Access)
        wanted = {need} if isinstance(need, Permission) else set(need)
        allowed = bool(wanted & rights.ROLES[role])
        if endpoint.path in ("/resume", "/audit") and allowed:
            continue  # judged by the state of things, and by what is asked
        assert (status != 403) == allowed, (role, endpoint.operation, status)


def test_nobody_comes_in_without_a_token(web_office: WebOffice) -> None:
    for endpoint in ENDPOINTS:
        assert asked(web_office.nobody(), endpoint) == 401, endpoint.operation
    for wrong in ("bc_wrong", "", "bc_" + "x" * 5000, "Basic YTpi", "bc_\x80"):
        caller = Caller(web_office.url, wrong)
        caller("GET", "/posts", expect=401, Authorization=f"Bearer {wrong}")
    web_office.nobody()("GET", "/posts?token=bc_x", expect=401)


def test_a_token_has_no_more_than_its_scopes(web_office: WebOffice, new_key: Key) -> None:
    read = web_office.token("مدیر", scopes=["read"])
    read("GET", "/posts", expect=200)
    read("POST", "/posts", {"text": "سلام"}, Idempotency_Key=new_key(), expect=403)
    draft = web_office.token("مدیر", scopes=["draft"])
    headers = {"Idempotency_Key": new_key()}
    draft("POST", "/posts", {"text": "سلام"}, expect=403, **headers)
    kept = draft("POST", "/posts", {"text": "سلام", "draft": True}, expect=201, **headers).json
    assert kept["state"] == "draft"
    draft("GET", "/posts", expect=403)


def test_what_is_beyond_a_persons_groups_is_not_there(
    web_office: WebOffice, admin: Caller, new_key: Key
) -> None:
    home = web_office.token("رضا", "writer:home")
    near = admin.post("نزدیک", new_key(), to=["news-bale"], at="in 3h")["id"]
    far = admin.post("دور", new_key(), to=["news-telegram"], at="in 3h")["id"]
    both_texts = {"news-bale": "در خانه", "news-telegram": "بیرون"}
    both = admin.post("همه", new_key(), at="in 3h", text_for=both_texts)["id"]
    home("GET", f"/posts/{near}", expect=200)
    hidden = home("GET", f"/posts/{far}", expect=404).json["detail"]
    missing = home("GET", "/posts/999999", expect=404).json["detail"]
    assert hidden.replace(str(far), "N") == missing.replace("999999", "N")
    home("DELETE", f"/posts/{far}", expect=404)
    home("PATCH", f"/posts/{far}", {"text": "x"}, If_Match="*", expect=404)
    seen = home("GET", f"/posts/{both}", expect=200)
    assert "news-telegram" not in seen.body.decode()
    assert "بیرون" not in seen.body.decode()
    listed = home("GET", "/posts?limit=200", expect=200)
    assert {near, both} <= {each["id"] for each in listed.json["posts"]}
    assert far not in {each["id"] for each in listed.json["posts"]}
    refused = home("PATCH", f"/posts/{both}", {"text": "x"}, If_Match="*", expect=403)
    assert "news-telegram" not in refused.body.decode()
    for path in (
        "/status",
        "/channels",
        "/accounts",
        "/reports/2026-12-01",
        "/calendar?month=1405/09",
    ):
        assert "telegram" not in home("GET", path, expect=200).body.decode(), path
    home("GET", "/audit", expect=403)
    home("GET", f"/audit?post={near}", expect=200)
    home("GET", f"/audit?post={far}", expect=404)
    body = {"text": "بیرون", "to": ["news-telegram"]}
    home("POST", "/posts", body, Idempotency_Key=new_key(), expect=403)
    after = home("DELETE", f"/posts/{both}", expect=200).json
    assert {each["channel"]: each["state"] for each in after["deliveries"]} == {
        "news-bale": "cancelled"
    }
    whole = admin("GET", f"/posts/{both}", expect=200).json
    states = {each["channel"]: each["state"] for each in whole["deliveries"]}
    assert states["news-telegram"] == "waiting"


def test_a_key_of_another_group_tells_nothing(
    web_office: WebOffice, admin: Caller, new_key: Key
) -> None:
    home = web_office.token("رضا", "writer:home")
    key = new_key()
    admin.post("راز گروه دیگر", key, to=["news-telegram"], at="in 3h")
    for text in ("راز گروه دیگر", "چیز دیگر"):
        body = {"text": text, "to": ["news-bale"]}
        refused = home("POST", "/posts", body, Idempotency_Key=key, expect=409)
        assert "راز" not in refused.json["detail"]


def test_nobody_approves_their_own_by_the_api(web_office: WebOffice, new_key: Key) -> None:
    zahra = web_office.token("زهرا", "approver", os_user="zahra-os")
    other = web_office.token("سارا", "approver")
    body = {"text": "رسمی", "to": ["formal"], "at": "in 3h"}
    own = zahra("POST", "/posts", body, Idempotency_Key=new_key(), expect=201).json
    assert own["state"] == "draft"
    typed = web_office.draft("رسمی", "formal", author="zahra-os")
    for post in (own["id"], typed):
        zahra("POST", f"/posts/{post}/approve", expect=409)
    digest = own["approval"]["digest"]
    other("POST", f"/posts/{own['id']}/approve", {"digest": "0" * 64}, expect=409)
    approved = other("POST", f"/posts/{own['id']}/approve", {"digest": digest}, expect=200).json
    assert approved["state"] == "scheduled"
    rejected = other("POST", f"/posts/{typed}/reject", {"reason": "غلط"}, expect=200).json
    assert rejected["approval"]["reason"] == "غلط"


def test_writers_stop_and_operators_go_on(by_role: dict[Role, Caller]) -> None:
    writer, operator = by_role[Role.WRITER], by_role[Role.OPERATOR]
    writer("POST", "/halt", {"reason": "خطا در متن"}, expect=200)
    assert writer("GET", "/status").json["halted"]["reason"] == "خطا در متن"
    writer("POST", "/resume", expect=403)
    operator("POST", "/resume", expect=200)
    operator("POST", "/resume", expect=409)
    writer("POST", "/accounts/bale/off", {}, expect=403)
    operator("POST", "/accounts/bale/off", {"reason": "آزمایش"}, expect=200)
    assert [each["name"] for each in writer("GET", "/status").json["closed"]] == ["bale"]
    operator("POST", "/accounts/bale/on", expect=200)
    operator("POST", "/accounts/rubika/off", {}, expect=404)
