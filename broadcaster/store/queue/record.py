"""The record of a post: its versions, the remarks on it, and what stands in each channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

from broadcaster.model import Message, Micros, Options
from broadcaster.store import codec
from broadcaster.store.chat import loaded
from broadcaster.store.queue.deliveries import DeliveryRow
from broadcaster.store.queue.enqueue import Planned
from broadcaster.store.queue.renderings import DAMAGE, Renderings
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.record import (
    DeliveryTrace,
    Remark,
    RemarkKind,
    Slot,
    Standing,
    Stands,
    Version,
    standing,
)
from broadcaster.text.search import folded

T = TypeVar("T")


def whole(read: Callable[[str], T], text: str, usual: T) -> T:
    """``text`` as ``read`` reads it; ``usual`` where it is damaged: the rest is shown."""
    try:
        return read(text)
    except DAMAGE:
        return usual


def messages_of(renderings: Renderings, digest: str) -> tuple[Message, ...]:
    """The messages of a rendering; none where it is damaged or gone."""
    none: tuple[Message, ...] = ()
    return whole(renderings.get, digest, none)


def versions(work: Work, post: Row) -> tuple[Version, ...]:
    """Every version of a post, given its row; at least one."""
    rows = work.cx.all("record.versions", post=post["id"])
    if not rows:
        only = {"number": 1, "revision": 0, "digest": _digest(post)}
        return (_version({**dict(post), **_origin(post), **only}),)
    return tuple(map(_version, rows))


def revise(work: Work, before: Row, revision: int) -> int:
    """Keep the text that the post has now beside ``before``; returns its number."""
    number = before["id"]
    known: int = work.cx.scalar("record.latest_version", post=number)
    if not known:
        first = _origin(before)
        work.cx.run("record.put_version", number=1, revision=0, **_content(before), **first)
    now = work.cx.one("read.post", post=number)
    assert now is not None, "it is being edited"
    latest = max(known, 1) + 1
    author = {"by": work.by.name, "door": work.by.door.value, "at": work.now}
    work.cx.run("record.put_version", number=latest, revision=revision, **_content(now), **author)
    work.cx.run("record.set_words", post=number, words=_words(work, now))
    return latest


def remark(
    work: Work,
    post: int,
    what: RemarkKind,
    why: Mapping[str, str],
    version: int | None = None,
) -> None:
    """Keep what happened in channels: channel -> why."""
    if why:
        work.cx.run(
            "record.put_remarks",
            post=post,
            what=what.value,
            version=version,
            by=work.by.name,
            door=work.by.door.value,
            now=work.now,
            rows=pack([{"channel": name, "why": words} for name, words in why.items()]),
        )


def latest(work: Work, post: int) -> int:
    """Number of the post's present version."""
    number: int = work.cx.scalar("record.latest_version", post=post)
    return number or 1


def touch(work: Work, post: int | None, deliveries: Sequence[int]) -> None:
    """Note that a person has just done something with these posts."""
    work.cx.run("record.touch", post=post, deliveries=pack(list(deliveries)), now=work.now)


def unfolded_with(work: Work, words: Sequence[str]) -> list[int]:
    """Posts that have all ``words`` in their texts, and are from before texts were folded."""
    rows = work.cx.all("record.unfolded", limit=-1)
    return [row["id"] for row in rows if all(word in _words(work, row) for word in words)]


def fold(work: Work, limit: int) -> int:
    """Fold the texts of some posts from before that was done; returns of how many."""
    rows = work.cx.all("record.unfolded", limit=limit)
    for row in rows:
        work.cx.run("record.set_words", post=row["id"], words=_words(work, row))
    return len(rows)


def _words(work: Work, post: Row) -> str:
    """Every text that a post has or had, as a search compares it."""
    said = versions(work, post)
    return folded(dict.fromkeys(t for each in said for t in (each.source, *each.texts.values())))


def remarks(work: Work, posts: Sequence[int]) -> dict[int, list[Remark]]:
    found: dict[int, list[Remark]] = defaultdict(list)
    for row in work.cx.all("record.remarks", posts=pack(list(posts))):
        found[row["post"]].append(
            Remark(
                channel=row["channel"],
                what=RemarkKind(row["what"]),
                version=row["version"],
                why=row["why"],
                by=row["by"],
                door=row["door"],
                at=row["at"],
            )
        )
    return found


def standings(
    renderings: Renderings,
    versions: Sequence[Version],
    remarks: Iterable[Remark],
    waiting: Iterable[Planned],
    made: Sequence[DeliveryRow],
    receipts: Mapping[int, Sequence[Row]],
) -> tuple[Standing, ...]:
    """What stands in each channel of a post.

    ``made``: its deliveries, oldest first; ``receipts``: by lane.
    """
    about: dict[str, list[Remark]] = defaultdict(list)
    for each in remarks:
        about[each.channel].append(each)
    lanes: dict[int, list[DeliveryRow]] = defaultdict(list)
    for row in made:
        lanes[row.lane].append(row)
    planned = [
        Standing(
            channel=each.channel,
            account=each.account,
            stands=Stands.NOT_OUT,
            version=None,
            current=False,
        )
        for each in waiting
    ]
    return (
        *planned,
        *(
            standing(
                rows[0].channel,
                rows[0].account,
                [_move(row) for row in rows],
                [_slot(renderings, row) for row in receipts.get(lane, ())],
                versions,
                about[rows[0].channel],
            )
            for lane, rows in lanes.items()
        ),
    )


def _move(row: DeliveryRow) -> DeliveryTrace:
    return DeliveryTrace(
        id=row.id,
        kind=row.kind,
        revision=row.revision if isinstance(row.revision, int) else 0,  # a row may be damaged
        state=row.state,
        step=row.step if isinstance(row.step, int) else 0,
        reason=row.reason,
        code=row.code,
    )


def _slot(renderings: Renderings, row: Row) -> Slot:
    stands = messages_of(renderings, row["rendering"])
    step = row["step"] if isinstance(row["step"], int) else 0
    return Slot(
        slot=row["slot"],
        ids=whole(codec.ids_of, row["ids"], ()),
        message=stands[step] if step < len(stands) else Message(index=row["slot"]),
        delivery=row["delivery"],
        chat=loaded(row["chat"]),
        posted_at=row["recorded"],
        edited_at=row["edited_at"],
        pinned_at=row["pinned_at"],
        removed_at=row["removed_at"],
        removed_by=row["removed_by"],
        note=row["note"],
    )


def _version(row: Row) -> Version:
    return Version(
        number=row["number"],
        source=row["source"],
        texts=whole(codec.texts, row["texts"], {}),
        media=whole(codec.media, row["media"], ()),
        options=whole(codec.options, row["options"], Options()),
        digest=row["digest"],
        by=row["by"],
        door=row["door"],
        at=row["at"],
        revision=row["revision"],
    )


def _origin(post: Row) -> dict[str, str | Micros | None]:
    """Who wrote the first version of a post, given its row."""
    return {"by": post["author"], "door": post["door"], "at": post["created"]}


def _content(post: Row) -> dict[str, object]:
    parts = {name: post[name] for name in ("source", "texts", "media", "options")}
    return {"post": post["id"], **parts, "digest": _digest(post)}


def _digest(post: Row) -> str:
    parts = [post[name] for name in ("source", "texts", "media", "options")]
    return sha256(codec.dumps(parts).encode()).hexdigest()


def channels(work: Work) -> tuple[str, ...]:
    """Every channel that a post has ever become a delivery for."""
    return tuple(sorted(row["channel"] for row in work.cx.all("change.lane_accounts")))
