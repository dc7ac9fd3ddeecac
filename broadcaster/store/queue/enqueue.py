"""Queue posts: post, renderings and plan, or deliveries where it is due, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from broadcaster.errors import InputError
from broadcaster.model import Micros, Stage
from broadcaster.store import codec
from broadcaster.store.queue import audit
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.fanout import fan_out, goes_first
from broadcaster.store.queue.later import Later
from broadcaster.store.queue.plan import fans_json
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queueing import KeyConflict, NewPost, Queued
from broadcaster.text.search import folded

if TYPE_CHECKING:
    from broadcaster.store.queue import approval
else:
    approval = Later("approval")


def enqueue(
    cx: Database, renderings: Renderings, posts: Sequence[NewPost], now: Micros
) -> list[Queued]:
    queued = [_existing(cx, post) or _add(cx, renderings, post, now) for post in posts]
    if not all(item.existing for item in queued):
        cx.run("enqueue.nudge")
    return queued


def _existing(cx: Database, post: NewPost) -> Queued | None:
    if post.key is None:
        return None
    known = cx.one("enqueue.key", key=post.key)
    if known is None:
        return None
    if known["fingerprint"] != post.fingerprint:
        raise KeyConflict(
            f"the key {post.key!r} was used for another content, post {known['post']}: "
            f"it begins {_first_line(known['source'])}, this one {_first_line(post.source)}; "
            "use a new key for a new announcement",
            post=known["post"],
        )
    return Queued(post=known["post"], existing=True)


def _add(cx: Database, renderings: Renderings, post: NewPost, now: Micros) -> Queued:
    channels = {target.channel for target in post.targets}
    if len(channels) < len(post.targets):
        raise InputError("a channel stands twice among the targets of one post")
    due = now if post.due is None else post.due
    number: int = cx.scalar(
        "enqueue.put_post",
        source=post.source,
        media=codec.media_json(post.media),
        options=codec.options_json(post.options),
        texts=codec.dumps(dict(post.texts)),
        due=due,
        now=now,
        expires=post.expires,
        stage=post.stage.value,
        reply_to=post.reply_to,
        author=post.author,
        key=post.key,
        door=post.door.value,
        words=folded(dict.fromkeys([post.source, *post.texts.values()])),
        corrects=post.corrects,
    )
    if post.key is not None:
        cx.run("enqueue.put_key", key=post.key, fingerprint=post.fingerprint, post=number, now=now)
    renderings.put(target.rendering for target in post.targets)
    fans = fans_json(number, post.targets)
    if post.stage is Stage.PLANNED and due <= now and goes_first(cx, len(post.targets), now):
        fan_out(cx, [number], fans, now)
    else:
        cx.run("plan.put", fans=fans)
        if post.stage is Stage.PLANNED:
            cx.run("enqueue.put_scheduled", due=due, post=number)
        elif post.stage is Stage.DRAFT:
            approval.begin(cx, number, post)
    audit.posted(cx, number, post, due, now)
    return Queued(post=number)


def _first_line(source: str | None) -> str:
    line = (source or "").strip().split("\n")[0]
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”"
