"""The fake iGap, called with bytes that no protobuf library of ours has written."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import pytest

PLATFORM = "igap"
TOKEN = "tok_en.abc"
ROOM = 12345
SALAM = bytes.fromhex("18b960 2205 73616c616d 502a")
"""A ChannelSendMessage to room 12345 as a public client writes it: text "salam", random id 42."""
TEXT = "می‌خوانیم؛ 🇮🇷 نسخه‌ی ۲.۰"
FILE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def message(**fields: int | str | bytes) -> bytes:
    """``_4="salam"`` is field 4; numbers as varints, all else with its length."""
    out = b""
    for name, value in fields.items():
        number = int(name[1:])
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            said = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(said)) + said
    return out


def parsed(data: bytes) -> dict[int, Any]:
    """Fields by number, the last of each; inner messages stay bytes."""
    found: dict[int, Any] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        match tag & 7:
            case 0:
                found[tag >> 3] = number()
            case 1:
                (found[tag >> 3],) = struct.unpack("<d", data[at : at + 8])
                at += 8
            case _:
                size = number()
                found[tag >> 3] = data[at : at + size]
                at += size
    return found


async def act(wire: Any, action: object, body: bytes = b"", **how: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/octet-stream"}
    query = {"actionId": str(action)}
    how = {"headers": headers, "params": query, **how}
    status, content = await wire.call("botland/v1/api", data=body, **how)
    return status, parsed(content)


async def refused(wire: Any, action: object, body: bytes = b"", **how: Any) -> tuple[int, str]:
    """Major code and words of an ErrorResponse, under HTTP 200."""
    status, said = await act(wire, action, body, **how)
    assert status == 200
    assert 3 in said
    return said[2], said[5].decode()


async def sent(wire: Any, **fields: Any) -> int:
    """The id of a message."""
    _, said = await act(wire, 410, message(_3=ROOM, **fields))
    return int(parsed(said[3])[1])


def beginning(content: bytes, **more: bytes) -> bytes:
    """A FileUploadInit."""
    edges = message(_2=content[:1024], _3=content[-1024:])
    return edges + message(_4=len(content), _6="عکس.png", **more)


async def uploaded(wire: Any, content: bytes = FILE, piece: int = 1 << 20, **more: Any) -> str:
    """The token of a file that went up as the answers asked for it."""
    _, begun = await act(wire, 701, beginning(content, **more))
    token = begun[2].decode()
    offset, limit, progress = begun.get(4, 0), begun[5], begun.get(3, 0)
    while progress < 100:
        chunk = content[offset : offset + min(piece, limit)]
        _, said = await act(wire, 702, message(_2=token, _3=offset, _4=chunk))
        progress, offset, limit = said[2], said[3], said.get(4, 0)
    return str(token)


def attachment(token: str) -> str:
    """A file as the documents write it."""
    return json.dumps({"token": token, "size": len(FILE), "name": "عکس.png"})


async def test_the_bytes_of_a_public_client_are_a_text(wire: Any) -> None:
    status, said = await act(wire, 410, SALAM)
    inner = parsed(said[3])
    assert (status, said[2], inner[6], inner[21]) == (200, ROOM, b"salam", 42)
    assert {1, 2} <= set(parsed(said[1]))
    posted = await wire.last()
    assert (posted["channel"], posted["text"], posted["id"]) == ("12345", "salam", str(inner[1]))


async def test_an_empty_request_in_field_one_changes_nothing(wire: Any) -> None:
    number = await sent(wire, _1=b"", _4=TEXT)
    assert (await wire.last())["text"] == TEXT
    await act(wire, 410, message(_1=message(_1="id"), _3=ROOM, _4="پاسخ", _8=number))
    assert (await wire.last())["reply_to"] == str(number)


async def test_messages_are_edited_and_deleted(wire: Any) -> None:
    number = await sent(wire, _4=TEXT)
    _, edited = await act(wire, 425, message(_2=ROOM, _3=number, _4="نو"))
    assert (edited[2], edited[3], edited[5].decode()) == (ROOM, number, "نو")
    _, deleted = await act(wire, 411, message(_2=ROOM, _3=number, _4=1))
    assert (deleted[2], deleted[3]) == (ROOM, number)
    assert (await wire.last())["deleted"] is True
    assert (await refused(wire, 411, message(_2=ROOM, _3=number)))[0] == 404


@pytest.mark.parametrize(
    ("action", "body", "major", "words"),
    [
        (410, message(_4=TEXT), 400, "BAD_PAYLOAD"),
        (410, message(_3=ROOM), 400, "BAD_PAYLOAD"),
        (410, message(_3=ROOM, _4="م" * 4097), 400, "BAD_PAYLOAD"),
        (410, message(_3=ROOM, _4="متن", _5="token"), 400, "BAD_PAYLOAD"),
        (410, message(_2=1, _3=ROOM, _5="nobody-knows"), 404, "FILE_NOT_FOUND"),
        (410, message(_3=ROOM, _4="م", _8=9), 404, "MESSAGE_NOT_FOUND"),
        (410, b"\xff\xff", 400, "BAD_PAYLOAD"),
        (425, message(_2=ROOM, _3=9, _4="م"), 404, "MESSAGE_NOT_FOUND"),
        (427, message(_2=ROOM, _3=9), 404, "PAGE_NOT_FOUND"),
        (423, message(_2=ROOM, _3=9), 404, "PAGE_NOT_FOUND"),
        ("", SALAM, 404, "PAGE_NOT_FOUND"),
        (701, message(_4=5, _6="a.png"), 400, "BAD_PAYLOAD"),
        (702, message(_2="nobody-knows", _4=b"x"), 404, "FILE_NOT_FOUND"),
    ],
)
async def test_refusals_are_error_responses(
    wire: Any, action: object, body: bytes, major: int, words: str
) -> None:
    assert await refused(wire, action, body) == (major, words)
    assert await wire.messages() == []


@pytest.mark.parametrize("headers", [{}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}])
async def test_a_token_comes_as_a_bearer(wire: Any, headers: dict[str, str]) -> None:
    assert (await refused(wire, 410, SALAM, headers=headers))[0] == 401


async def test_rights_and_tokens_are_on_switches(wire: Any) -> None:
    await wire.switch("rights", "none")
    assert (await refused(wire, 410, SALAM))[0] == 403
    await wire.switch("token", "revoked")
    assert (await refused(wire, 410, SALAM))[0] == 401


@pytest.mark.parametrize(("value", "status"), [("200", 200), ("code", 429)])
async def test_a_rate_limit_names_its_wait_in_whole_seconds(
    wire: Any, value: str, status: int
) -> None:
    await wire.switch("error_status", value)
    await wire.arm("429", retry_after=1.2)
    got, said = await act(wire, 410, SALAM)
    assert (got, said[2], said[4]) == (status, 429, 2)
    assert (await act(wire, 410, SALAM))[1][2] == ROOM


async def test_the_edges_of_a_file_are_asked_for_first(wire: Any) -> None:
    _, said = await act(wire, 700, message(_2=len(FILE)))
    assert said[2] > 0
    assert said[3] > 0
    assert (await refused(wire, 700))[0] == 400


@pytest.mark.parametrize("start", ["beginning", "after-head"])
@pytest.mark.parametrize(
    "digest", [{}, {"_5": hashlib.sha256(FILE).digest()}, {"_5": hashlib.sha1(FILE).digest()}]
)
async def test_a_file_goes_up_in_pieces(wire: Any, start: str, digest: dict[str, bytes]) -> None:
    await wire.switch("upload_start", start)
    await wire.switch("chunk_bytes", "2000")
    token = await uploaded(wire, piece=700, **digest)
    _, status = await act(wire, 703, message(_2=token))
    assert (status[2], status[3]) == (2, 100)
    await sent(wire, _2=2, _4="شرح", _5=attachment(token))
    posted = await wire.last()
    assert (posted["text"], posted["media"][0]["kind"]) == ("شرح", "photo")
    assert posted["media"][0]["sha256"] == hashlib.sha256(FILE).hexdigest()


@pytest.mark.parametrize("offset", [0, 4000])
async def test_a_piece_out_of_order_is_refused(wire: Any, offset: int) -> None:
    await wire.switch("chunk_bytes", "2000")
    token = (await act(wire, 701, beginning(FILE)))[1][2].decode()
    await act(wire, 702, message(_2=token, _4=FILE[:2000]))
    piece = message(_2=token, _3=offset, _4=FILE[offset : offset + 1000])
    assert (await refused(wire, 702, piece))[0] == 400
    assert (await act(wire, 703, message(_2=token)))[1].get(2, 0) == 0  # still on its way up


async def test_a_piece_is_no_larger_than_was_asked_for(wire: Any) -> None:
    await wire.switch("chunk_bytes", "2000")
    token = (await act(wire, 701, beginning(FILE)))[1][2].decode()
    assert (await refused(wire, 702, message(_2=token, _4=FILE[:2001])))[0] == 400


async def test_a_file_of_another_digest_is_corrupted(wire: Any) -> None:
    token = await uploaded(wire, _5=hashlib.sha256(b"another").digest())
    assert (await act(wire, 703, message(_2=token)))[1][2] == 3
    assert (await refused(wire, 410, message(_2=1, _3=ROOM, _5=attachment(token))))[0] == 404


async def test_a_file_is_sent_once_it_is_processed(wire: Any) -> None:
    await wire.switch("processing", "2")
    token = await uploaded(wire)
    assert (await refused(wire, 410, message(_2=1, _3=ROOM, _5=attachment(token))))[0] == 404
    statuses = [(await act(wire, 703, message(_2=token)))[1] for _ in range(3)]
    assert [each[2] for each in statuses] == [1, 1, 2]
    assert statuses[0][4] > 0  # milliseconds until it is worth asking again
    assert await sent(wire, _2=1, _5=attachment(token))


@pytest.mark.parametrize(
    ("kind", "words", "taken"),
    [
        *((kind, "", True) for kind in (1, 3, 7)),
        *((kind, "شرح", True) for kind in (2, 10)),
        *((kind, "", False) for kind in (2, 11, 16)),  # 11 and 16: a place, a sticker
        (1, "شرح", False),
        (2, "ش" * 1025, False),
    ],
)
async def test_the_type_says_whether_words_go_with_a_file(
    wire: Any, kind: int, words: str, taken: bool
) -> None:
    token = await uploaded(wire)
    _, said = await act(wire, 410, message(_2=kind, _3=ROOM, _4=words, _5=attachment(token)))
    assert (said[2] == ROOM) is taken
    assert len(await wire.messages()) == taken


@pytest.mark.parametrize(
    ("form", "token", "short", "whole"),
    [("object", 0, 0, 1), ("any", 1, 1, 1), ("token", 1, 0, 0), ("json", 0, 1, 1)],
)
async def test_the_form_of_an_attachment_is_on_a_switch(
    wire: Any, form: str, token: int, short: int, whole: int
) -> None:
    await wire.switch("attachment", form)
    name = await uploaded(wire)
    forms = {name: token, f'{{"token": "{name}", "width": 1}}': short, attachment(name): whole}
    for said, taken in forms.items():
        _, answer = await act(wire, 410, message(_2=1, _3=ROOM, _5=said))
        assert (answer[2] == ROOM) is bool(taken)


async def test_media_in_channels_may_be_refused(wire: Any) -> None:
    await wire.switch("media", "refused")
    token = await uploaded(wire)
    assert (await refused(wire, 410, message(_2=1, _3=ROOM, _5=attachment(token))))[0] == 400
