"""A client of the Bot-API family: posts, edits and deletions in its common words.

A platform of the family subclasses :class:`BotApiAdapter` and adds what it has beyond these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple

from broadcaster import outside
from broadcaster.adapter import Adapter, Audience, Call, Editable, Probe, Recallable
from broadcaster.errors import OutcomeUnknown, Rejected, SendError
from broadcaster.kit.botapi import GONE, NOT_MODIFIED, BotApi, forgotten
from broadcaster.kit.refusal import Advice
from broadcaster.language import say
from broadcaster.model import (
    Account,
    Channel,
    FileKey,
    Handle,
    Json,
    Media,
    MediaKind,
    Message,
    Receipt,
)

UNUSABLE = say("the platform says it is posted, but its answer cannot be read")
METHODS: Mapping[MediaKind, str] = {kind: f"send{kind.value.title()}" for kind in MediaKind}
"""The posting method of one file; its parameter is called as the kind is."""


class Posted(NamedTuple):
    """One message as a good answer describes it."""

    message_id: object
    at: datetime | None
    file_id: Callable[[MediaKind], object]
    """The handle of its file of this kind."""


@dataclass(slots=True)
class Posting:
    """One posting call, ready for :meth:`BotApi.call`."""

    method: str
    params: dict[str, Json]
    files: dict[str, tuple[Media, Path]] = field(default_factory=dict)
    """Part name -> file to upload."""
    handles: list[FileKey] = field(default_factory=list)
    """Files that ``params`` name by a handle."""


class BotApiAdapter(Adapter, Editable, Recallable):
    """Speaks the family's common words; ``advice`` is for the refusals of this platform."""

    watched = True
    advice: ClassVar[Advice]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.api = BotApi(account, self.advice)

    async def close(self) -> None:
        await self.api.close()

    def words(self, message: Message) -> dict[str, Json]:
        """A text in the parameters of a new message and of an edit; some have more than these."""
        return worded(message)

    async def send(self, call: Call) -> Receipt:
        made = posting(call, self.words)
        failure: SendError
        try:
            result = await self.api.call(
                made.method, made.params, files=made.files, deadline=call.deadline
            )
        except SendError as error:
            failure = forgotten(error, made.handles)
        else:
            return receipt(result, call.message.media)
        raise failure

    async def edit(self, call: Call) -> Receipt:
        message = call.message
        if message.replaces:
            return await self._replace(call)
        words = _captioned(message) if message.media else self.words(message)
        try:
            await self.api.call(
                "editMessageCaption" if message.media else "editMessageText",
                {"chat_id": call.channel.address, "message_id": call.ids[0], **words},
                deadline=call.deadline,
            )
        except Rejected as error:
            if error.code != NOT_MODIFIED:
                raise
        return Receipt(ids=call.ids)

    async def _replace(self, call: Call) -> Receipt:
        """Put another file in the place of the one that stands there."""
        made = replacing(call)
        failure: SendError
        try:
            result = await self.api.call(
                made.method, made.params, files=made.files, deadline=call.deadline
            )
        except SendError as error:
            if isinstance(error, Rejected) and error.code == NOT_MODIFIED:
                return Receipt(ids=call.ids)
            failure = forgotten(error, made.handles)
        else:
            return receipt(result, call.message.media)
        raise failure

    async def recall(self, call: Call) -> None:
        for message_id in call.ids:
            try:
                await self.api.call(
                    "deleteMessage",
                    {"chat_id": call.channel.address, "message_id": message_id},
                    deadline=call.deadline,
                )
            except Rejected as error:
                if error.code not in GONE:
                    raise

    async def probe(self, channel: Channel | None) -> Probe:
        return await probed(self.api, channel, self.advice)


async def probed(api: BotApi, channel: Channel | None, advice: Advice) -> Probe:
    """Ask for the bot, the channel and the bot's own membership there.

    A public channel is shown to any bot, so only the membership proves the right to post.
    """
    bot = await api.call("getMe")
    if channel is None:
        return Probe(ok=True, verified=("token",), unverified=("right to post",))
    chat = await api.asked("getChat", {"chat_id": channel.address})
    verified = ("token",) if chat is None else ("token", "channel")
    own = bot.get("id") if isinstance(bot, dict) else None
    try:
        member = await api.asked("getChatMember", {"chat_id": channel.address, "user_id": own})
    except Rejected:  # members are shown to administrators only
        member = {}
    if member is None:
        unverified = ("channel", say("right to post"))[len(verified) - 1 :]
        return Probe(ok=True, verified=verified, unverified=unverified)
    if isinstance(member, dict) and may_post(member):
        return Probe(ok=True, verified=(*verified, "right to post"))
    return Probe(ok=False, verified=verified, advice=advice.rights)


async def counted(api: BotApi, method: str, channel: Channel) -> Audience:
    """The channel's subscribers, as ``method`` counts them."""
    number = await api.call(method, {"chat_id": channel.address})
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise OutcomeUnknown(say("the count of subscribers cannot be read"))
    return Audience(number=number, exact=True, source=method)


def may_post(member: Mapping[str, Json]) -> bool:
    """Whether a ChatMember of a channel can post there; a right that is not named is not denied."""
    if member.get("status") == "creator":
        return True
    return member.get("status") == "administrator" and member.get("can_post_messages") is not False


def worded(message: Message) -> dict[str, Json]:
    """A text in the family's common parameters."""
    return {"text": message.text, **message.markup}


def posting(call: Call, words: Callable[[Message], Mapping[str, Json]] = worded) -> Posting:
    """The one call that posts ``call.message``: a text, a file with its caption, or an album."""
    message = call.message
    made = Posting(
        "sendMessage", {"chat_id": call.channel.address, "reply_to_message_id": call.reply_to}
    )
    match message.media:
        case ():
            made.params |= words(message)
        case (media,):
            made.method = METHODS[media.kind]
            if handle := call.handles.get(media.key):
                made.params[media.kind.value] = handle.value
                made.handles.append(media.key)
            else:
                made.files[media.kind.value] = media, call.paths[media.digest]
            made.params |= _captioned(message)
        case album:
            made.method = "sendMediaGroup"
            items = [_item(media, f"file{n}", call, made) for n, media in enumerate(album)]
            items[0] |= _captioned(message)
            made.params["media"] = [*items]
    return made


def replacing(call: Call) -> Posting:
    """The one call that puts the file of ``call.message`` in the place of another."""
    (media,) = call.message.media
    made = Posting("editMessageMedia", {"chat_id": call.channel.address, "message_id": call.ids[0]})
    made.params["media"] = _item(media, "file0", call, made) | _captioned(call.message)
    return made


def receipt(result: Json, media: Sequence[Media] = ()) -> Receipt:
    """Read the Message, or an album's list of them, that a posting call returned.

    :raises OutcomeUnknown: it says yes but does not say which message.
    """
    messages = result if isinstance(result, list) else [result]
    return settled([_read(message) for message in messages], media)


def settled(posted: Sequence[Posted], media: Sequence[Media] = ()) -> Receipt:
    """The receipt of a message, or of an album's messages; an id is proof enough.

    :raises OutcomeUnknown: as :func:`receipt`.
    """
    ids = tuple(outside.identifier(part.message_id) for part in posted)
    if not all(ids):
        raise OutcomeUnknown(UNUSABLE, said_yes=True)
    if len(ids) != max(1, len(media)):
        raise OutcomeUnknown(
            say("the platform answered with another number of messages than were sent"),
            said_yes=True,
        )
    handles: dict[FileKey, Handle] = {}
    for file, message in zip(media, posted, strict=False):
        file_id = message.file_id(file.kind)
        if isinstance(file_id, str) and file_id:
            handles[file.key] = Handle(value=file_id)
    return Receipt(ids=ids, at=posted[0].at, handles=handles)


def _captioned(message: Message) -> dict[str, Json]:
    markup = dict(message.markup)
    if "entities" in markup:
        markup["caption_entities"] = markup.pop("entities")
    return {"caption": message.text, **markup} if message.text else markup


def _item(media: Media, part: str, call: Call, made: Posting) -> dict[str, Json]:
    if handle := call.handles.get(media.key):
        made.handles.append(media.key)
        return {"type": media.kind.value, "media": handle.value}
    made.files[part] = media, call.paths[media.digest]
    return {"type": media.kind.value, "media": f"attach://{part}"}


def _read(message: Json) -> Posted:
    """With a date that cannot be one, only its time is unknown."""
    fields = message if isinstance(message, dict) else {}
    at = outside.moment(fields.get("date"))
    return Posted(fields.get("message_id"), at, partial(_file_id, fields))


def _file_id(message: Mapping[str, Json], kind: MediaKind) -> Json:
    """A photo comes in several sizes, the largest last."""
    file = message.get(kind.value)
    if isinstance(file, list):
        file = file[-1] if file else None
    return file.get("file_id") if isinstance(file, dict) else None
