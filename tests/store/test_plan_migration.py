"""A store of an earlier program is brought up to date, and goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest

from broadcaster.model import Handle, State
from broadcaster.store import open_store
from broadcaster.store.changing import Cancel
from broadcaster.store.exchange import Begin, Purpose
from broadcaster.store.port import Store
from broadcaster.store.queueing import NewPost
from broadcaster.testing.store_office import LATE_AFTER, Office, file, receipt

BEFORE = {"sqlite": 4, "postgresql": 3}
"""The last migration with a row for each channel."""
COLUMNS = "post, position, channel, account, rendering, lost, deadline, off, cancelled"
NAMES = [f"bale-{number}" for number in range(5)]


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, Callable[[], Store]]]:
    kind: str = request.param
    url = f"sqlite:///{tmp_path / 'queue.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("make_database")()
    with ExitStack() as stack:

        def by() -> Store:
            store = open_store(url, folder=tmp_path / "state")
            stack.callback(store.close)
            return store

        yield kind, by


def as_before(kind: str, store: Any) -> None:
    """Turn the plan, and the number of the last migration, back."""
    cx = store._cx
    first = files(f"broadcaster.store.{kind}") / "migrations" / "0001_queue.sql"
    table = re.search(r"create table plan \(.*?\n\)[^;]*", first.read_text("utf-8"), re.DOTALL)
    assert table
    by_digest = [
        f"alter table {each} rename column file to digest" for each in ("handles", "uploads")
    ]
    since = {
        "sqlite": ["drop index lanes_leased"],
        "postgresql": [
            "alter table lanes drop column leased_until",
            "drop function tick",
            "drop table fan_outs_turn, decisions_turn, lanes_turn",
        ],
    }
    settling = {"lanes": ["chat"], "receipts": ["chat"], "deliveries": ["deaths", "looked", "chat"]}
    schedules = [f"alter table schedules drop column {name}" for name in ("files", "passed_why")]
    steps = [
        *by_digest,
        *since[kind],
        *({"sqlite": [], "postgresql": ["drop view heads cascade"]}[kind]),
        "drop view delivery_rows",
        *(
            f"alter table {table} drop column {column}"
            for table, columns in settling.items()
            for column in columns
        ),
        "create view delivery_rows as select 1 as id",
        *schedules,
        "drop index posts_written",
        "alter table audit drop column door",
        "create table kept as select * from targets",
        "drop view targets",
        *(["drop function readable"] if kind == "postgresql" else []),
        "drop table plan",
        table[0],
        f"insert into plan ({COLUMNS}) select {COLUMNS} from kept",
        "drop table kept",
        f"pragma user_version = {BEFORE[kind]}"
        if kind == "sqlite"
        else f"delete from migrations where number > {BEFORE[kind]}",
    ]
    for step in steps:
        cx.run(step)


def test_plans_survive_and_go_out(opened: tuple[str, Callable[[], Store]]) -> None:
    kind, by = opened
    office = Office(by())
    due = office.now + 60_000_000
    targets = [office.target(name) for name in NAMES]
    targets[3] = office.target(NAMES[3], "متنی دیگر", deadline=due + LATE_AFTER, off=True)
    new = NewPost(source="اطلاعیه", due=due, targets=tuple(targets))
    post = office.store.enqueue([new], now=office.now)[0].post
    office.change(Cancel(post=post, channels=(NAMES[1],)))
    seen = office.store.post(post, now=office.now)
    as_before(kind, office.store)
    office.store.close()

    office.store = by()
    assert office.store.post(post, now=office.now) == seen
    office.wait(61)
    office.store.open("daemon", exclusive=False)
    for claim in office.tick().claims:
        office.record(claim, receipt())
    states = {name: office.state(post, name) for name in NAMES}
    assert states == {
        NAMES[0]: State.DELIVERED,
        NAMES[1]: State.CANCELLED,
        NAMES[2]: State.DELIVERED,
        NAMES[3]: State.HELD,
        NAMES[4]: State.DELIVERED,
    }


def test_what_a_platform_kept_by_the_bytes_alone_is_forgotten(
    opened: tuple[str, Callable[[], Store]],
) -> None:
    """It may show the name of an earlier post: the file is uploaded once more."""
    kind, by = opened
    office = Office(by())
    photo = file()
    posts = [office.post(name, media=[photo]) for name in NAMES[:2]]
    office.tick(uploads=1)  # one uploads, one waits for it, and then the daemon is stopped
    office.store.close()
    office.store = by()
    as_before(kind, office.store)
    cx = cast("Any", office.store)._cx
    cx.run(f"insert into handles (account, digest, value) values ('bale', '{photo.digest}', 'old')")
    cx.run(f"update uploads set digest = '{photo.digest}'")
    cx.run(f"update lanes set waits_for = '{photo.digest}' where waits_for is not null")
    office.store.close()

    office.store = by()
    office.wait(61)
    office.owner = "another daemon"
    office.store.open(office.owner, exclusive=False)
    lease = office.claim(uploads=1)
    assert (lease.purpose, dict(lease.handles)) == (Purpose.UPLOAD, {})
    begin = Begin(
        delivery=lease.delivery,
        step=lease.step,
        fence=lease.fence,
        handles={photo.key: Handle(value="new")},
    )
    claims = office.tick(uploads=1, begins=[begin]).claims
    assert [claim.handles for claim in claims] == [{photo.key: Handle(value="new")}] * 2
    for claim in claims:
        office.record(claim, receipt())
    assert [office.shown(post) for post in posts] == ["delivered"] * 2
