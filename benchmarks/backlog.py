"""A great many rows in a SQLite store, made by SQL from what one real post looks like there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.office import DRAFT
from broadcaster.app.office import Office
from broadcaster.model import Micros
from broadcaster.planning.plan import new_post
from broadcaster.store.sqlite.store import SqliteStore

FAR: Micros = 4_102_444_800_000_000
"""The year 2100."""

_POSTS = """
with recursive n (i) as (select 1 union all select i + 1 from n where i < :count)
insert into posts (source, media, options, texts, due, created, stage, author)
select source, media, options, texts, coalesce(:due, due), created, :stage, author
from n, posts where id = :like"""
_WAITING = """
insert into deliveries
  (post, lane, kind, rendering, lost, state, steps, order_at, next_at, deadline)
select p.id, d.lane, d.kind, d.rendering, d.lost, 'waiting', d.steps, d.order_at, d.next_at,
  d.deadline
from posts p, deliveries d where p.id > :last and d.post = :like order by p.id, d.id"""
_DONE = """
insert into receipts (post, lane, slot, ids, recorded, delivery, rendering, step)
select post, lane, 0, '["7"]', :now, id, rendering, 0 from deliveries where post > :last"""


def fill_due(office: Office, count: int) -> None:
    """``count`` deliveries that are due, over all channels of the office; its store may be new."""
    if not count:
        return
    now = datetime.now(UTC)
    with office.store() as store:
        queued = store.enqueue([new_post(DRAFT, office.plan(DRAFT, now=now), now=now)])
    path = Path(office.settings.store_url.removeprefix("sqlite://"))
    fan_out(path)
    channels = len(office.settings.channels)
    waiting(path, like=queued[0].post, posts=count // channels - 1)


def fan_out(path: Path) -> None:
    """What is due becomes deliveries, from which the others here are made."""
    store = SqliteStore(path)
    store.open("backlog", exclusive=True)
    tick_all(store, "backlog")
    store.close("backlog")


def tick_all(store: SqliteStore, owner: str) -> None:
    """Claim nothing, until nothing is due any more."""
    # a tick after one that fans out much leaves what is due to the next
    while any(store.tick(owner, [], [], [], 60.0).fanned for _ in range(2)):
        pass


def waiting(path: Path, *, like: int, posts: int) -> None:
    """So many more posts like that one, each delivery of it waiting."""
    with closing(_open(path)) as raw, raw:
        last = _more_posts(raw, like, posts, "fanned-out")
        _made(raw.execute(_WAITING, {"last": last, "like": like}), posts)


def delivered(path: Path, *, like: int, posts: int) -> None:
    """So many more posts like that one, long delivered and kept."""
    with closing(_open(path)) as raw, raw:
        last = _more_posts(raw, like, posts, "fanned-out")
        _made(raw.execute(_WAITING, {"last": last, "like": like}), posts)
        raw.execute("drop trigger deliveries_edge")
        raw.execute(
            "update deliveries set state = 'delivered', open = null, step = 1, attempts = 1,"
            " tries = 1, done_at = next_at where post > ?",
            (last,),
        )
        raw.execute(_DONE, {"last": last, "now": 1})


def scheduled(path: Path, *, like: int, posts: int) -> None:
    """So many posts for one channel each, that are due in a far year."""
    with closing(_open(path)) as raw, raw:
        last = _more_posts(raw, like, posts, "planned", due=FAR)
        made = raw.execute(
            "insert into plan (post, part, account, rendering, channels)"
            " select p.id, 0, l.account, d.rendering, json_object(l.channel, 0)"
            " from posts p, deliveries d join lanes l on l.id = d.lane"
            " where p.id > ? and d.id = (select min(id) from deliveries where post = ?)",
            (last, like),
        )
        _made(made, posts)
        raw.execute(
            "insert into scheduled (due, post) select due, id from posts where id > ?", (last,)
        )


def _more_posts(
    raw: sqlite3.Connection, like: int, posts: int, stage: str, due: Micros | None = None
) -> int:
    last = int(raw.execute("select max(id) from posts").fetchone()[0])
    if posts > 0:
        raw.execute(_POSTS, {"count": posts, "like": like, "stage": stage, "due": due})
    return last


def _made(cursor: sqlite3.Cursor, posts: int) -> None:
    """:raises RuntimeError: there was nothing to copy, and the row would measure an empty store."""
    if cursor.rowcount < posts:
        raise RuntimeError(f"{cursor.rowcount} rows for {posts} posts: the pattern is not there")


def _open(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, timeout=60)
    raw.execute("pragma synchronous = off")  # a made store; speed is all that counts
    return raw
