"""The fake Gap, called as its other clients call it."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

PLATFORM = "gap"
TOKEN = {"token": "a1B2" * 16}
CHANNEL = "@akhbar"
TEXT = "می‌خوانیم؛ 🇮🇷 نسخه‌ی ۲.۰"
PNG, PDF, MP3 = b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"ID3\x04"


async def call(wire: Any, method: str, **params: Any) -> tuple[int, Any]:
    answer: tuple[int, Any] = await wire.call(method, data=params, headers=TOKEN)
    return answer


async def sent(wire: Any, **more: Any) -> int:
    params = {"chat_id": CHANNEL, "type": "text", "data": TEXT, **more}
    status, said = await call(wire, "sendMessage", **params)
    assert (status, set(said)) == (200, {"id"})
    return int(said["id"])


async def uploaded(wire: Any, part: str, content: bytes, **named: Any) -> tuple[int, Any]:
    form = aiohttp.FormData({"chat_id": CHANNEL}, quote_fields=False)
    form.add_field(part, content, **{"filename": part, **named})
    answer: tuple[int, Any] = await wire.call("upload", data=form, headers=TOKEN)
    return answer


@pytest.mark.parametrize(
    "how",
    [
        {"data": {"chat_id": CHANNEL, "type": "text", "data": TEXT}},
        {"data": {"chat_id": "123456", "type": "text", "data": TEXT, "inline_keyboard": "[]"}},
        {"json": {"chat_id": 123456, "type": "text", "data": TEXT, "form": None}},
        {"params": {"chat_id": "+989120000000", "type": "text", "data": TEXT}},
    ],
)
async def test_a_text_arrives_in_any_encoding(wire: Any, how: dict[str, Any]) -> None:
    status, said = await wire.call("SENDMESSAGE", headers=TOKEN, **how)
    assert (status, type(said["id"])) == (200, int)
    assert (await wire.last())["text"] == TEXT


@pytest.mark.parametrize(
    ("method", "params", "status"),
    [
        ("sendMessage", {"type": "text", "data": "م"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "data": "م"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "picture", "data": "م"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "text"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "text", "data": "م" * 4097}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "text", "data": "م", "form": "{"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "image", "data": "عکس"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "type": "image", "data": '{"SID": "x"}'}, 400),
        ("sendMessage", {"chat_id": "akhbar", "type": "text", "data": "م"}, 403),
        ("editMessage", {"chat_id": CHANNEL, "message_id": "9", "data": "م"}, 400),
        ("deleteMessage", {"chat_id": CHANNEL}, 400),
        ("sendAction", {"chat_id": CHANNEL, "type": "dancing"}, 400),
        ("getMe", {}, 404),
        ("pinMessage", {"chat_id": CHANNEL}, 404),
    ],
)
async def test_refusals_have_a_status_and_an_error(
    wire: Any, method: str, params: dict[str, Any], status: int
) -> None:
    got, said = await call(wire, method, **params)
    assert (got, set(said)) == (status, {"error"})
    assert await wire.messages() == []


async def test_a_token_and_a_chat_are_refused_alike(wire: Any) -> None:
    params = {"chat_id": CHANNEL, "type": "typing"}
    nameless = await wire.call("sendAction", data=params)
    await wire.switch("rights", "none")
    forbidden = await call(wire, "sendAction", **params)
    await wire.switch("rights", "admin")
    await wire.switch("token", "revoked")
    revoked = await call(wire, "sendAction", **params)
    assert nameless == forbidden == revoked
    assert forbidden[0] == 403


async def test_the_documented_length_of_a_token_may_be_asked_for(wire: Any) -> None:
    await wire.switch("token_length", "64")
    params = {"chat_id": CHANNEL, "type": "typing"}
    assert (await wire.call("sendAction", data=params, headers={"token": "short"}))[0] == 403
    assert (await call(wire, "sendAction", **params))[0] == 200


@pytest.mark.parametrize(
    ("part", "content", "kind"),
    [
        ("image", PNG, "photo"),
        ("video", b"\0\0\0\x18ftypmp42", "video"),
        ("audio", MP3, "audio"),
        ("voice", b"OggS", "voice"),
        ("file", PDF, "document"),
        ("file", PNG, "document"),
    ],
)
async def test_a_file_without_name_and_type_is_sent_by_its_descriptor(
    wire: Any, part: str, content: bytes, kind: str
) -> None:
    status, descriptor = await uploaded(wire, part, content)
    assert (status, descriptor["type"], descriptor["filesize"]) == (200, part, len(content))
    assert descriptor["path"].startswith("http://localhost:")
    said = json.dumps({**descriptor, "desc": "شرح"})
    await sent(wire, type=part, data=said)
    posted = await wire.last()
    assert (posted["text"], posted["media"][0]["kind"]) == ("شرح", kind)
    assert (await wire.call(descriptor["path"], "GET"))[1] == content
    assert not any(each["leaked"] for each in await wire.requests())


@pytest.mark.parametrize(
    ("part", "content", "named"),
    [
        ("image", PDF, {}),
        ("audio", PNG, {}),
        ("video", MP3, {}),
        ("image", b"anything", {"filename": "a.mp4"}),
        ("voice", b"anything", {"content_type": "video/mp4"}),
    ],
)
async def test_a_file_of_another_kind_is_a_500(
    wire: Any, part: str, content: bytes, named: dict[str, str]
) -> None:
    assert (await uploaded(wire, part, content, **named))[0] == 500


async def test_an_upload_needs_a_part_named_after_its_kind(wire: Any) -> None:
    assert (await uploaded(wire, "photo", PNG))[0] == 400


async def test_a_descriptor_is_of_its_account_and_kind(wire: Any) -> None:
    _, descriptor = await uploaded(wire, "image", PNG)
    params = {"chat_id": CHANNEL, "type": "image", "data": json.dumps(descriptor)}
    other = {"token": "z" * 64}
    assert (await wire.call("sendMessage", data=params, headers=other))[0] == 400
    assert (await call(wire, "sendMessage", **params | {"type": "video"}))[0] == 400


async def test_texts_and_captions_are_edited_and_messages_deleted(wire: Any) -> None:
    text = await sent(wire)
    _, descriptor = await uploaded(wire, "image", PNG)
    photo = await sent(wire, type="image", data=json.dumps(descriptor))
    changed = json.dumps({**descriptor, "desc": "شرح نو"})
    for number, data in ((text, "متن نو"), (photo, changed)):
        edited = await call(wire, "editMessage", chat_id=CHANNEL, message_id=number, data=data)
        assert edited == (200, {})
    assert [each["text"] for each in await wire.messages()] == ["متن نو", "شرح نو"]
    await wire.switch("caption_edit", "refused")
    edited = await call(wire, "editMessage", chat_id=CHANNEL, message_id=photo, data=changed)
    assert edited[0] == 400
    assert (await call(wire, "deleteMessage", chat_id=CHANNEL, message_id=text))[0] == 200
    assert (await call(wire, "deleteMessage", chat_id=CHANNEL, message_id=text))[0] == 400


async def test_a_broken_service_answers_everything_with_405(wire: Any) -> None:
    await wire.switch("service", "broken")
    assert (await call(wire, "sendMessage", chat_id=CHANNEL, type="text", data="م"))[0] == 405
    await wire.switch("service", "works")
    assert (await wire.call("sendMessage", "GET", headers=TOKEN))[0] == 405


@pytest.mark.parametrize(("value", "status"), [("429", 429), ("retry-after", 429), ("403", 403)])
async def test_how_a_rate_limit_is_answered_is_on_a_switch(
    wire: Any, value: str, status: int
) -> None:
    await wire.switch("rate_limit", value)
    await wire.arm("429", retry_after=3)
    got, said = await call(wire, "sendMessage", chat_id=CHANNEL, type="text", data="م")
    assert (got, set(said)) == (status, {"error"})
    assert await sent(wire)
