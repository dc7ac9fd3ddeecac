"""The fake Soroush Plus, called as its other clients call it."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest

PLATFORM = "soroush"
TOKEN = "12345678:abcDEF_secret"
CHANNEL = 10024428989
TEXT = "می‌خوانیم؛ 🇮🇷 نسخه‌ی ۲.۰"


async def call(wire: Any, method: str, **params: Any) -> tuple[int, Any]:
    answer: tuple[int, Any] = await wire.call(f"bot{TOKEN}/{method}", json=params)
    return answer


async def sent(wire: Any, **more: Any) -> Any:
    status, said = await call(wire, "sendMessage", **{"chat_id": CHANNEL, "text": TEXT, **more})
    assert (status, said["ok"]) == (200, True)
    return said["result"]


async def filed(wire: Any, method: str, part: str, **params: Any) -> Any:
    """The message of an upload, as multipart."""
    form = aiohttp.FormData({"chat_id": str(CHANNEL), **params}, quote_fields=False)
    form.add_field(part, io.BytesIO(b"\x89PNG"), filename="عکس.png")
    status, said = await wire.call(f"bot{TOKEN}/{method}", data=form)
    assert status == 200, said
    return said["result"]


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"chat_id": CHANNEL, "text": TEXT, "parse_mode": None, "entities": None}},
        {"json": {"chat_id": "@akhbar", "text": TEXT}},
        {"data": {"chat_id": CHANNEL, "text": TEXT, "parse_mode": ""}},
        {"verb": "GET", "params": {"chat_id": CHANNEL, "text": TEXT}},
        {"verb": "GET", "json": {"chat_id": CHANNEL, "text": TEXT}},
    ],
)
async def test_a_text_arrives_in_any_encoding(wire: Any, how: dict[str, Any]) -> None:
    _, said = await wire.call(f"bot{TOKEN}/sendmessage", **how)
    assert said["result"]["text"] == TEXT
    assert (said["result"]["chat"]["type"], (await wire.last())["text"]) == ("channel", TEXT)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"text": "<b>فوری:</b> متن", "parse_mode": "HTML"}, "فوری: متن"),
        ({"text": "*فوری:* متن", "parse_mode": "Markdown"}, "فوری: متن"),
        ({"text": "*فوری* متن", "parse_mode": "MarkdownV2"}, "فوری متن"),
        (
            {"text": "فوری متن", "entities": [{"type": "bold", "offset": 0, "length": 4}]},
            "فوری متن",
        ),
    ],
)
async def test_markup_is_taken_in_all_its_forms(wire: Any, how: dict[str, Any], text: str) -> None:
    await sent(wire, **how)
    posted = await wire.last()
    assert (posted["text"], posted["entities"][0]["type"]) == (text, "bold")


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("photo", "sendPhoto"),
        ("video", "sendVideo"),
        ("document", "sendDocument"),
        ("audio", "sendAudio"),
        ("voice", "sendVoice"),
        ("animation", "sendAnimation"),
        ("video_note", "sendVideoNote"),
    ],
)
async def test_files_go_up_and_come_down(wire: Any, kind: str, method: str) -> None:
    said = await filed(wire, method, kind, caption="شرح")
    found = said[kind][-1] if kind == "photo" else said[kind]
    assert said["caption"] == "شرح"
    _, file = await call(wire, "getFile", file_id=found["file_id"])
    path = file["result"]["file_path"]
    assert await wire.call(f"file/bot{TOKEN}/{path}", "GET") == (200, b"\x89PNG")
    again = await call(wire, method, chat_id=CHANNEL, **{kind: found["file_id"]})
    assert again[0] == 200


@pytest.mark.parametrize("prefix", ["attach://", ""])
async def test_an_album_names_its_parts(wire: Any, prefix: str) -> None:
    media = [{"type": "photo", "media": f"{prefix}p{n}", "caption": f"شرح {n}"} for n in (1, 2)]
    form = aiohttp.FormData({"chat_id": str(CHANNEL), "media": json.dumps(media)})
    for n in (1, 2):
        form.add_field(f"p{n}", io.BytesIO(b"\x89PNG%d" % n), filename=f"{n}.png")
    _, said = await wire.call(f"bot{TOKEN}/sendMediaGroup", data=form)
    assert [each["caption"] for each in said["result"]] == ["شرح 1", "شرح 2"]
    assert len({each["media_group_id"] for each in said["result"]}) == 1


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("sendMessage", {"chat_id": CHANNEL}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م" * 4097}, 400),
        ("sendMessage", {"text": "م"}, 400),
        ("sendMessage", {"chat_id": "akhbar", "text": "م"}, 400),
        ("sendMessage", {"chat_id": CHANNEL, "text": "<b>م", "parse_mode": "HTML"}, 400),
        ("sendPhoto", {"chat_id": CHANNEL, "photo": "x", "caption": "م"}, 400),
        ("sendMediaGroup", {"chat_id": CHANNEL, "media": []}, 400),
        ("deleteMessage", {"chat_id": CHANNEL, "message_id": 9}, 400),
        ("pinChatMessage", {"chat_id": CHANNEL, "message_id": 9}, 404),
        ("sendChatAction", {"chat_id": CHANNEL, "action": "typing"}, 404),
        ("getChatMemberCount", {"chat_id": CHANNEL}, 404),
        ("getChatMembersCount", {"chat_id": CHANNEL}, 404),
        ("deleteMessages", {"chat_id": CHANNEL, "message_ids": [9]}, 404),
    ],
)
async def test_refusals(wire: Any, method: str, params: dict[str, Any], code: int) -> None:
    status, said = await call(wire, method, **params)
    assert (status, said["ok"], said["error_code"]) == (code, False, code)
    assert said["description"]
    assert await wire.messages() == []


async def test_a_caption_is_shorter_than_a_text(wire: Any) -> None:
    form = aiohttp.FormData({"chat_id": str(CHANNEL), "caption": "م" * 1025})
    form.add_field("photo", io.BytesIO(b"\x89PNG"), filename="a.png")
    assert (await wire.call(f"bot{TOKEN}/sendPhoto", data=form))[0] == 400


async def test_no_message_is_silent_and_the_newer_names_are_unknown(wire: Any) -> None:
    number = (await sent(wire, disable_notification=True))["message_id"]
    newer = {
        "reply_parameters": {"message_id": number},
        "link_preview_options": {"is_disabled": True},
    }
    await sent(wire, **newer)
    plain = ("silent", "reply_to", "preview")
    assert [[each[name] for name in plain] for each in await wire.messages()] == [
        [False, None, True]
    ] * 2
    await sent(wire, reply_to_message_id=number, disable_web_page_preview=True)
    older = await wire.last()
    await wire.switch("newer_names", "known")
    await sent(wire, **newer)
    known = await wire.last()
    assert [older[name] for name in plain] == [known[name] for name in plain]
    assert older["reply_to"] == str(number)


async def test_messages_are_edited_copied_and_deleted(wire: Any) -> None:
    number = (await sent(wire))["message_id"]
    photo = (await filed(wire, "sendPhoto", "photo", caption="شرح"))["message_id"]
    at = {"chat_id": CHANNEL, "message_id": number}
    assert (await call(wire, "editMessageText", **at, text="نو"))[1]["result"]["text"] == "نو"
    there = {"chat_id": CHANNEL, "message_id": photo}
    assert (await call(wire, "editMessageCaption", **there, caption="نو"))[0] == 200
    media = {"type": "document", "media": "attach://new", "caption": "پرونده"}
    form = aiohttp.FormData(
        {"chat_id": str(CHANNEL), "message_id": str(photo), "media": json.dumps(media)}
    )
    form.add_field("new", io.BytesIO(b"%PDF"), filename="a.pdf")
    _, changed = await wire.call(f"bot{TOKEN}/editMessageMedia", data=form)
    assert (changed["result"]["caption"], "document" in changed["result"]) == ("پرونده", True)
    for method in ("copyMessage", "forwardMessage"):
        assert (await call(wire, method, **at, from_chat_id=CHANNEL))[0] == 200
    assert (await call(wire, "deleteMessage", **at))[1]["result"] is True
    assert [each["deleted"] for each in await wire.messages()] == [True, False, False, False]


@pytest.mark.parametrize("address", [CHANNEL, "@akhbar"])
async def test_posts_to_channels_may_be_refused(wire: Any, address: object) -> None:
    await wire.switch("channel_posts", "refused")
    status, said = await call(wire, "sendMessage", chat_id=address, text=TEXT)
    assert (status, said["error_code"]) == (403, 403)
    assert (await call(wire, "getMe"))[0] == 200
    assert (await sent(wire, chat_id=6912345678))["chat"]["type"] == "private"


@pytest.mark.parametrize(
    ("switch", "value", "method", "params"),
    [
        ("coming_soon", "there", "pinChatMessage", {"message_id": 1}),
        ("coming_soon", "there", "unpinChatMessage", {"message_id": 1}),
        ("chat_action", "there", "sendChatAction", {"action": "typing"}),
        ("count", "getChatMemberCount", "getChatMemberCount", {}),
        ("count", "getChatMembersCount", "getChatMembersCount", {}),
    ],
)
async def test_what_is_not_there_yet_is_on_switches(
    wire: Any, switch: str, value: str, method: str, params: dict[str, Any]
) -> None:
    await sent(wire)
    assert (await call(wire, method, chat_id=CHANNEL, **params))[0] == 404
    await wire.switch(switch, value)
    assert (await call(wire, method, chat_id=CHANNEL, **params))[0] == 200


async def test_a_chat_is_told_unless_the_switch_says_no(wire: Any) -> None:
    _, said = await call(wire, "getChat", chat_id=CHANNEL)
    assert {"id": CHANNEL, "type": "channel"}.items() <= said["result"].items()
    await wire.switch("get_chat", "absent")
    assert (await call(wire, "getChat", chat_id=CHANNEL))[0] == 404


async def test_what_is_no_token_is_unauthorized(wire: Any) -> None:
    assert (await wire.call("botnonsense/getMe"))[1]["error_code"] == 401


async def test_a_rate_limit_names_its_delay(wire: Any) -> None:
    await wire.arm("429", retry_after=5)
    status, said = await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT)
    assert (status, said["parameters"]) == (429, {"retry_after": 5})
    await wire.switch("token", "revoked")
    status, said = await call(wire, "getMe")
    assert (status, said["description"]) == (401, "Unauthorized")
