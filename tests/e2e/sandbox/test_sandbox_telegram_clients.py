"""python-telegram-bot, on its own transport, takes the fake for Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
import telegram as ptb
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter

from broadcaster.sandbox.server import Running

TOKEN = "123456789:AAclientAAclientAAclientAAclientAAcl"
CHANNEL = "@ministry_news"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
Control = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture
async def bot(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ptb.Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    base = f"{sandbox.url}/telegram"
    async with ptb.Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as client:
        yield client


async def test_it_knows_itself_its_channel_and_its_rights(bot: ptb.Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot) == (123456789, True)
    chat = await bot.get_chat(CHANNEL)
    assert (chat.type, chat.username) == ("channel", "ministry_news")
    member = await bot.get_chat_member(CHANNEL, me.id)
    assert isinstance(member, ptb.ChatMemberAdministrator)
    assert member.can_post_messages
    assert [each.user.id for each in await bot.get_chat_administrators(CHANNEL)][1:] == [me.id]
    assert await bot.get_chat_member_count(chat.id) == 1204


@pytest.mark.parametrize(
    ("parse_mode", "wire"),
    [
        (ParseMode.HTML, '<b>درشت</b> و <a href="https://ble.ir">پیوند</a> 👨‍👩‍👧 &amp;'),
        (ParseMode.MARKDOWN_V2, r"*درشت* و [پیوند](https://ble.ir) 👨‍👩‍👧 &"),
        (ParseMode.MARKDOWN, "*درشت* و [پیوند](https://ble.ir) 👨‍👩‍👧 &"),
    ],
)
async def test_a_text_is_seen_without_its_markup(
    bot: ptb.Bot, control: Control, parse_mode: str, wire: str
) -> None:
    sent = await bot.send_message(CHANNEL, wire, parse_mode=parse_mode, disable_notification=True)
    assert sent.text == "درشت و پیوند 👨‍👩‍👧 &"
    assert [(each.type, sent.parse_entity(each)) for each in sent.entities] == [
        ("bold", "درشت"),
        ("text_link", "پیوند"),
    ]
    assert sent.sender_chat is not None
    assert sent.from_user is None
    (entry,) = await control("messages", platform="telegram", channel="ministry_news")
    assert (entry["text"], entry["raw"], entry["silent"]) == (sent.text, wire, True)


async def test_every_kind_of_file_is_sent_downloaded_and_sent_again(bot: ptb.Bot) -> None:
    for kind in ("photo", "video", "document", "audio", "voice", "animation"):
        send = getattr(bot, f"send_{kind}")
        file = ptb.InputFile(PNG, filename="پرونده.png", attach=kind == "video")
        sent = await send(CHANNEL, file, caption=f"شرح {kind}")
        assert sent.caption == f"شرح {kind}"
        media = sent.effective_attachment
        media = media[-1] if isinstance(media, tuple) else media
        found = await (await bot.get_file(media.file_id)).download_as_bytearray()
        assert bytes(found) == PNG
        again = await send(CHANNEL, media.file_id)
        assert again.message_id != sent.message_id
        with pytest.raises(BadRequest, match="rong file identifier"):
            await send(CHANNEL, "AgACAgQAAx0CUnknown")
        assert (await send(CHANNEL, "https://example.ir/a.png")).effective_attachment


async def test_an_album_is_one_group_of_messages(bot: ptb.Bot, control: Control) -> None:
    items = [
        ptb.InputMediaPhoto(PNG + bytes([n]), caption="شرح" if n == 0 else None) for n in range(4)
    ]
    sent = await bot.send_media_group(CHANNEL, items)
    assert len({each.media_group_id for each in sent}) == 1
    assert [each.caption for each in sent] == ["شرح", None, None, None]
    entries = await control("messages")
    assert [each["id"] for each in entries] == [str(each.message_id) for each in sent]
    assert len({each["group"] for each in entries}) == 1
    with pytest.raises(BadRequest, match="can't be mixed"):
        await bot.send_media_group(CHANNEL, [ptb.InputMediaPhoto(PNG), ptb.InputMediaDocument(PNG)])
    with pytest.raises(BadRequest):
        await bot.send_media_group(CHANNEL, items[:1])
    assert len(await control("messages")) == 4


async def test_what_was_sent_is_edited_pinned_copied_forwarded_and_deleted(
    bot: ptb.Bot, control: Control
) -> None:
    sent = await bot.send_message(CHANNEL, "یکم")
    photo = await bot.send_photo(
        CHANNEL, PNG, caption="شرح", reply_parameters=ptb.ReplyParameters(sent.message_id)
    )
    assert photo.reply_to_message is not None
    edited = await bot.edit_message_text("یکمِ درست", CHANNEL, sent.message_id)
    assert isinstance(edited, ptb.Message)
    assert edited.edit_date
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("یکمِ درست", CHANNEL, sent.message_id)
    await bot.edit_message_caption(CHANNEL, photo.message_id, caption="شرحِ درست")
    await bot.edit_message_media(
        ptb.InputMediaDocument(b"%PDF-", caption="سند"), CHANNEL, photo.message_id
    )
    await bot.pin_chat_message(CHANNEL, sent.message_id)
    pinned = (await bot.get_chat(CHANNEL)).pinned_message
    assert pinned is not None
    assert pinned.message_id == sent.message_id
    await bot.unpin_chat_message(CHANNEL)
    assert (await bot.get_chat(CHANNEL)).pinned_message is None
    copied = await bot.copy_message("@other", CHANNEL, photo.message_id, caption="رونوشت")
    forwarded = await bot.forward_message("@other", CHANNEL, sent.message_id)
    assert isinstance(forwarded.forward_origin, ptb.MessageOriginChannel)
    assert copied.message_id != forwarded.message_id
    await bot.delete_message(CHANNEL, sent.message_id)
    with pytest.raises(BadRequest, match="essage to delete not found"):
        await bot.delete_message(CHANNEL, sent.message_id)
    await bot.delete_messages(CHANNEL, [sent.message_id, photo.message_id])
    assert [each["deleted"] for each in await control("messages", channel="ministry_news")] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("wire", "parse_mode", "why"),
    [
        ("<b>باز", "HTML", "can't parse entities: can't find end tag"),
        ("<x>؟</x>", "HTML", 'can\'t parse entities: unsupported start tag "x"'),
        ("پایان.", "MarkdownV2", "can't parse entities: character '.' is reserved"),
        ("*باز", "Markdown", "can't parse entities: can't find end of the entity"),
        ("", None, "message text is empty"),
        ("ب" * 4097, None, "message is too long"),
        ("👨" * 2049, None, "message is too long"),
        (f"<b>{'ب' * 4096}</b>", "HTML", None),
    ],
)
async def test_texts_are_refused_as_telegram_does(
    bot: ptb.Bot, wire: str, parse_mode: str | None, why: str | None
) -> None:
    if why is None:
        assert await bot.send_message(CHANNEL, wire, parse_mode=parse_mode)
        return
    with pytest.raises(BadRequest) as raised:
        await bot.send_message(CHANNEL, wire, parse_mode=parse_mode)
    assert raised.value.message.lower().startswith(why)


async def test_refusals_are_the_exceptions_that_clients_know(
    bot: ptb.Bot, control: Control
) -> None:
    await control("faults", {"platform": "telegram", "kind": "429", "retry_after": 7})
    with pytest.raises(RetryAfter):
        await bot.send_message(CHANNEL, "سلام")
    await control("faults", {"platform": "telegram", "kind": "403"})
    with pytest.raises(Forbidden):
        await bot.send_message(CHANNEL, "سلام")
    await control("switches", {"platform": "telegram", "name": "rights", "value": "member"})
    assert (await bot.get_chat_member(CHANNEL, bot.id)).status == "member"
    with pytest.raises(BadRequest, match="eed administrator rights"):
        await bot.send_message(CHANNEL, "سلام")
    await control("switches", {"platform": "telegram", "name": "token", "value": "revoked"})
    with pytest.raises(InvalidToken):
        await bot.get_me()
    await control("reset", {})
    with pytest.raises(BadRequest, match="hat not found"):
        await bot.get_chat("no-at-sign")
