"""Queues posts with a plan of their targets, and fans out due posts into deliveries.

A post that is due is fanned out when it is queued, unless it is wide; a tick fans out the others.
The plan groups targets into parts with equal renderings and deadlines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Digest, Micros, Stage
from broadcaster.store import codec
from broadcaster.store.queue import audit
from broadcaster.store.queue.work import DAEMON, Work, pack
from broadcaster.store.submit import KeyConflict, NewPost, Queued, SlotTaken
from broadcaster.text.search import folded

if TYPE_CHECKING:
    from broadcaster.store.submit import Target


def enqueue(work: Work, posts: Sequence[NewPost]) -> list[Queued]:
    queued = [_existing(work, post) or _add(work, post) for post in posts]
    if not all(item.existing for item in queued):
        work.cx.run("enqueue.nudge")
    return queued


def keyed(work: Work, key: str) -> int | None:
    row = work.cx.one("enqueue.key", key=key)
    return None if row is None else int(row["post"])


def written(work: Work, author: str, within: Micros) -> int:
    return int(work.cx.scalar("enqueue.written", author=author, since=work.now - within))


def _existing(work: Work, post: NewPost) -> Queued | None:
    if post.key is None:
        return None
    row = work.cx.one("enqueue.key", key=post.key)
    if row is None:
        return None
    if row["fingerprint"] != post.fingerprint:
        raise KeyConflict(
            say(
                "the key {key!r} was used for another content, post {row}: it begins "
                "{first_line}, this one {first_line2}; use a new key for a new "
                "announcement",
                key=post.key,
                row=row["post"],
                first_line=_first_line(row["source"]),
                first_line2=_first_line(post.source),
            ),
            post=row["post"],
        )
    return Queued(post=row["post"], existing=True)


def _add(work: Work, post: NewPost) -> Queued:
    channels = {target.channel for target in post.targets}
    if len(channels) < len(post.targets):
        raise InputError(say("a channel stands twice among the targets of one post"))
    due = work.now if post.due is None else post.due
    if post.slot is not None and due in slots_taken(work, post.slot, due):
        raise SlotTaken(
            say("the slot of {slot} has just been taken by another post; try again", slot=post.slot)
        )
    number: int = work.cx.scalar(
        "enqueue.put_post",
        source=post.source,
        media=codec.media_json(post.media),
        converted=codec.conversions_json(post.converted),
        options=codec.options_json(post.options),
        texts=codec.dumps(dict(post.texts)),
        due=due,
        now=work.now,
        expires=post.expires,
        stage=post.stage.value,
        reply_to=post.reply_to,
        author=post.author,
        key=post.key,
        door=post.door.value,
        words=folded(dict.fromkeys([post.source, *post.texts.values()])),
        corrects=post.corrects,
        slot=post.slot,
        remove_at=post.remove_at,
    )
    if post.key is not None:
        work.cx.run(
            "enqueue.put_key", key=post.key, fingerprint=post.fingerprint, post=number, now=work.now
        )
    work.renderings.put(target.rendering for target in post.targets)
    fans = fans_json(number, post.targets)
    if post.stage is Stage.PLANNED and due <= work.now and goes_first(work, len(post.targets)):
        fan_out(work, [number], fans)
    else:
        work.cx.run("plan.put", fans=fans)
        if post.stage is Stage.PLANNED:
            work.cx.run("enqueue.put_scheduled", due=due, post=number)
        elif post.stage is Stage.DRAFT:
            _begin_approval(work, number, post)
    audit.posted(work, number, post, due)
    return Queued(post=number)


def slots_taken(work: Work, slot: str, since: Micros) -> frozenset[Micros]:
    """The due times from ``since`` on that posts have taken of a list of slots."""
    rows = work.cx.all("enqueue.slots_taken", slot=slot, since=since)
    return frozenset(row["due"] for row in rows)


def _begin_approval(work: Work, post: int, new: NewPost) -> None:
    """Note that a new draft waits for approval by a person other than its author."""
    work.cx.run(
        "approval.put",
        post=post,
        required=new.approvals,
        writers=codec.dumps([new.author] if new.author else []),
        lapses_at=new.lapses_at,
        now=work.now,
    )


def _first_line(source: str | None) -> str:
    line = (source or "").strip().split("\n")[0]
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”"


class Planned(NamedTuple):
    """The plan of one channel; a row of ``plan.targets``."""

    position: int
    channel: str
    account: str
    rendering: Digest
    lost: str
    deadline: Micros | None
    off: int
    cancelled: int


ALIKE = ("account", "rendering", "lost", "deadline", "off", "cancelled")
"""The columns that are equal for all targets of a part."""


def fans_json(post: int, targets: Sequence[Target]) -> str:
    """Targets as JSON for ``plan.put``, ``put_lanes`` and ``fan_out``.

    There is one row for each part, with its channels and their positions; a row for each channel
    would double the cost.
    """
    fans: dict[tuple[object, ...], tuple[Target, dict[str, int]]] = {}
    for position, target in enumerate(targets):
        alike = target.account, id(target.rendering), target.deadline, target.off
        if alike not in fans:
            fans[alike] = target, {}
        fans[alike][1][target.channel] = position
    return pack(
        [
            {
                "account": first.account,
                "channels": channels,
                "post": post,
                "rendering": first.rendering.digest,
                "steps": len(first.rendering.messages),
                "lost": pack(first.rendering.lost),
                "deadline": first.deadline,
                "off": int(first.off),
            }
            for first, channels in fans.values()
        ]
    )


def planned(work: Work, post: int) -> list[Planned]:
    """The planned targets of a post, in their order."""
    return [Planned(*row) for row in work.cx.all("plan.targets", post=post)]


def replan(work: Work, post: int, changed: Callable[[Planned], Planned]) -> tuple[str, ...]:
    """Replace each target by ``changed(target)``; cancelled targets stay.

    Returns the channels whose targets have changed.
    """
    before = planned(work, post)
    after = [target if target.cancelled else changed(target) for target in before]
    moved = tuple(new.channel for old, new in zip(before, after, strict=True) if new is not old)
    if moved:
        parts: dict[tuple[object, ...], dict[str, int]] = {}
        for target in after:
            alike = tuple(getattr(target, name) for name in ALIKE)
            parts.setdefault(alike, {})[target.channel] = target.position
        rows = [
            {**dict(zip(ALIKE, alike, strict=True)), "channels": channels}
            for alike, channels in parts.items()
        ]
        work.cx.run("plan.drop", post=post)
        work.cx.run("plan.replace", post=post, parts=pack(rows))
    return moved


def rerender(work: Work, post: int, targets: Sequence[Target]) -> tuple[str, ...]:
    """Replace renderings and deadlines; returns the channels that changed."""
    new = {target.channel: target for target in targets}

    def changed(each: Planned) -> Planned:
        if (target := new.get(each.channel)) is None:
            return each
        return each._replace(
            rendering=target.rendering.digest,
            lost=pack(target.rendering.lost),
            deadline=target.deadline,
        )

    return replan(work, post, changed)


WIDE = 100
"""Number of targets from which on the next tick fans out a post instead of its author.  Each
channel's line is on a page of its own, and an author should not wait for so many writes."""
NAMELESS = say("which channels it goes to cannot be read any more (the store is damaged there)")
POSTS_PER_TICK, TARGETS_PER_TICK = 20, 1000
"""Bounds of a tick if many posts are due together, as no other process can write meanwhile."""


def lanes_json(channels: Iterable[tuple[str, str]]) -> str:
    """(channel, account) pairs as JSON for ``put_lanes``: part of a row of ``fans_json``."""
    accounts: dict[str, dict[str, int]] = {}
    for position, (channel, account) in enumerate(channels):
        accounts.setdefault(account, {})[channel] = position
    return pack([{"account": account, "channels": names} for account, names in accounts.items()])


def goes_first(work: Work, targets: int) -> bool:
    """Whether a due post is fanned out at once: it is not wide, and no earlier post waits for a
    tick."""
    if targets >= WIDE:
        return False
    next_due: Micros | None = work.cx.scalar("claims.next_due")
    return next_due is None or next_due > work.now


class Made(NamedTuple):
    """Posts that became deliveries; their lanes are not woken yet."""

    posts: list[int]
    targets: int


def fan_out(work: Work, posts: Sequence[int], fans: str) -> None:
    """Make the deliveries of ``posts``, with lanes for new channels, and wake the lanes.

    ``fans``: see :func:`~broadcaster.store.queue.enqueue.fans_json`.
    """
    _make(work, posts, fans)
    wake_lanes(work, posts)


def fan_out_due(work: Work) -> int:
    """Fan out a few due posts; returns the number of their targets."""
    made = make_due(work)
    wake_lanes(work, made.posts)
    return made.targets


def make_due(work: Work) -> Made:
    """Like :func:`fan_out_due`, but without waking the lanes (:func:`wake_lanes`)."""
    posts: list[int] = []
    targets = 0
    due = work.cx.all("plan.due", now=work.now, limit=POSTS_PER_TICK)
    mended = _mend(work, [row["post"] for row in due]) if due else False
    for row in due:
        width: int = work.cx.scalar("plan.width", post=row["post"])
        if posts and targets + width > TARGETS_PER_TICK:
            break
        targets += width
        posts.append(row["post"])
    if not posts:
        return Made([], 0)
    ids = pack(posts)
    _make(work, posts, work.cx.scalar("plan.fans", posts=ids))
    if mended:
        work.cx.run("plan.fail_mended", posts=ids, reason=NAMELESS, now=work.now)
    work.cx.run("plan.begun", posts=ids)
    work.cx.run("enqueue.drop_scheduled", posts=ids, now=work.now)
    return Made(posts, targets)


def _mend(work: Work, posts: Sequence[int]) -> bool:
    """Replace unreadable channels in plan rows by a name of ours; returns whether there were any.

    So the damaged part becomes a delivery that fails visibly, and all others are sent.
    """
    damaged = work.cx.all("plan.damaged", posts=pack(posts))
    for row in damaged:
        detail = {"account": row["account"], "part": row["part"], "was": row["channels"][:1000]}
        audit.append(work.under(DAEMON), "damaged", row["post"], detail)
        name = pack({f"?{row['part']}": row["part"]})
        work.cx.run("plan.mend", post=row["post"], part=row["part"], channels=name)
    return bool(damaged)


def wake_lanes(work: Work, posts: Sequence[int]) -> None:
    """Wake the lanes of the new deliveries of ``posts``."""
    work.cx.run("lanes.wake_new", posts=pack(posts), now=work.now)


def _make(work: Work, posts: Sequence[int], fans: str) -> None:
    work.cx.run("enqueue.put_lanes", fans=fans)
    work.cx.run("enqueue.fan_out", fans=fans)
    work.cx.run("enqueue.fanned_out", posts=pack(posts))
