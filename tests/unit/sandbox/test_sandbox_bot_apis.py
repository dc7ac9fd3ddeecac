"""What the fakes of the Bot-API family hold their clients to."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adapters.bale.sandbox import parse_own_markdown

PNG = b"\x89PNG\r\n\x1a\n"


async def refused(client: Any, method: str, platform: str = "telegram", **params: Any) -> str:
    answer = await client.call(method, platform, **params)
    assert answer["ok"] is False
    assert answer["error_code"] == 400
    return str(answer["description"])


async def test_a_method_has_any_case_and_a_wrong_one_is_not_found(client: Any) -> None:
    assert (await client.call("GETME"))["ok"]
    assert await client.call("sendPigeon") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found",
    }
    async with client.session.get(f"{client.url}/telegram/botnotoken/getMe") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("name", ["attach://x", "x"])
async def test_an_album_names_its_parts_with_or_without_attach(client: Any, name: str) -> None:
    form = aiohttp.FormData({"chat_id": "@news"})
    media = [{"type": "photo", "media": name}, {"type": "photo", "media": "https://a.ir/b.png"}]
    form.add_field("media", json.dumps(media))
    form.add_field("x", PNG, filename="x.png")
    url = f"{client.url}/telegram/bot42:AA/sendMediaGroup"
    async with client.session.post(url, data=form) as answer:
        assert len((await answer.json())["result"]) == 2
    first, second = await client.control("messages")
    assert first["media"][0]["size"] == len(PNG)
    assert second["media"][0]["url"] == "https://a.ir/b.png"


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        (["photo"], "2 to 10"),
        (["photo"] * 11, "2 to 10"),
        (["photo", "document"], "document can't be mixed"),
        (["audio", "video"], "audio can't be mixed"),
        (["photo", "animation"], "can't use the media type animation"),
        (["photo", "sticker"], "can't use the media type sticker"),
    ],
)
async def test_an_album_is_refused_whole(client: Any, kinds: list[str], why: str) -> None:
    media = [{"type": kind, "media": "https://a.ir/b.png"} for kind in kinds]
    assert why in await refused(client, "sendMediaGroup", chat_id="@news", media=media)
    assert await client.control("messages") == []


async def test_a_caption_too_long_refuses_the_whole_album(client: Any) -> None:
    media = [{"type": "photo", "media": "https://a.ir/b.png"} for _ in range(2)]
    media[1]["caption"] = "ب" * 1025
    said = await refused(client, "sendMediaGroup", chat_id="@news", media=media)
    assert said == "Bad Request: message caption is too long"
    assert await client.control("messages") == []


async def test_a_file_belongs_to_its_bot_and_its_kind(client: Any) -> None:
    sent = await client.upload("sendDocument", "a.pdf", b"%PDF", chat_id="@news")
    file_id = sent["document"]["file_id"]
    assert "can't use file" in await refused(client, "sendPhoto", chat_id="@news", photo=file_id)
    url = f"{client.url}/telegram/bot43:AA/sendDocument"
    async with client.session.post(url, json={"chat_id": "@news", "document": file_id}) as answer:
        assert "wrong file identifier" in (await answer.json())["description"]


def png(width: int, height: int) -> bytes:
    """The head of a picture; nobody decodes the rest."""
    made = io.BytesIO()
    Image.new("1", (1, 1)).save(made, "PNG")
    head = b"IHDR" + struct.pack(">II", width, height) + made.getvalue()[24:29]
    return made.getvalue()[:12] + head + struct.pack(">I", zlib.crc32(head)) + made.getvalue()[33:]


@pytest.mark.parametrize(
    ("width", "height", "taken"),
    [
        (5000, 5000, True),
        (5001, 5000, False),
        (2000, 100, True),
        (2001, 100, False),
        (100, 2001, False),
        (14_000, 14_000, False),
    ],
)
async def test_a_photo_of_another_shape_is_refused(
    client: Any, width: int, height: int, taken: bool
) -> None:
    for names in (["photo"], ["x", "y"]):
        form = aiohttp.FormData({"chat_id": "@news"})
        for name in names:
            form.add_field(name, png(width, height) if name != "x" else PNG, filename="عکس.png")
        method = "sendPhoto"
        if len(names) > 1:
            method = "sendMediaGroup"
            album = [{"type": "photo", "media": f"attach://{name}"} for name in names]
            form.add_field("media", json.dumps(album))
        url = f"{client.url}/telegram/bot42:AA/{method}"
        async with client.session.post(url, data=form) as answer:
            said = await answer.json()
        assert said["ok"] is taken
        if not taken:
            assert said["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert len(await client.control("messages")) == (3 if taken else 0)
    as_file = await client.upload("sendDocument", "a.png", png(width, height), chat_id="@news")
    assert as_file["document"]


async def test_bale_counts_captions_by_the_method(client: Any) -> None:
    long = "ب" * 1025
    photo = {"chat_id": "@news", "photo": "https://a.ir/b.png", "caption": long}
    assert (await client.call("sendPhoto", "bale", **photo))["ok"]
    media = [{"type": "photo", "media": "https://a.ir/b.png", "caption": long} for _ in range(2)]
    said = await refused(client, "sendMediaGroup", "bale", chat_id="@news", media=media)
    assert said == "Bad Request: message caption is too long"
    gif = {"chat_id": "@news", "animation": "https://a.ir/b.gif", "caption": "شرح"}
    assert (await client.call("sendAnimation", "bale", **gif))["ok"]
    assert [each["text"] for each in await client.control("messages")] == [long, ""]


async def test_uploads_that_are_too_large_are_refused_as_entities(client: Any) -> None:
    form = aiohttp.FormData({"chat_id": "@news"})
    form.add_field("photo", io.BytesIO(bytes(10 * 2**20 + 1)), filename="x.png")
    async with client.session.post(f"{client.url}/bale/bot42:AA/sendPhoto", data=form) as answer:
        assert answer.status == 413
        assert (await answer.json())["error_code"] == 413


async def test_a_reply_needs_its_message_unless_it_says_otherwise(client: Any) -> None:
    reply: dict[str, Any] = {"message_id": 7}
    params = {"chat_id": "@news", "text": "پاسخ"}
    assert "replied not found" in await refused(
        client, "sendMessage", **params, reply_parameters=reply
    )
    reply["allow_sending_without_reply"] = True
    assert (await client.call("sendMessage", **params, reply_parameters=reply))["ok"]


async def test_a_long_text_fits_into_a_query(client: Any) -> None:
    params = {"chat_id": "@news", "text": "ب" * 4096}
    url = f"{client.url}/telegram/bot42:AA/sendMessage"
    async with client.session.get(url, params=params) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("said", "text", "marks"),
    [
        ("*درشت* و _کج_", "درشت و کج", ["bold", "italic"]),
        ("*دو واژه*\n_کج_", "دو واژه\nکج", ["bold", "italic"]),
        ("[پیوند](https://ble.ir) *x*.", "پیوند *x*.", ["text_link"]),
        ("(*x*) a*b*c 2*3*4", "(*x*) a*b*c 2*3*4", []),
        ("https://a.ir/b_c_d", "https://a.ir/b_c_d", []),
        ("```[عنوان]متن```", "عنوان\nمتن", ["blockquote"]),
    ],
)
def test_bales_markdown_needs_room_around_its_marks(said: str, text: str, marks: list[str]) -> None:
    marked = parse_own_markdown(said)
    assert marked.text == text
    assert [each["type"] for each in marked.entities()] == marks


@given(st.text(st.sampled_from(" \nآب‌12.،"), max_size=50))
def test_bale_shows_plain_text_as_it_is(text: str) -> None:
    assert parse_own_markdown(text).text == text


async def test_bale_has_no_silence_and_never_shows_its_markup(client: Any) -> None:
    params = {"chat_id": "@akhbar", "text": "*درشت* x", "disable_notification": True}
    sent = await client.call("sendMessage", "bale", **params)
    assert sent["result"]["text"] == "درشت x"
    assert "entities" not in sent["result"]
    (entry,) = await client.control("messages")
    assert (entry["silent"], entry["raw"]) == (False, "*درشت* x")


async def test_bale_refuses_a_bot_without_rights_in_its_own_way(client: Any) -> None:
    for platform, code in (("telegram", 400), ("bale", 403)):
        await client.control(
            "switches", {"platform": platform, "name": "rights", "value": "member"}
        )
        answer = await client.call("sendMessage", platform, chat_id="@news", text="سلام")
        assert answer["error_code"] == code
    chat = (await client.call("getChat", "bale", chat_id="@news"))["result"]
    assert chat["invite_link"] == "https://ble.ir/join/news"


async def test_a_bot_that_was_removed_is_told_so(opened: Callable[..., Any]) -> None:
    async with opened(None, telegram={"rights": "kicked"}) as client:
        for method, params in (
            ("sendMessage", {"text": "سلام"}),
            ("getChatMember", {"user_id": 42}),
        ):
            answer = await client.call(method, chat_id="@news", **params)
            assert answer["error_code"] == 403
            assert "kicked" in answer["description"]


async def test_bales_refusals_may_carry_empty_parameters(opened: Callable[..., Any]) -> None:
    async with opened(None, bale={"null_parameters": "on"}) as client:
        assert (await client.call("sendMessage", "bale", chat_id="", text="x")) == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: chat_id: must be a valid value",
            "parameters": None,
        }


async def test_bales_disputes_are_on_switches(opened: Callable[..., Any]) -> None:
    odd = {"reject_string_media_in_json": "on", "gateway_429": "on", "unknown_chat": "400"}
    async with opened(None, bale=odd) as client:
        params = {"chat_id": "@akhbar", "photo": "https://a.ir/b.png"}
        assert "malformed" in await refused(client, "sendPhoto", "bale", **params)
        url = f"{client.url}/bale/bot42:AA/sendPhoto"
        async with client.session.post(url, data=params) as answer:
            assert answer.status == 200
        assert "chat not found" in await refused(client, "getChat", "bale", chat_id="akhbar")
        await client.control("faults", {"platform": "bale", "kind": "429", "retry_after": 3})
        async with client.session.post(url, data=params) as answer:
            assert (answer.status, await answer.text()) == (429, "local_rate_limited")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("files/form.pdf", "Wrong HTTP URL"),
        ("http://localhost/x", "Wrong HTTP URL"),
        ("tel:123", "Wrong HTTP URL"),
        ("tel:+98", "Wrong port number specified in the URL"),
        ("https://host.ir:65536/", "Wrong port number specified in the URL"),
        ("/srv/form.pdf", "URL host is empty"),
        ("#anchor", "URL host is empty"),
        ("", "URL host is empty"),
        ("https://", "URL host is empty"),
        ("ftp://host.ir", "Unsupported URL protocol"),
        ("https://a b.ir", "Wrong URL host"),
        ("https://a%zz.ir", "Wrong percent-encoded symbol in URL host"),
        ("https://[x]/", "Wrong IPv6 address specified in the URL"),
        ("tg://a.b", "Unallowed characters in URL host"),
        ("tg://a:80", "Wrong tg URL"),
    ],
)
async def test_telegram_refuses_an_entity_that_leads_nowhere(
    client: Any, url: str, why: str
) -> None:
    entity = {"type": "text_link", "offset": 0, "length": 3, "url": url}
    said = await refused(client, "sendMessage", chat_id="@news", text="راه", entities=[entity])
    assert said == f"Bad Request: entity URL '{url}' is invalid: {why}"


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("https://mrud.ir", "https://mrud.ir"),
        ("tg://resolve?domain=a", "tg://resolve?domain=a"),
        ("www.mrud.ir", "http://www.mrud.ir/"),
        ("form.pdf/x", "http://form.pdf/x"),
        ("mailto:info@mrud.ir", "http://mailto:info@mrud.ir/"),
    ],
)
async def test_telegram_takes_a_target_without_protocol_for_a_host(
    client: Any, url: str, becomes: str
) -> None:
    entity = {"type": "text_link", "offset": 0, "length": 3, "url": url}
    answer = await client.call("sendMessage", chat_id="@news", text="راه", entities=[entity])
    assert answer["result"]["entities"] == [{**entity, "url": becomes}]


async def test_telegram_wants_a_target_for_a_link(client: Any) -> None:
    entity = {"type": "text_link", "offset": 0, "length": 3}
    said = await refused(client, "sendMessage", chat_id="@news", text="راه", entities=[entity])
    assert said.startswith("Bad Request: can't parse MessageEntity")
