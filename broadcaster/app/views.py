"""Posts and deliveries as JSON: the stable shapes of ``show --json`` and its kin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from broadcaster.config import Settings
from broadcaster.model import Json, Micros

if TYPE_CHECKING:
    from broadcaster.store.approving import Approval
    from broadcaster.store.chat import Chat
    from broadcaster.store.reading import DeliveryView, MessageView, PostView

Link = Callable[[str, str, "Chat | None"], str | None]
"""(channel, message id, chat where it stands) -> public address."""


def post_json(settings: Settings, link: Link, view: PostView) -> dict[str, Json]:
    """One post with every delivery, message, receipt and link."""
    post, zone = view.post, settings.timezone
    return {
        "id": post.id,
        "state": view.state,
        "text": post.source,
        "created": iso(post.created, zone),
        "due": iso(post.due, zone),
        "expires": iso(post.expires, zone),
        "author": post.author,
        "key": view.key,
        "approval": None if view.approval is None else _approval(view.approval, zone),
        "deliveries": [_delivery(settings, link, each) for each in view.deliveries],
    }


def _approval(approval: Approval, zone: tzinfo) -> Json:
    return {
        "required": approval.required,
        "verdict": approval.verdict,
        "by": approval.by or None,
        "at": iso(approval.at, zone),
        "reason": approval.reason or None,
        "writers": list(approval.writers),
        "lapses": iso(approval.lapses_at, zone),
        "digest": approval.digest,
    }


def iso(at: Micros | None, zone: tzinfo) -> str | None:
    """ISO-8601 with offset."""
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1e6, UTC).astimezone(zone).isoformat()


def _delivery(settings: Settings, link: Link, view: DeliveryView) -> Json:
    delivery, zone = view.delivery, settings.timezone
    account = settings.accounts.get(view.account)
    return {
        "id": delivery.id or None,
        "channel": delivery.channel,
        "platform": view.account,
        "adapter": account.adapter if account else None,
        "kind": delivery.kind,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt": iso(delivery.next_at, zone) if delivery.state == "waiting" else None,
        "error": delivery.reason or None,
        "held_by": view.held_by or None,
        "counts": view.counts,
        "settled": iso(view.settled_at, zone),
        "lost": list(view.lost),
        "messages": [_message(delivery.channel, link, each) for each in view.messages],
        "log": [
            {
                "at": iso(each.at, zone),
                "message": each.step,
                "attempt": each.attempt,
                "outcome": each.outcome,
                "code": each.code,
                "detail": each.detail,
            }
            for each in view.attempts
        ],
    }


def _message(channel: str, link: Link, view: MessageView) -> Json:
    ids = list(view.receipt.ids) if view.receipt else []
    links = [found for each in ids if (found := link(channel, each, view.chat))]
    return {
        "index": view.index,
        "state": view.state,
        "id": ids[0] if ids else None,
        "ids": [*ids],
        "link": links[0] if links else None,
        "links": [*links],
        "chat": view.chat.address if view.chat else None,
    }
