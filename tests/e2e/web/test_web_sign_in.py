"""Signing in, one-time links, second factors, sessions: as browsers and attackers meet them."""

from __future__ import annotations

import re

import pyotp
import pytest

from broadcaster.app import people
from broadcaster.model import Door
from tests.e2e.web.conftest import CONFIG, PASSWORD, SHELL, Web

WRONG = "wrong"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


async def test_somebody_who_was_invited_chooses_a_password_and_signs_in(web: Web) -> None:
    invited = people.add(web.office, web.store, SHELL, "زهرا", ["admin"], people.Profile())
    path = invited.address.removeprefix(people.base(web.office))
    browser = web.browser()
    assert "زهرا" in (await browser.get(path)).text
    weak = await browser.post(path, {"password": "123456789012", "again": "123456789012"})
    assert (weak.status, "easy to guess" in weak.text) == (422, True)
    differ = await browser.post(path, {"password": PASSWORD, "again": PASSWORD + "."})
    assert (differ.status, "not the same" in differ.text) == (422, True)
    chosen = await browser.post(path, {"password": PASSWORD, "again": PASSWORD})
    assert (chosen.status, chosen.headers["Location"].startswith("/sign-in")) == (303, True)
    assert (await browser.get(path)).status == 404
    assert (await browser.post(path, {"password": PASSWORD, "again": PASSWORD})).status == 404
    signed = await browser.sign_in("زهرا")
    assert (signed.status, signed.headers["Location"]) == (303, "/")
    cookie = signed.headers["Set-Cookie"]
    for part in ("__Host-broadcaster=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "زهرا" in (await browser.get("/")).text
    row = web.store.audit()[0]
    assert (row.who, row.door, row.verb, row.refused) == ("زهرا", Door.WEB, "sign-in", None)


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nothing", "/account", "/link/x", "/static/console.css"]
)
async def test_every_answer_has_the_headers(web: Web, path: str) -> None:
    answer = await web.browser().get(path)
    for name, value in HEADERS.items():
        if name != "Cache-Control" or not path.startswith("/static/"):
            assert answer.headers[name].startswith(value), name
    assert "aiohttp" not in answer.headers["Server"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


async def test_all_failures_look_alike_and_cost_growing_waits(web: Web) -> None:
    await web.person("زهرا", "admin")
    attacker = web.browser()
    wrong = await attacker.sign_in("زهرا", "غلط غلط غلط")
    unknown = await attacker.sign_in("هیچ‌کس", "غلط غلط غلط")
    assert (wrong.status, unknown.status) == (401, 401)
    assert _without_name(wrong.text) == _without_name(unknown.text)
    for _ in range(3):
        last = await attacker.sign_in("زهرا", "غلط غلط غلط")
    assert last.headers["Retry-After"] == "60"
    right = await attacker.sign_in("زهرا")  # not even the right password, meanwhile
    assert (right.status, attacker.cookies) == (429, {})
    refused = [row for row in web.store.audit() if row.refused]
    assert {row.who for row in refused} == {"زهرا", "an unknown name"}
    assert "غلط غلط" not in repr(refused)


def _without_name(text: str) -> str:
    return re.sub(r'name="name" value="[^"]*"', "", text)


async def test_a_second_factor_is_set_up_used_once_and_replaced_by_a_code(web: Web) -> None:
    browser = await web.person("زهرا", "admin")
    key = (await browser.get("/account")).form_key
    begun = await browser.post("/account/factor", {"form_key": key})
    secret = begun.value("secret")
    assert "data:image/svg+xml" in begun.text
    code = pyotp.TOTP(secret).now()
    sent = {"form_key": key, "secret": secret, "code": code, "current": PASSWORD}
    wrong = await browser.post("/account/factor/confirm", {**sent, "code": "000000"})
    assert (wrong.status, web.store.people.user("زهرا").has_totp) == (422, False)
    on = await browser.post("/account/factor/confirm", sent)
    codes = re.findall(r"<li><code>([^<]+)</code></li>", on.text)
    assert len(codes) == 10
    other = web.browser()
    assert (await other.sign_in("زهرا")).status == 401
    assert (await other.sign_in("زهرا", code=code)).status == 401, "a code counts once"
    assert (await other.sign_in("زهرا", code=codes[4].upper())).status == 303
    assert (await web.browser().sign_in("زهرا", code=codes[4])).status == 401
    assert (await browser.get("/account")).status == 200, "this session goes on"


class TestFactorsThatAreRequired:
    @pytest.fixture
    def config(self) -> str:
        return CONFIG + 'require_totp = ["admin"]\n'

    async def test_the_account_page_is_all_there_is_before(self, web: Web) -> None:
        browser = await web.person("زهرا", "admin")
        home = await browser.get("/")
        assert (home.status, home.headers["Location"]) == (303, "/account")
        assert "second factor" in (await browser.get("/account")).text
        viewer = await web.person("علی", "viewer")
        assert (await viewer.get("/")).status == 200


async def test_a_new_password_ends_all_other_sessions(web: Web) -> None:
    browser = await web.person("زهرا", "admin")
    other = web.browser()
    await other.sign_in("زهرا")
    assert (await other.get("/account")).status == 200
    key = (await browser.get("/account")).form_key
    new = "دریای آرام، شتر و چراغ ۱۲"
    form = {"form_key": key, "current": PASSWORD, "password": new, "again": new}
    wrong = await browser.post("/account/password", {**form, "current": "نه این"})
    assert wrong.status == 422
    assert (await other.get("/account")).status == 200
    assert (await browser.post("/account/password", form)).status == 200
    assert (await other.get("/account")).status == 401
    assert (await browser.get("/account")).status == 200
    assert (await web.browser().sign_in("زهرا", new)).status == 303


async def test_what_ends_a_session_ends_it_at_once(web: Web) -> None:
    await web.person("مدیر", "admin")
    browser = await web.person("زهرا", "writer")
    people.set_roles(web.office, web.store, SHELL, "زهرا", ["viewer"])
    assert (await browser.get("/account")).status == 401
    await browser.sign_in("زهرا")
    people.disable(web.store, SHELL, "زهرا")
    assert (await browser.get("/account")).status == 401
    assert (await web.browser().sign_in("زهرا")).status == 401
    people.enable(web.store, SHELL, "زهرا")
    await browser.sign_in("زهرا")
    key = (await browser.get("/account")).form_key
    cookies = dict(browser.cookies)
    assert (await browser.post("/sign-out", {"form_key": key})).status == 303
    browser.cookies = cookies
    assert (await browser.get("/account")).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8790"}, 421),
    ],
)
async def test_other_sites_can_do_nothing(web: Web, headers: dict[str, str], status: int) -> None:
    browser = await web.person("زهرا", "admin")
    key = (await browser.get("/account")).form_key
    form = {"form_key": key, "language": "en"}
    assert (await browser.post("/account/language", form, **headers)).status == status
    assert web.store.people.user("زهرا").language == ""


async def test_a_form_without_the_key_of_its_session_is_refused(web: Web) -> None:
    browser, other = await web.person("زهرا", "admin"), await web.person("علی", "viewer")
    stolen = (await other.get("/account")).form_key
    for key in ("", "x", stolen):
        answer = await browser.post("/account/language", {"form_key": key, "language": "en"})
        assert answer.status == 403
    assert (await browser.get("/account/language")).status == 405
    assert web.store.people.user("زهرا").language == ""


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example"])
async def test_signing_in_leads_nowhere_else(web: Web, path: str) -> None:
    await web.person("زهرا", "admin")
    form = {"name": "زهرا", "password": PASSWORD}
    answer = await web.browser().post(f"/sign-in?next={path}", form)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_nothing_is_read_without_bound(web: Web) -> None:
    browser = web.browser()
    large = await browser.post("/sign-in", {"name": "x", "password": "y" * 200_000})
    assert large.status == 413
    assert "Traceback" not in large.text


class TestProxies:
    """A proxy that has signed people in names them in a header."""

    @pytest.fixture
    def config(self) -> str:
        return CONFIG + 'login = "header"\ntrusted_proxies = ["127.0.0.1"]\n'

    async def test_it_names_people_who_work_here(self, web: Web) -> None:
        people.add(web.office, web.store, SHELL, "zahra", ["admin"], people.Profile())
        browser = web.browser()
        assert (await browser.get("/account", X_Remote_User="zahra")).status == 200
        assert (await browser.get("/account", X_Remote_User="mallory")).status == 403
        assert (await browser.get("/account")).status == 401
        assert (await browser.sign_in("zahra")).status == 404
        page = await browser.get("/account", X_Remote_User="zahra")
        form = {"form_key": page.form_key, "language": "en"}
        assert (await browser.post("/account/language", form, X_Remote_User="zahra")).status == 303
        people.add(web.office, web.store, SHELL, "ali", ["admin"], people.Profile())
        people.disable(web.store, SHELL, "zahra")
        assert (await browser.get("/account", X_Remote_User="zahra")).status == 403


async def test_nobody_else_is_believed(web: Web) -> None:
    people.add(web.office, web.store, SHELL, "zahra", ["admin"], people.Profile())
    answer = await web.browser().get("/account", X_Remote_User="zahra", X_Forwarded_For="10.0.0.1")
    assert answer.status == 401
