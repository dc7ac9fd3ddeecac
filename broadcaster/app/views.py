"""The posts of the queue as people and programs see them.

The JSON is of a stable shape: that of ``show --json`` and ``list --json``.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.language import joined, say
from broadcaster.model import Json, Micros, Stage
from broadcaster.store.store import Store
from broadcaster.store.views import Approval, DeliveryView, MessageView, PostRow, PostView, Query

__all__ = [
    "STATES",
    "DeliveryView",
    "MessageView",
    "PostRow",
    "PostView",
    "Store",
    "approval_words",
    "config_changes",
    "iso",
    "post_json",
    "posts",
    "row_json",
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
    return Decisions(office).renders_otherwise(view) if unsent else ()


def approval_words(office: Office, view: PostView) -> str:
    """What a draft waits for, or what was decided; empty: it never was a draft."""
    times, state = office.times, view.approval
    if state is None:
        return ""
    if state.verdict is not None and state.by:
        at = say(" {when}", when=times.show(state.at)) if state.at else ""
        return say(
            "{verdict} by {by}{at}{more}",
            verdict=state.verdict,
            by=state.by,
            at=at,
            more=say(": {reason}", reason=state.reason) if state.reason else "",
        )
    until = (
        say(" until {when}", when=times.show(state.lapses_at))
        if state.lapses_at is not None
        else ""
    )
    if view.state == "missed":
        return say(
            "nobody approved it{until}; another hour: broadcaster move {post} --at WHEN",
            until=until,
            post=view.post.id,
        )
    if view.state != "draft":
        return ""
    writers = joined(", ", state.writers) or say("nobody known")
    return say(
        "waits for somebody else than {writers}{until}: broadcaster approve {post}",
        writers=writers,
        until=until,
        post=view.post.id,
    )


def row_json(office: Office, row: PostRow) -> dict[str, Json]:
    """One post of ``list --json``."""
    times = office.times
    return {
        "id": row.post.id,
        "state": row.state,
        "due": times.iso(row.post.due),
        "created": times.iso(row.post.created),
        "remove_at": times.iso(row.post.remove_at),
        "text": row.post.source,
        "deliveries": {key.value: count for key, count in row.counts.items()},
    }


def post_json(office: Office, view: PostView) -> dict[str, Json]:
    """The object that ``show --json`` prints: every delivery, message, receipt and link."""
    post, zone = view.post, office.settings.timezone
    return {
        "id": post.id,
        "state": view.state,
        "text": post.source,
        "created": iso(post.created, zone),
        "due": iso(post.due, zone),
        "expires": iso(post.expires, zone),
        "remove_at": iso(post.remove_at, zone),
        "author": post.author,
        "key": view.key,
        "approval": None if view.approval is None else _approval(view.approval, zone),
        "deliveries": [_delivery(office, each) for each in view.deliveries],
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


def _delivery(office: Office, view: DeliveryView) -> Json:
    delivery, zone = view.delivery, office.settings.timezone
    account = office.settings.accounts.get(view.account)
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
        "messages": [_message(office, delivery.channel, each) for each in view.messages],
        "log": [
            {
                "at": iso(each.at, zone),
                "message": each.position,
                "attempt": each.attempt,
                "outcome": each.outcome,
                "code": each.code,
                "detail": each.detail,
            }
            for each in view.attempts
        ],
    }


def _message(office: Office, channel: str, view: MessageView) -> Json:
    ids = list(view.receipt.ids) if view.receipt else []
    links = [found for each in ids if (found := office.link(channel, each, view.chat))]
    return {
        "index": view.index,
        "state": view.state,
        "id": ids[0] if ids else None,
        "ids": [*ids],
        "link": links[0] if links else None,
        "links": [*links],
        "chat": view.chat.address if view.chat else None,
        "pinned": view.pinned,
    }
