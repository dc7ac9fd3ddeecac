"""Client of Telegram: python-telegram-bot's Bot over the kit's connections.

The Bot is never initialised, so a post needs no call but its own.  Text goes as entities, never
as HTML: the platform's limits count after entity parsing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Any

from telegram import (
    Bot,
    InputFile,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram import Message as Posted

from adapters.telegram.facts import PLATFORM, public_name
from adapters.telegram.request import NO_TOKEN, Exchange, KitRequest, Unanswered
from broadcaster import outside
from broadcaster.adapter import (
    Adapter,
    Audience,
    Call,
    Countable,
    Editable,
    Found,
    Pinnable,
    Probe,
    Recallable,
    Unpinnable,
    Verifiable,
)
from broadcaster.errors import Rejected, SendError
from broadcaster.kit import botclient
from broadcaster.kit.botapi import GONE, NOT_MODIFIED, BotApi, forgotten
from broadcaster.kit.botclient import counted, probed
from broadcaster.kit.reader import PublicPages
from broadcaster.kit.refusal import Advice
from broadcaster.language import say
from broadcaster.model import Account, Channel, Media, MediaKind, Message, Receipt

os.environ.setdefault("PTB_TIMEDELTA", "1")  # else the library warns about each duration

ADVICE = Advice(
    account=say(
        "Telegram does not know this token: take a new one from @BotFather, "
        "put it in the account's token file"
    ),
    rights=say(
        "the bot may not do this in the channel: in Telegram, make it an "
        "administrator of the channel with the right to post messages"
    ),
    address=say(
        "Telegram knows no such channel: check its address, and that the bot was added to it"
    ),
    pin=say(
        "the post is out, only its pin is refused: in Telegram, give the bot "
        "the right to edit messages in the channel (in a group: to pin "
        "messages), then retry it"
    ),
    unpin=say(
        "only the unpinning is refused, the post is still pinned: in "
        "Telegram, give the bot the right to edit messages in the channel (in "
        "a group: to pin messages), then retry it"
    ),
)
ALBUM_ITEM = {
    MediaKind.PHOTO: InputMediaPhoto,
    MediaKind.VIDEO: InputMediaVideo,
    MediaKind.DOCUMENT: InputMediaDocument,
    MediaKind.AUDIO: InputMediaAudio,
}
REPLACEMENT = {**ALBUM_ITEM, MediaKind.ANIMATION: InputMediaAnimation}
"""What can come in the place of a file that is out."""


class Telegram(Adapter, Editable, Recallable, Pinnable, Unpinnable, Countable, Verifiable):
    platform = PLATFORM
    watched = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._api = BotApi(account, ADVICE)
        request = KitRequest(self._api)
        self._bot = Bot(NO_TOKEN, request=request, get_updates_request=request)
        self._pages = PublicPages(account, prefix="tgme_", path="/s/{name}", name=public_name)

    async def close(self) -> None:
        await self._api.close()
        await self._pages.close()

    async def send(self, call: Call) -> Receipt:
        media = call.message.media
        failure: SendError
        try:
            with ExitStack() as opened:
                posted = await self._asked(self._posting(call, opened))
        except SendError as error:
            failure = forgotten(error, [file.key for file in media if file.key in call.handles])
        else:
            return _receipt(posted, media)
        raise failure

    async def edit(self, call: Call) -> Receipt:
        message, where = call.message, _where(call)
        if message.replaces:
            return await self._replace(call, where)
        try:
            if message.media:
                await self._asked(self._bot.edit_message_caption(**where, **_caption(message)))
            else:
                await self._asked(self._bot.edit_message_text(**where, **_text(message)))
        except Rejected as error:
            if error.code != NOT_MODIFIED:
                raise
        return Receipt(ids=call.ids)

    async def _replace(self, call: Call, where: dict[str, Any]) -> Receipt:
        """Put another file in the place of the one that stands there."""
        (media,) = call.message.media
        failure: SendError
        try:
            with ExitStack() as opened:
                file = _file(media, call, opened, attach=True)
                words = _caption(call.message) | _shape(media)
                item = REPLACEMENT[media.kind](file, **words)
                edited = await self._asked(self._bot.edit_message_media(media=item, **where))
        except SendError as error:
            if isinstance(error, Rejected) and error.code == NOT_MODIFIED:
                return Receipt(ids=call.ids)
            failure = forgotten(error, [each.key for each in (media,) if each.key in call.handles])
        else:
            return _receipt(edited, (media,))
        raise failure

    async def recall(self, call: Call) -> None:
        if len(call.ids) == 1:
            deleting = self._bot.delete_message(**_where(call))
        else:
            deleting = self._bot.delete_messages(
                call.channel.address,
                [int(identifier) for identifier in call.ids],
                read_timeout=_left(call),
            )
        try:
            await self._asked(deleting)
        except Rejected as error:
            if error.code not in GONE:
                raise

    async def pin(self, call: Call) -> None:
        silent = call.message.silent
        await self._asked(self._bot.pin_chat_message(**_where(call), disable_notification=silent))

    async def unpin(self, call: Call) -> None:
        try:
            await self._asked(self._bot.unpin_chat_message(**_where(call)))
        except Rejected as error:
            if error.code not in GONE:
                raise

    async def audience(self, channel: Channel) -> Audience:
        return await counted(self._api, "getChatMemberCount", channel)

    def hidden(self, channel: Channel) -> str:
        return self._pages.hidden(channel)

    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        return await self._pages.find(call, since=since, known=known)

    async def probe(self, channel: Channel | None) -> Probe:
        # not through the library: it refuses a chat or membership that lacks its newest fields
        return await probed(self._api, channel, ADVICE)

    async def _asked(self, calling: Awaitable[object]) -> object:
        """What a call of the library returns, or the bare result where it cannot read a good one.

        :raises SendError: our own error, without a trace of the library's.
        """
        failure: SendError | None = None
        with Exchange() as told:
            try:
                return await calling
            except Unanswered as error:
                failure = error.error
            except Exception:
                if told.answer is None:
                    raise  # a bug, and no refusal
            if failure is not None:
                raise failure
            assert told.answer is not None
            # the answer says more than the library's error, and is read as all of the family are
            return self._api.result(told.method, told.answer)

    def _posting(self, call: Call, opened: ExitStack) -> Awaitable[object]:
        bot, message = self._bot, call.message
        common: dict[str, Any] = {
            "chat_id": call.channel.address,
            "disable_notification": message.silent,
            "reply_parameters": ReplyParameters(int(call.reply_to)) if call.reply_to else None,
            "read_timeout": _left(call),
        }
        match message.media:
            case ():
                return bot.send_message(**common, **_text(message))
            case (media,):
                send: Callable[..., Awaitable[object]] = getattr(bot, f"send_{media.kind}")
                file = {media.kind.value: _file(media, call, opened)}
                return send(**common, **file, **_caption(message), **_shape(media))
            case album:
                items = [
                    ALBUM_ITEM[media.kind](
                        _file(media, call, opened, attach=True),
                        **(_shape(media) | (_caption(message) if n == 0 else {})),
                    )
                    for n, media in enumerate(album)
                ]
                return bot.send_media_group(**common, media=items)


def _receipt(posted: object, media: Sequence[Media]) -> Receipt:
    """:raises OutcomeUnknown: it says yes but does not say which message."""
    messages = posted if isinstance(posted, tuple) else (posted,)
    if not all(isinstance(message, Posted) for message in messages):
        bare: Any = posted
        return botclient.receipt(bare, media)
    return botclient.settled(
        [
            botclient.Posted(
                message.message_id, outside.plausible(message.date), partial(_file_id, message)
            )
            for message in messages
        ],
        media,
    )


def _file_id(message: Posted, kind: MediaKind) -> object:
    """A photo comes in several sizes, the largest last."""
    file = getattr(message, kind.value)
    if isinstance(file, tuple):
        file = file[-1] if file else None
    return getattr(file, "file_id", None)


def _left(call: Call) -> float:
    return call.deadline - time.monotonic()


def _where(call: Call) -> dict[str, Any]:
    return {
        "chat_id": call.channel.address,
        "message_id": int(call.ids[0]),
        "read_timeout": _left(call),
    }


def _entities(message: Message) -> Sequence[MessageEntity] | None:
    entities: Any = message.markup.get("entities")
    return MessageEntity.de_list(entities, None) if entities else None


def _text(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "entities": _entities(message),
        "link_preview_options": None if message.preview else LinkPreviewOptions(is_disabled=True),
    }


def _caption(message: Message) -> dict[str, Any]:
    return {"caption": message.text or None, "caption_entities": _entities(message)}


def _shape(media: Media) -> dict[str, Any]:
    """What players show before they have the file."""
    seconds = None if media.seconds is None else round(media.seconds)
    match media.kind:
        case MediaKind.VIDEO | MediaKind.ANIMATION:
            return {"width": media.width, "height": media.height, "duration": seconds}
        case MediaKind.AUDIO | MediaKind.VOICE:
            return {"duration": seconds}
    return {}


def _file(media: Media, call: Call, opened: ExitStack, *, attach: bool = False) -> InputFile | str:
    if handle := call.handles.get(media.key):
        return handle.value
    content = opened.enter_context(call.paths[media.digest].open("rb"))
    file = InputFile(content, filename=media.name, attach=attach, read_file_handle=False)
    file.mimetype = media.mime or file.mimetype  # the library goes by the name
    return file


ADAPTER = Telegram
