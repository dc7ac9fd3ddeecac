"""Methods that only ask, and those that other clients call when they start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi.fake import KICKED, BotApiFake, Method
from broadcaster.sandbox.botapi.media import NAME_LENGTH
from broadcaster.sandbox.botapi.objects import bot_user, chat, message, unique_id
from broadcaster.sandbox.fake import Refusal, pause

POLL_S = 10
"""Longest wait of getUpdates in seconds, however long it is asked to."""
RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_change_info",
    "can_post_messages",
    "can_edit_messages",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
OWNER = {"id": 1000001, "is_bot": False, "first_name": "مدیر", "username": "sandbox_owner"}


def get_me(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    can = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
    return {**bot_user(call.account), **dict.fromkeys(can, False)}


def get_chat(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    place = fake.place(backend, call.channel)
    result = {**chat(fake, place), "description": "کانالی در سندباکس", **fake.chat_details}
    if fake.invite:
        result["invite_link"] = f"{fake.invite}{place.username}"
    pinned = [entry for entry in backend.entries(place) if entry.pinned]
    if pinned:
        result["pinned_message"] = message(
            backend, fake, max(pinned, key=lambda each: each.revision)
        )
    return result


def get_member(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    fake.place(backend, call.channel)
    user = call.fields.number("user_id")
    if user is None:
        raise Refusal(400, "Bad Request: invalid user_id specified")
    if str(user) == call.account:
        return _bot_member(backend, call)
    if user == OWNER["id"]:
        return _owner()
    raise Refusal(400, "Bad Request: user not found")


def get_administrators(fake: BotApiFake, backend: Backend, call: ApiCall) -> list[dict[str, Any]]:
    fake.place(backend, call.channel)
    if backend.switch("rights") != "admin":
        raise Refusal(400, "Bad Request: member list is inaccessible")
    return [_owner(), _bot_member(backend, call)]


def count_members(fake: BotApiFake, backend: Backend, call: ApiCall) -> int:
    fake.place(backend, call.channel)
    return int(backend.number("members"))


def get_file(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    file_id = call.fields.text("file_id")
    stored = backend.stored(file_id) or backend.stored(file_id[:NAME_LENGTH])
    if stored is None or stored.owner != call.account:
        raise Refusal(400, "Bad Request: invalid file_id")
    if stored.size > fake.download_limit:
        raise Refusal(400, "Bad Request: file is too big")
    dot, extension = stored.name.rpartition(".")[1:]
    ending = f".{extension}" if dot and extension.isascii() else ""
    return {
        "file_id": file_id,
        "file_unique_id": unique_id({"file_id": stored.id, "sha256": stored.sha256}),
        "file_size": stored.size,
        "file_path": f"{stored.kind}s/{stored.id}{ending}",
    }


async def get_updates(fake: BotApiFake, backend: Backend, call: ApiCall) -> list[Any]:
    """Nobody writes to the bot here."""
    wait = min(call.fields.number("timeout") or 0, POLL_S)
    if wait > 0:
        await pause(backend, wait)
    return []


def yes(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    return True


def webhook(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    return {"url": "", "has_custom_certificate": False, "pending_update_count": 0}


def chat_action(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    fake.writable(backend, call)
    if not call.fields.text("action"):
        raise Refusal(400, "Bad Request: wrong parameter action in request")
    return True


def _bot_member(backend: Backend, call: ApiCall) -> dict[str, Any]:
    user = bot_user(call.account)
    match backend.switch("rights"):
        case "admin":
            missing = {"can_be_edited", *_missing(backend)}
            rights = {right: right not in missing for right in RIGHTS}
            return {"status": "administrator", "user": user, "is_anonymous": False, **rights}
        case "kicked":
            raise KICKED
        case standing:
            return {"status": standing, "user": user}


def _missing(backend: Backend) -> set[str]:
    """Who may edit the messages of a channel may pin there, and nobody else.

    :source: https://core.telegram.org/bots/api#pinchatmessage
    """
    named = {
        "may_pin": "can_edit_messages",
        "may_edit": "can_edit_messages",
        "may_delete": "can_delete_messages",
    }
    return {right for switch, right in named.items() if backend.switch(switch) == "no"}


def _owner() -> dict[str, Any]:
    return {"status": "creator", "user": OWNER, "is_anonymous": False}


ASKING: Mapping[str, Method] = {
    "getMe": get_me,
    "getChat": get_chat,
    "getChatMember": get_member,
    "getChatAdministrators": get_administrators,
    "getFile": get_file,
    "sendChatAction": chat_action,
}
STARTING: Mapping[str, Method] = {
    "getUpdates": get_updates,
    "setWebhook": yes,
    "deleteWebhook": yes,
    "getWebhookInfo": webhook,
    "setMyCommands": yes,
}
