"""The posts of the queue as people and programs see them.

The JSON is of a stable shape: that of ``show --json`` and ``list --json``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo

from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.app.record import record_json
from broadcaster.app.words import iso
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Json, Message, Micros, Stage
from broadcaster.planning.plan import micros
from broadcaster.store.store import Store
from broadcaster.store.views import Approval, DeliveryView, MessageView, PostRow, PostView, Query
from broadcaster.text.search import terms

__all__ = [
    "STATES",
    "DeliveryView",
    "Filter",
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
    "returned",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which posts of the queue are meant, as people name them."""

    state: str | None = None
    """One of :data:`STATES`, of the post or of a delivery."""
    since: str | None = None
    """Due from this day on; ``until``: to this day, itself included."""
    until: str | None = None
    author: str | None = None
    to: tuple[str, ...] = ()
    """Channels, groups or accounts; those that the config has lost can still be named."""
    search: str | None = None
    """Words that all stand in its texts, of any version, in any spelling."""


def posts(
    office: Office,
    store: Store,
    chosen: Filter,
    *,
    limit: int,
    within: Collection[str] | None = None,
    after: tuple[Micros, int] | None = None,
) -> list[PostRow]:
    """The posts that are meant, newest activity first.

    ``within``: only of these channels; ``after``: activity and number of the post before.

    :raises InputError: no such day or name, or there is nothing to look for in ``search``.
    """
    times, now = office.times, office.times.now()
    since = times.period(chosen.since, now).first if chosen.since else None
    until = times.period(chosen.until, now).last if chosen.until else None
    words = terms(chosen.search) if chosen.search is not None else ()
    if chosen.search is not None and not words:
        raise InputError(say("there is no word in --search; write some that the post had"))
    channels = _channels(office.settings, store, chosen.to) if chosen.to else None
    if within is not None:
        channels = tuple(within if channels is None else set(channels).intersection(within))
    query = Query(
        state=chosen.state,
        since=None if since is None else micros(times.bounds(since)[0]),
        until=None if until is None else micros(times.bounds(until)[1]),
        author=chosen.author,
        channels=channels,
        words=words,
        after=after,
        limit=limit,
    )
    return store.posts(query)


def _channels(settings: Settings, store: Store, names: tuple[str, ...]) -> tuple[str, ...]:
    known = {*settings.channels, *store.channels()}
    found: dict[str, None] = {}
    for name in names:
        meant = [name]
        if name not in known:
            meant = [each.channel.name for each in settings.resolve((name,))]
        found.update(dict.fromkeys(meant))
    return tuple(found)


def config_changes(office: Office, view: PostView) -> tuple[str, ...]:
    """Channels that would receive something else, were a post written now that is not sent yet."""
    unsent = view.post.stage in {Stage.DRAFT, Stage.APPROVED, Stage.PLANNED}
    return Decisions(office).renders_otherwise(view) if unsent else ()


def approval_words(office: Office, view: PostView) -> str:
    """What a draft waits for, or what was decided; empty: it never was a draft."""
    times, state = office.times, view.approval
    if state is None:
        return ""
    post = view.post.id
    if state.verdict is not None and state.by:
        at = say(" {when}", when=times.show(state.at)) if state.at else ""
        by = joined(", ", state.approvers) or state.by
        said = say(
            "{verdict} by {by}{at}{more}",
            verdict=state.verdict,
            by=by,
            at=at,
            more=say(": {reason}", reason=state.reason) if state.reason else "",
        )
        if view.state not in ("returned", "rejected"):
            return said
        return say(
            "{text}\nto change it, and ask for approval again: broadcaster edit {post}",
            text=said,
            post=post,
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
            post=post,
        )
    if view.state != "draft":
        return ""
    others = joined(", ", [*state.writers, *state.approvers]) or say("nobody known")
    so_far = say(
        "{count} of {needed} have approved it; ", count=len(state.approvers), needed=state.needed
    ) * (state.needed > 1)
    return say(
        "{so_far}waits for somebody else than {others}{until}: broadcaster approve {post}",
        so_far=so_far,
        others=others,
        until=until,
        post=post,
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
        "stands": list(row.stands),
        "removed": list(row.removed),
        "wanted": dict(row.wanted),
    }


def post_json(office: Office, view: PostView, *, wire: bool = False) -> dict[str, Json]:
    """One post with every delivery, message, receipt and link; ``wire``: and what was sent."""
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
        "deliveries": [_delivery(office, each, wire=wire) for each in view.deliveries],
        **record_json(view, office.link, zone),
    }


def _approval(approval: Approval, zone: tzinfo) -> Json:
    return {
        "required": approval.required > 0,
        "needed": approval.needed,
        "approvers": list(approval.approvers),
        "verdict": approval.verdict,
        "by": approval.by or None,
        "at": iso(approval.at, zone),
        "reason": approval.reason or None,
        "writers": list(approval.writers),
        "lapses": iso(approval.lapses_at, zone),
        "digest": approval.digest,
    }


def _delivery(office: Office, view: DeliveryView, *, wire: bool) -> Json:
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
        "rendering": view.rendering or None,
        "messages": [_message(office, delivery.channel, each, wire=wire) for each in view.messages],
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


def _message(office: Office, channel: str, view: MessageView, *, wire: bool) -> Json:
    ids = list(view.receipt.ids) if view.receipt else []
    live = ids if view.state != "recalled" else []  # a link that is dead is none
    links = [found for each in live if (found := office.link(channel, each, view.chat))]
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
        "pinned": view.pinned,
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
