"""The posts of the queue as people and programs see them.

The JSON is of a stable shape: that of ``show --json`` and ``list --json``.
"""

from __future__ import annotations

from datetime import tzinfo

from broadcaster.app.office import Office
from broadcaster.app.record import Link, record_json
from broadcaster.app.words import iso
from broadcaster.config import Settings
from broadcaster.model import Json, Message, Stage
from broadcaster.store.approving import Approval
from broadcaster.store.port import Store
from broadcaster.store.reading import DeliveryView, MessageView, PostRow, PostView, Query

__all__ = [
    "STATES",
    "DeliveryView",
    "MessageView",
    "PostRow",
    "PostView",
    "Store",
    "approval_words",
    "config_changes",
    "post_json",
    "posts",
    "row_json",
    "wire_json",
]

STATES = (
    "draft",
    "rejected",
    "cancelled",
    "recalled",
    "scheduled",
    "sending",
    "unknown",
    "held",
    "waiting",
    "partial",
    "failed",
    "missed",
    "delivered",
)
"""What a post or one of its deliveries can be in."""


def posts(store: Store, *, state: str | None, limit: int) -> list[PostRow]:
    """The newest posts first; ``state``: one of :data:`STATES`, of the post or of a delivery."""
    return store.posts(Query(state=state, limit=limit))


def config_changes(office: Office, view: PostView) -> tuple[str, ...]:
    """Channels that would receive something else, were a post written now that is not sent yet."""
    unsent = view.post.stage in {Stage.DRAFT, Stage.APPROVED, Stage.PLANNED}
    return office.decisions.renders_otherwise(view) if unsent else ()


def approval_words(office: Office, view: PostView) -> str:
    """What a draft waits for, or what was decided; empty: it never was a draft."""
    times, state = office.times, view.approval
    if state is None:
        return ""
    if state.verdict is not None and state.by:
        at = f" {times.show(state.at)}" if state.at else ""
        return f"{state.verdict} by {state.by}{at}{f': {state.reason}' if state.reason else ''}"
    until = f" until {times.show(state.lapses_at)}" if state.lapses_at is not None else ""
    if view.state == "missed":
        return f"nobody approved it{until}; another hour: broadcaster move {view.post.id} --at WHEN"
    if view.state != "draft":
        return ""
    writers = ", ".join(state.writers) or "nobody known"
    return f"waits for somebody else than {writers}{until}: broadcaster approve {view.post.id}"


def row_json(office: Office, row: PostRow) -> dict[str, Json]:
    """One post of ``list --json``."""
    times = office.times
    return {
        "id": row.post.id,
        "state": row.state,
        "due": times.iso(row.post.due),
        "created": times.iso(row.post.created),
        "text": row.post.source,
        "deliveries": {key.value: count for key, count in row.counts.items()},
        "stands": list(row.stands),
        "removed": list(row.removed),
        "wanted": dict(row.wanted),
    }


def post_json(
    settings: Settings, link: Link, view: PostView, *, wire: bool = False
) -> dict[str, Json]:
    """One post with every delivery, message, receipt and link; ``wire``: and what was sent."""
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
        "deliveries": [_delivery(settings, link, each, wire=wire) for each in view.deliveries],
        **record_json(view, link, zone),
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


def _delivery(settings: Settings, link: Link, view: DeliveryView, *, wire: bool) -> Json:
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
        "rendering": view.rendering or None,
        "messages": [_message(delivery.channel, link, each, wire=wire) for each in view.messages],
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


def _message(channel: str, link: Link, view: MessageView, *, wire: bool) -> Json:
    ids = list(view.receipt.ids) if view.receipt else []
    live = ids if view.state != "recalled" else []  # a link that is dead is none
    links = [found for each in live if (found := link(channel, each, view.chat))]
    sent = {"wire": wire_json(view.sent or view.message)} if wire else {}
    return {
        **sent,
        "index": view.index,
        "state": view.state,
        "id": ids[0] if ids else None,
        "ids": [*ids],
        "link": links[0] if links else None,
        "links": [*links],
        "chat": view.chat.address if view.chat else None,
    }


def wire_json(message: Message) -> dict[str, Json]:
    """What one message asks of the platform, its files by name and digest."""
    return {
        "verb": message.verb.value,
        "acts_on": message.acts_on,
        "text": message.text,
        "markup": dict(message.markup),
        "media": [
            {"kind": each.kind.value, "name": each.name, "size": each.size, "digest": each.digest}
            for each in message.media
        ],
        "silent": message.silent,
        "pin": message.pin,
        "preview": message.preview,
    }
