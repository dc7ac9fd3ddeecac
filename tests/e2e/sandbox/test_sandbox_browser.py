"""The page in a real browser: right to left, Persian, live, and safe from what was posted."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from broadcaster.sandbox.server import Running

TOKEN = "42:AAbrowserAAbrowserAAbrowserAAbrowserAAb"
EVIL = "<script>document.title = 'دزدیده'</script><img src=x onerror=\"document.title='دزدیده'\">"

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def page(browser_path: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox"]
        )
        yield await browser.new_page()
        await browser.close()


async def call(
    http: aiohttp.ClientSession,
    sandbox: Running,
    method: str,
    *,
    platform: str = "telegram",
    **params: object,
) -> int:
    """Id of the message that a call has posted or changed, 0 where it names none."""
    form = aiohttp.FormData()
    for name, value in {"chat_id": "@ministry_news", **params}.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="star.png", content_type="image/png")
        else:
            form.add_field(name, str(value))
    async with http.post(f"{sandbox.url}/{platform}/bot{TOKEN}/{method}", data=form) as answer:
        said = await answer.json()
        assert said["ok"], said
        return said["result"]["message_id"] if isinstance(said["result"], dict) else 0


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "#10596b").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("path", ["/", "/telegram/reader/s/ministry_news"])
async def test_a_channel_is_shown_as_its_readers_see_it(
    sandbox: Running, http: aiohttp.ClientSession, page: Page, path: str
) -> None:
    await call(http, sandbox, "sendMessage", text="<b>اطلاعیه</b> روز ۷ آذر", parse_mode="HTML")
    await call(http, sandbox, "sendPhoto", photo=picture(), caption="عکس روز")
    await page.goto(sandbox.url + path)
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    post = page.locator(".post").first
    assert await post.evaluate("each => getComputedStyle(each).direction") == "rtl"
    await expect(post.locator("b")).to_have_text("اطلاعیه")
    await expect(post.locator("time")).to_have_text(re.compile(r"^[۰-۹]{2}:[۰-۹]{2}$"))
    await expect(page.locator(".day")).to_have_text(re.compile(r"^\S+ [۰-۹]{1,2} \S+ [۰-۹]{4}$"))
    image = page.locator(".post img")
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("naturalWidth", 64)


async def test_changes_appear_without_a_reload(
    sandbox: Running, http: aiohttp.ClientSession, page: Page
) -> None:
    await page.goto(sandbox.url)
    await page.evaluate("window.stayed = true")
    first = await call(http, sandbox, "sendMessage", text="متن نخست")
    await expect(page.locator(".text")).to_have_text("متن نخست")
    await call(http, sandbox, "editMessageText", message_id=first, text="متن درست")
    await expect(page.locator(".text")).to_have_text("متن درست")
    await expect(page.locator(".mark.edited")).to_be_visible()
    await call(http, sandbox, "pinChatMessage", message_id=first)
    await expect(page.locator(".mark.pinned")).to_be_visible()
    await call(http, sandbox, "sendMessage", text="کانال دیگر", chat_id="@other")
    await expect(page.locator("section.channel")).to_have_count(2)
    await call(http, sandbox, "deleteMessage", message_id=first)
    await expect(page.locator(".post.gone")).to_have_count(1)
    assert await page.evaluate("window.stayed") is True


async def test_what_was_posted_runs_nothing(
    sandbox: Running, http: aiohttp.ClientSession, page: Page
) -> None:
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    await call(http, sandbox, "sendMessage", text=EVIL)
    link = "[پیوند](javascript:alert(1))"  # Telegram refuses such a link, Bale reads it
    await call(http, sandbox, "sendMessage", platform="bale", text=link)
    await call(http, sandbox, "sendPhoto", photo=picture(), caption=f'"{EVIL}')
    await page.goto(sandbox.url)
    await expect(page.locator(".text").first).to_have_text(EVIL)
    await expect(page.locator(".post img")).to_have_js_property("naturalWidth", 64)
    await expect(page.get_by_text("پیوند").first).to_be_visible()
    assert await page.title() == "سندباکس پیام‌رسان‌ها"
    assert await page.locator('main script, main [onerror], a[href^="javascript"]').count() == 0
    assert all(url.startswith((sandbox.url, "data:")) for url in outside)
