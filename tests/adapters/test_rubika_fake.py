"""The fake Rubika, called as its other clients call it."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest

PLATFORM = "rubika"
TOKEN = "ABCDEFGH" * 8
CHANNEL = "c0BkVsC0a1b2c3d4e5f60718293a4b5c"
TEXT = "می‌خوانیم؛ 🇮🇷 نسخه‌ی ۲.۰"


async def call(wire: Any, method: str, **params: Any) -> Any:
    """The envelope; Rubika never answers with another status than 200."""
    status, said = await wire.call(f"v3/{TOKEN}/{method}", json=params)
    assert status == 200
    return said


async def sent(wire: Any, **more: Any) -> str:
    said = await call(wire, "sendMessage", **{"chat_id": CHANNEL, "text": TEXT, **more})
    assert said["status"] == "OK"
    return str(said["data"]["message_id"])


async def uploaded(wire: Any, kind: str = "Image", **headers: str) -> tuple[str, Any]:
    """The address of an upload, and the answer of the second host."""
    url = (await call(wire, "requestSendFile", type=kind))["data"]["upload_url"]
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", b"\x89PNG", filename="عکس.png", content_type="application/octet-stream")
    _, said = await wire.call(url, data=form, headers=headers)
    return url, said


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("getMe", {}),
        ("getMe", {"json": {}}),
        ("getme", {"verb": "GET"}),
        ("GETME/", {"headers": {"Content-Type": "application/json"}}),
    ],
)
async def test_who_am_i_is_asked_in_many_ways(wire: Any, path: str, how: dict[str, Any]) -> None:
    status, said = await wire.call(f"v3/{TOKEN}/{path}", **how)
    assert (status, said["status"]) == (200, "OK")
    assert {"bot_id", "bot_title", "avatar", "username"} <= set(said["data"]["bot"])


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"chat_id": CHANNEL, "text": TEXT}},
        {"json": {"chat_id": CHANNEL, "text": TEXT, "metadata": None, "inline_keypad": None}},
        {"data": {"chat_id": CHANNEL, "text": TEXT}},
        {"verb": "GET", "params": {"chat_id": CHANNEL, "text": TEXT}},
        {"verb": "GET", "json": {"chat_id": CHANNEL, "text": TEXT}},
    ],
)
async def test_a_text_arrives_in_any_encoding(wire: Any, how: dict[str, Any]) -> None:
    _, said = await wire.call(f"v3/{TOKEN}/sendMessage", **how)
    assert isinstance(said["data"]["message_id"], str)
    assert (await wire.last())["text"] == TEXT


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendMessage", {"chat_id": CHANNEL}),
        ("sendMessage", {"chat_id": CHANNEL, "text": " "}),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م" * 4097}),
        ("sendMessage", {"chat_id": "12345", "text": "م"}),
        ("sendMessage", {"text": "م"}),
        ("sendMessage", {"chat_id": CHANNEL, "text": "م", "reply_to_message_id": "9"}),
        ("sendFile", {"chat_id": CHANNEL, "file_id": "nobody-knows"}),
        ("requestSendFile", {"type": "Photo"}),
        ("editMessageText", {"chat_id": CHANNEL, "message_id": "9", "text": "م"}),
        ("deleteMessage", {"chat_id": CHANNEL}),
        ("forwardMessage", {"to_chat_id": CHANNEL, "message_id": "9"}),
        ("getChatMember", {"chat_id": CHANNEL}),
        ("sendMediaGroup", {"chat_id": CHANNEL, "media": []}),
        ("pinChatMessage", {"chat_id": CHANNEL, "message_id": "9"}),
        ("getChatMemberCount", {"chat_id": CHANNEL}),
    ],
)
async def test_bad_input_is_refused_under_http_200(
    wire: Any, method: str, params: dict[str, Any]
) -> None:
    said = await call(wire, method, **params)
    assert said["status"] == "INVALID_INPUT"
    assert said["dev_message"]
    assert await wire.messages() == []


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        ({"type": "Bold", "from_index": 0, "length": 9}, True),
        ({"type": "Link", "from_index": 0, "length": 3, "link_url": "https://a.ir"}, True),
        ({"type": "Italic", "from_index": 11, "length": 4}, True),  # the flag, in UTF-16 units
        ({"type": "Bold", "from_index": 20, "length": 99}, False),
        ({"type": "Bold", "from_index": -1, "length": 2}, False),
        ({"type": "Bold", "from_index": 0, "length": 0}, False),
        ({"type": "bold", "from_index": 0, "length": 2}, False),
        ({"type": "Link", "from_index": 0, "length": 3}, False),
        ({"type": "MentionText", "from_index": 0, "length": 3}, False),
        ("Bold", False),
    ],
)
async def test_styles_are_checked(wire: Any, part: Any, taken: bool) -> None:
    metadata = {"meta_data_parts": [part]}
    said = await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT, metadata=metadata)
    assert said["status"] == ("OK" if taken else "INVALID_INPUT")
    if taken:
        (entity,) = (await wire.last())["entities"]
        assert (entity["offset"], entity["length"]) == (part["from_index"], part["length"])


async def test_a_file_goes_up_on_a_second_host_without_the_token(wire: Any) -> None:
    url, answer = await uploaded(wire)
    assert TOKEN not in url
    assert url.startswith("http://localhost:")
    said = await call(
        wire, "sendFile", chat_id=CHANNEL, file_id=answer["data"]["file_id"], text="شرح"
    )
    assert said["status"] == "OK"
    posted = await wire.last()
    assert (posted["text"], posted["media"][0]["kind"]) == ("شرح", "photo")
    assert posted["media"][0]["name"] == "عکس.png"
    assert [each["leaked"] for each in await wire.requests()] == [False, False, False]


@pytest.mark.parametrize(
    ("kind", "content", "taken"),
    [
        ("Image", b"\xff\xd8\xff\xe0", True),
        ("Image", b"GIF89a", True),
        ("Image", b"RIFF\0\0\0\0WEBPVP8 ", True),
        ("Image", b"II*\0 a tiff", False),
        ("Image", b"\x89PNG" + bytes(10_000_000), False),
        ("Video", b"\0\0\0\x18ftypmp42", True),
        ("Video", b"\x1aE\xdf\xa3 matroska", False),
        ("Gif", b"GIF89a", False),
        ("Music", b"ID3\4", True),
        ("Voice", b"\xff\xfb\x90\x64", True),
        ("Voice", b"OggS\0", False),
        ("File", b"OggS\0", True),
        ("File", bytes(10_000_001), True),
    ],
)
async def test_each_type_of_file_has_its_formats_and_size(
    wire: Any, kind: str, content: bytes, taken: bool
) -> None:
    url = (await call(wire, "requestSendFile", type=kind))["data"]["upload_url"]
    status, said = await wire.call(url, data={"file": io.BytesIO(content)})
    good = status == 200 and said["status"] == "OK"
    assert good is taken


async def test_one_bad_part_of_the_metadata_fails_the_whole_request(wire: Any) -> None:
    good = {"type": "Bold", "from_index": 0, "length": 4}
    mention = {"type": "MentionText", "from_index": 0, "length": 2, "mention_text_user_id": "u0"}
    cases: list[tuple[dict[str, Any], str, bool]] = [
        (good, CHANNEL, True),
        ({**good, "from_index": True}, CHANNEL, False),
        ({**good, "type": "Link", "link_url": 5}, CHANNEL, False),
        ({**good, "from_index": 1, "length": 1}, CHANNEL, False),  # half of a letter
        (mention, CHANNEL, False),
        (mention, "g0abcdef12", True),
    ]
    for part, chat, taken in cases:
        metadata = {"meta_data_parts": [good, part]}
        said = await call(wire, "sendMessage", chat_id=chat, text="🙂🙂", metadata=metadata)
        assert (said["status"] == "OK") is taken, part
    assert len(await wire.messages()) == 2


async def test_a_token_that_leaks_to_the_second_host_shows(wire: Any) -> None:
    await uploaded(wire, Authorization=f"Bearer {TOKEN}")
    assert [each["leaked"] for each in await wire.requests()] == [False, True]


async def test_a_file_belongs_to_its_account(wire: Any) -> None:
    _, answer = await uploaded(wire)
    params = {"chat_id": CHANNEL, "file_id": answer["data"]["file_id"]}
    _, said = await wire.call(f"v3/{TOKEN[::-1]}/sendFile", json=params)
    assert said["status"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("both", {"status", "file_id", "data"}),
        ("data", {"status", "data"}),
        ("top", {"status", "file_id"}),
    ],
)
async def test_where_an_upload_names_the_file_is_on_a_switch(
    wire: Any, value: str, keys: set[str]
) -> None:
    await wire.switch("file_id", value)
    assert set((await uploaded(wire))[1]) == keys


async def test_an_upload_address_may_be_good_for_one_file_only(wire: Any) -> None:
    await wire.switch("upload_url", "once")
    url, answer = await uploaded(wire)
    assert answer["status"] == "OK"
    _, again = await wire.call(url, data={"file": io.BytesIO(b"x")})
    assert again["status"] == "INVALID_INPUT"


async def test_what_was_sent_is_edited_forwarded_and_deleted(wire: Any) -> None:
    number = await sent(wire, disable_notification=True)
    assert (await wire.last())["silent"] is True
    edited = await call(wire, "editMessageText", chat_id=CHANNEL, message_id=number, text="درست شد")
    assert edited == {"status": "OK", "data": {}}
    said = await call(
        wire, "forwardMessage", from_chat_id=CHANNEL, message_id=number, to_chat_id="g0abcdef12"
    )
    assert isinstance(said["data"]["new_message_id"], str)
    assert (await call(wire, "deleteMessage", chat_id=CHANNEL, message_id=number))["status"] == "OK"
    gone = await call(wire, "deleteMessage", chat_id=CHANNEL, message_id=number)
    assert gone["status"] == "INVALID_INPUT"
    first, second = await wire.messages()
    assert (first["text"], first["deleted"], second["text"]) == ("درست شد", True, "درست شد")


@pytest.mark.parametrize(("rights", "word"), [("none", "not a member of the chat"), ("member", "")])
async def test_no_right_and_a_bad_token_share_a_status_that_getme_tells_apart(
    wire: Any, rights: str, word: str
) -> None:
    await wire.switch("rights", rights)
    refused = await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT)
    assert refused["status"] == "INVALID_ACCESS"
    assert word in refused["dev_message"]
    assert (await call(wire, "getMe"))["status"] == "OK"
    await wire.switch("token", "revoked")
    assert (await call(wire, "getMe"))["status"] == "INVALID_ACCESS"


@pytest.mark.parametrize(
    ("value", "status", "word"),
    [
        ("TOO_REQUESTS", 200, "TOO_REQUESTS"),
        ("TOO_REQUEST", 200, "TOO_REQUEST"),
        ("429", 429, "TOO_REQUESTS"),
    ],
)
async def test_a_rate_limit_names_no_delay(wire: Any, value: str, status: int, word: str) -> None:
    await wire.switch("rate_limit", value)
    await wire.arm("429", retry_after=7)
    answer = await wire.call(f"v3/{TOKEN}/sendMessage", json={"chat_id": CHANNEL, "text": TEXT})
    assert answer == (status, {"status": word, "dev_message": "too many requests"})
    assert await sent(wire)


async def test_a_broken_server_says_so_in_a_status_or_in_html(wire: Any) -> None:
    await wire.arm("5xx", count=2)
    said = await call(wire, "sendMessage", chat_id=CHANNEL, text=TEXT)
    assert said["status"] == "SERVER_ERROR"
    await wire.switch("server_error", "502")
    status, page = await wire.call(f"v3/{TOKEN}/sendMessage", json={"chat_id": CHANNEL})
    assert (status, page[:6]) == (502, b"<html>")


@pytest.mark.parametrize(
    ("address", "kind"), [(CHANNEL, "Channel"), ("g0abcdef12", "Group"), ("u0abcdef12", "User")]
)
async def test_a_chat_is_what_its_guid_says(wire: Any, address: str, kind: str) -> None:
    said = await call(wire, "getChat", chat_id=address)
    assert said["data"]["chat"]["chat_type"] == kind


async def test_a_name_is_a_chat_unless_the_switch_says_no(wire: Any) -> None:
    assert (await call(wire, "getChat", chat_id="@akhbar"))["data"]["chat"]["username"] == "akhbar"
    await wire.switch("usernames", "refused")
    refused = await call(wire, "sendMessage", chat_id="@akhbar", text=TEXT)
    assert refused["status"] == "INVALID_INPUT"


async def test_ids_may_have_to_be_strings(wire: Any) -> None:
    number = int(await sent(wire))
    await wire.switch("ids", "strings")
    params = {"chat_id": CHANNEL, "text": "نو"}
    refused = await call(wire, "editMessageText", **params, message_id=number)
    assert refused["status"] == "INVALID_INPUT"
    assert (await call(wire, "editMessageText", **params, message_id=str(number)))["status"] == "OK"


async def test_what_one_library_binds_is_there_by_switch(wire: Any) -> None:
    number = await sent(wire)
    await wire.switch("undocumented", "there")
    await wire.switch("members", "77")
    pinned = await call(wire, "pinChatMessage", chat_id=CHANNEL, message_id=number)
    assert pinned["status"] == "OK"
    assert (await wire.last())["pinned"] is True
    await call(wire, "unpinChatMessage", chat_id=CHANNEL, message_id="")
    assert (await wire.last())["pinned"] is False
    assert (await call(wire, "getChatMemberCount", chat_id=CHANNEL))["data"] == {"count": 77}
