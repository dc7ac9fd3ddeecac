"""The fake Eitaayar, called as its other clients call it."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest

PLATFORM = "eitaa"
TOKEN = "bot123456:d9c2a8f0-1111-2222-3333-444455556666"
CHANNEL = "10525463"
TEXT = "می‌خوانیم؛ 🇮🇷 نسخه‌ی ۲.۰"


async def call(wire: Any, method: str, **params: Any) -> tuple[int, Any]:
    answer: tuple[int, Any] = await wire.call(f"api/{TOKEN}/{method}", json=params)
    return answer


async def sent(wire: Any, **more: Any) -> Any:
    status, said = await call(wire, "sendMessage", **{"chat_id": CHANNEL, "text": TEXT, **more})
    assert (status, said["ok"]) == (200, True)
    return said["result"]


@pytest.mark.parametrize("method", ["getMe", "getme", "GETME", "getMe/"])
@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_the_owner_of_a_token_is_asked_in_many_ways(
    wire: Any, verb: str, method: str
) -> None:
    status, said = await wire.call(f"api/{TOKEN}/{method}", verb)
    assert (status, said["ok"]) == (200, True)
    assert set(said["result"]) == {"id", "is_bot", "first_name", "last_name", "username"}


@pytest.mark.parametrize(
    "how",
    [
        {"verb": "GET", "params": {"chat_id": CHANNEL, "text": TEXT, "pin": "0", "title": ""}},
        {"params": {"chat_id": CHANNEL}, "data": {"text": TEXT}},
        {"json": {"chat_id": int(CHANNEL), "text": TEXT, "date": None, "viewCountForDelete": -1}},
        {"verb": "GET", "json": {"chat_id": CHANNEL, "text": TEXT}},
        {"data": {"chat_id": "akhbar", "text": TEXT, "pin": "off", "reply_to_message_id": "0"}},
    ],
)
async def test_a_text_arrives_in_any_encoding(wire: Any, how: dict[str, Any]) -> None:
    status, said = await wire.call(f"api/{TOKEN}/SENDMESSAGE", **how)
    assert (status, said["result"]["text"]) == (200, TEXT)
    posted = await wire.last()
    assert (posted["text"], posted["silent"], posted["pinned"]) == (TEXT, False, False)
    assert (posted["reply_to"], posted["extra"]) == (None, {})


@pytest.mark.parametrize(
    ("value", "on"),
    [
        *((on, True) for on in (1, "1", True)),
        *((off, False) for off in (0, -1, "off", "", None, "<class 'Null'>")),
    ],
)
@pytest.mark.parametrize(
    ("name", "field"),
    [("pin", "pinned"), ("disable_notification", "silent"), ("notification_disable", "silent")],
)
async def test_flags_are_on_by_one_or_true(
    wire: Any, name: str, field: str, value: Any, on: bool
) -> None:
    await sent(wire, **{name: value})
    assert (await wire.last())[field] is on


async def test_only_the_documented_one_may_count_as_a_flag(wire: Any) -> None:
    await wire.switch("flags", "1")
    await wire.switch("notification_disable", "ignored")
    await sent(wire, pin=True, disable_notification=1, notification_disable=1)
    await sent(wire, notification_disable=1)
    first, second = await wire.messages()
    assert (first["pinned"], first["silent"], second["silent"]) == (False, True, False)


async def test_both_names_of_a_reply_are_taken(wire: Any) -> None:
    number = (await sent(wire))["message_id"]
    for name in ("reply_to_message_id", "id_message_to_reply"):
        await sent(wire, **{name: number})
        assert (await wire.last())["reply_to"] == str(number)


async def test_what_only_this_service_has_is_kept(wire: Any) -> None:
    said = {"title": "در پنل", "date": 1_900_000_000, "viewCountForDelete": 50}
    await sent(wire, **said)
    assert (await wire.last())["extra"] == {name: str(value) for name, value in said.items()}


@pytest.mark.parametrize("query", [False, True])
async def test_a_file_is_the_part_called_file(wire: Any, query: bool) -> None:
    fields = {"chat_id": CHANNEL, "caption": "شرح", "pin": "1"}
    form = aiohttp.FormData({} if query else fields, quote_fields=False)
    form.add_field("file", io.BytesIO(b"\x89PNG"), filename="عکس.png")
    how = {"params": fields} if query else {}
    status, said = await wire.call(f"api/{TOKEN}/sendFile", data=form, **how)
    assert (status, said["result"]["caption"]) == (200, "شرح")
    posted = await wire.last()
    assert (posted["text"], posted["pinned"], posted["media"][0]["name"]) == (
        "شرح",
        True,
        "عکس.png",
    )


@pytest.mark.parametrize(
    ("method", "params", "code", "word"),
    [
        ("sendMessage", {"chat_id": CHANNEL}, 400, "empty"),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م" * 4097}, 400, "too long"),
        ("sendMessage", {"text": "م"}, 400, "peer not found"),
        ("sendMessage", {"chat_id": "نام", "text": "م"}, 400, "peer not found"),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م", "date": "فردا"}, 400, "date"),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م", "reply_to_message_id": 9}, 400, "reply"),
        ("sendFile", {"chat_id": CHANNEL, "file": "https://a.ir/a.png"}, 400, "file invalid"),
        *(
            (method, {"chat_id": CHANNEL, "text": "م", "message_id": 1}, 404, "method not found")
            for method in (
                "sendPhoto",
                "sendDocument",
                "sendMediaGroup",
                "editMessageText",
                "deleteMessage",
                "getChat",
                "getChatMemberCount",
                "getUpdates",
            )
        ),
    ],
)
async def test_refusals(
    wire: Any, method: str, params: dict[str, Any], code: int, word: str
) -> None:
    status, said = await call(wire, method, **params)
    assert (status, said["ok"], said["error_code"]) == (code, False, code)
    assert word in said["description"]
    assert await wire.messages() == []


@pytest.mark.parametrize("token", [f"bot{TOKEN}", "app"])
async def test_what_is_no_token_posts_nothing(wire: Any, token: str) -> None:
    params = {"token": TOKEN, "chat_id": CHANNEL, "text": TEXT}
    status, said = await wire.call(f"api/{token}/sendMessage", json=params)
    assert (status, said["description"]) == (401, "Unauthorized")
    assert await wire.messages() == []


@pytest.mark.parametrize(
    ("switches", "address", "code", "word"),
    [
        ({"token": "revoked"}, CHANNEL, 401, "Unauthorized"),
        ({"token": "revoked", "token_error": "404"}, CHANNEL, 404, "method not found"),
        ({"rights": "none"}, CHANNEL, 403, "user not access of channel chat"),
        ({"rights": "unknown"}, CHANNEL, 400, "peer not found"),
        ({"usernames": "403"}, "akhbar", 403, "user not access of channel chat"),
        ({"usernames": "403"}, CHANNEL, 0, ""),
    ],
)
async def test_disputes_are_on_switches(
    wire: Any, switches: dict[str, str], address: str, code: int, word: str
) -> None:
    for name, value in switches.items():
        await wire.switch(name, value)
    status, said = await call(wire, "sendMessage", chat_id=address, text=TEXT)
    assert status == (code or 200)
    assert word in said.get("description", "")


async def test_a_refusal_may_come_under_http_200_and_with_persian_html(wire: Any) -> None:
    await wire.switch("status", "200")
    await wire.switch("error_text", "both")
    status, said = await call(wire, "sendMessage", chat_id=CHANNEL)
    assert (status, said["error_code"]) == (200, 400)
    assert said["error"].startswith("<b>خطا</b>")


async def test_one_summary_has_a_second_name_for_files(wire: Any) -> None:
    await wire.switch("send_document", "there")
    form = aiohttp.FormData({"chat_id": CHANNEL})
    form.add_field("document", io.BytesIO(b"%PDF"), filename="a.pdf")
    assert (await wire.call(f"api/{TOKEN}/sendDocument", data=form))[0] == 200
    assert (await wire.last())["media"][0]["kind"] == "document"


async def test_a_success_may_name_no_message(wire: Any) -> None:
    await wire.switch("success", "status")
    assert await call(wire, "getMe") == (200, {"status": "success"})
    assert await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT) == (
        200,
        {"status": "success"},
    )
    assert (await wire.last())["text"] == TEXT


async def test_a_rate_limit_is_told_in_words(wire: Any) -> None:
    await wire.arm("429", retry_after=5, channel=CHANNEL)
    assert (await sent(wire, chat_id="akhbar"))["chat"]["username"] == "akhbar"
    status, said = await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT)
    assert (status, said["description"]) == (429, "Too Many Requests: retry after 5")
