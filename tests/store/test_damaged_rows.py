"""Rows that were damaged in the database itself: each is set aside, and all others go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from broadcaster.adapter import Rate
from broadcaster.engine.recording import TurnBatch, record
from broadcaster.model import Receipt, State
from broadcaster.store.changes import Edit, Recall
from broadcaster.store.exchange import Claim, Outcome, Tick, Verdict
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.renderings import DAMAGED
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store
from broadcaster.store.views import Query
from broadcaster.testing.store_office import SECOND, StoreOffice, file, receipt
from tests.store.by_the_loop import PostgresByTheLoop, SqliteByTheLoop

ODD_MESSAGES = (
    "[1",
    "",
    "{}",
    "[]",
    "[1]",
    "null",
    "[" * 50_000,
    '[{"index": 0, "verb": "shout"}]',
    '[{"index": 0, "text": "x", "mood": "glad"}]',
    '[{"index": 0, "media": [{"digest": 5}]}]',
)
ODD_CHANNELS = ("[1", "", "[]", "null", '{"bale-x": "first"}', '{"bale-x": {}}', "5")
GOOD = 5

Damage = Callable[[str], None]


@pytest.fixture(params=[SqliteStore, SqliteByTheLoop, PostgresStore, PostgresByTheLoop])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param in (PostgresStore, PostgresByTheLoop):
        store = request.param(request.getfixturevalue("url"))
    else:
        store = request.param(tmp_path / "broadcaster.db")
    yield store
    store.close()


@pytest.fixture
def office(store: Store) -> StoreOffice:
    office = StoreOffice(store)
    store.open("daemon", exclusive=not store.several_daemons)
    return office


def damage(store: Store, statement: str, **values: object) -> None:
    cx: Any = store._db  # type: ignore[attr-defined]
    mark = "%({})s" if isinstance(store, PostgresStore) else ":{}"
    said = statement.format(*(mark.format(name) for name in values))
    with cx.write():
        assert cx.run(said, **values), said


def good(office: StoreOffice, **more: Any) -> set[int]:
    posts = {office.post(f"bale-{n}", texts=[f"خوب {n}"], **more) for n in range(GOOD)}
    assert len(posts) == GOOD
    return posts


def out(office: StoreOffice, posts: set[int]) -> set[int]:
    return {post for post in posts if office.shown(post) == State.DELIVERED}


def no_screen_fails(office: StoreOffice) -> None:
    for row in office.store.posts(Query(limit=1000), now=office.now):
        office.store.post(row.post.id, now=office.now)
    office.store.unknowns()
    office.store.health(now=office.now)
    office.store.files()
    office.store.backlog(now=office.now)
    office.store.troubles(0, office.now + SECOND)


@pytest.mark.parametrize("later", [False, True])
def test_a_rendering_that_cannot_be_read_fails_alone(office: StoreOffice, later: bool) -> None:
    more = {"due": office.now + 10 * SECOND} if later else {}
    bad = {}
    for number, odd in enumerate(ODD_MESSAGES):
        bad[office.post(f"bale-bad{number}", texts=[f"بد {number}"], **more)] = odd
        table = "plan" if later else "deliveries"
        (post,) = [*bad][-1:]
        damage(
            office.store,
            f"update renderings set messages = {{}} where digest = (select rendering from {table}"
            " where post = {})",
            odd=odd,
            post=post,
        )
    posts = good(office, **more)
    no_screen_fails(office)
    office.wait(11)
    office.drain()
    assert out(office, posts) == posts
    for post, odd in bad.items():
        (view,) = office.store.post(post).deliveries
        assert (view.delivery.state, view.delivery.reason) == (State.FAILED, DAMAGED), odd
    assert sum(each.count for each in office.store.troubles(0, office.now + 1)) == len(bad)
    no_screen_fails(office)


def test_a_rendering_that_is_gone_fails_alone(office: StoreOffice) -> None:
    bad = office.post("bale-bad", texts=["بد"], due=office.now + 10 * SECOND)
    damage(office.store, "delete from renderings where digest in (select rendering from plan)")
    posts = good(office, due=office.now + 10 * SECOND)
    no_screen_fails(office)
    office.wait(11)
    office.drain()
    assert out(office, posts) == posts
    assert office.state(bad, "bale-bad") is State.FAILED


@pytest.mark.parametrize("odd", ODD_CHANNELS)
def test_a_plan_that_cannot_be_read_fails_in_sight_and_alone(office: StoreOffice, odd: str) -> None:
    """Its other channels, and all other posts, go out."""
    more = {"due": office.now + 10 * SECOND}
    bad = office.post("bale-bad", "gap-good", texts=["بد"], **more)
    posts = good(office, **more)
    damage(
        office.store,
        "update plan set channels = {} where post = {} and account = 'bale'",
        odd=odd,
        post=bad,
    )
    no_screen_fails(office)
    office.wait(11)
    office.drain()
    office.drain("gap")
    assert out(office, posts) == posts
    states = {each.delivery.channel: each.delivery for each in office.store.post(bad).deliveries}
    assert states["gap-good"].state is State.DELIVERED
    (lost,) = (each for name, each in states.items() if name != "gap-good")
    assert lost.state is State.FAILED
    assert "which channels" in lost.reason
    (entry,) = (row for row in office.store.audit() if row.verb == "damaged")
    assert (entry.post, entry.detail["was"]) == (bad, odd)
    assert office.store.verify_audit().flaws == ()


def test_rows_beside_a_post_that_cannot_be_read_hide_nothing(office: StoreOffice) -> None:
    bad = office.post("bale-bad", media=[file()])
    posts = good(office)
    for column in ("media", "options", "texts"):
        damage(office.store, f"update posts set {column} = '[1' where id = {{}}", post=bad)
    damage(office.store, "update deliveries set lost = '[1' where post = {}", post=bad)
    office.drain()
    assert out(office, posts | {bad}) == posts | {bad}
    damage(office.store, "update receipts set ids = '[1' where post = {}", post=bad)
    no_screen_fails(office)


def test_a_claim_that_was_damaged_on_the_wire_is_in_doubt_and_ends_no_daemon(
    office: StoreOffice,
) -> None:
    bad = office.post("bale-bad", texts=["بد"])
    office.claim()
    damage(office.store, "update renderings set messages = '[1'")
    again = StoreOffice(office.store, "second")
    again.now = office.now + 60 * SECOND
    posts = good(again)
    again.drain()
    assert out(again, posts) == posts
    assert again.state(bad, "bale-bad") is State.UNKNOWN


def test_a_head_that_is_marked_and_held_by_nobody_is_in_doubt(office: StoreOffice) -> None:
    bad = office.post("bale-1", texts=["بد"])
    office.claim()
    damage(
        office.store,
        "update lanes set owner = null, delivery = null, wake_at = {}",
        at=office.now,
    )
    posts = good(office)
    office.drain()
    assert office.state(bad, "bale-1") is State.UNKNOWN
    assert out(office, posts) == posts


ODD_FILES = (
    '["x"]',
    '"x"',
    "5",
    "[[1]]",
    '[{"digest": null}]',
    '[{"digest": {"a": 1}}]',
    '{"digest": "x"}',
    '[{"digest": "\\ud800"}]',
    '[{"digest": "\\u0000"}]',
    "[1",
)


@pytest.mark.parametrize("odd", ODD_FILES)
@pytest.mark.parametrize(
    ("where", "form"),
    [
        ("update posts set media = {} where id = 1", "{}"),
        ("update renderings set messages = {} where messages like '%%bad%%'", "{}"),
        ("update renderings set messages = {} where messages like '%%bad%%'", '[{{"media": {}}}]'),
    ],
)
def test_files_of_a_row_that_cannot_be_read_hide_no_others(
    office: StoreOffice, odd: str, where: str, form: str
) -> None:
    office.post("bale-1", texts=["bad"])
    office.claim()
    right = file()
    office.post("bale-2", media=[right])
    office.tick()
    damage(
        office.store,
        where if isinstance(office.store, PostgresStore) else where.replace("%%", "%"),
        odd=form.format(odd),
    )
    files = office.store.files()
    assert right.digest in files
    assert all(each.isprintable() for each in files)


@pytest.mark.parametrize("ended", ["next", "failed", "unknown", "posted", "dies"])
@pytest.mark.parametrize("last", ["pin", "text", "recall", "edit"])
def test_the_rest_of_a_post_that_cannot_be_read_stops_nothing_else(
    office: StoreOffice, last: str, ended: str
) -> None:
    """It was readable when its first message went out, and is read anew at its last one."""
    texts = ["یک"] if last == "pin" else ["یک", "دو"]
    bad = office.post("bale-bad", texts=texts, pin=last == "pin")
    office.send()
    claim = office.claim() if ended != "next" else None
    every = frozenset({"bale-bad"})
    if last == "recall":
        office.change(Recall(post=bad, recallable=every))
    elif last == "edit":
        new = (office.target("bale-bad", "نو"),)
        office.change(Edit(post=bad, source="نو", targets=new, editable=every, recallable=every))
    damage(office.store, "update renderings set messages = {}", odd="[1")
    office.store._renderings._known.clear()  # type: ignore[attr-defined]
    if claim is not None and ended == "dies":
        office = StoreOffice(office.store, "second")
    elif claim is not None:
        record_by_the_daemon(office, claim, ended)
    office.wait(3600)
    posts = good(office)
    office.drain()
    assert out(office, posts) == posts
    states = {each.delivery.state for each in office.store.post(bad).deliveries}
    assert State.SENDING not in states
    assert State.UNKNOWN in states or State.WAITING not in states
    no_screen_fails(office)


def record_by_the_daemon(office: StoreOffice, claim: Claim, ended: str) -> None:
    outcomes: dict[str, Outcome] = {
        "failed": Verdict(state=State.FAILED, reason="given up"),
        "unknown": Verdict(state=State.UNKNOWN, reason="silence"),
        "posted": Receipt(ids=("8",)),
    }
    batch = TurnBatch(results=[claim.ended(outcomes[ended])])

    async def tick(batch: TurnBatch) -> Tick:
        parts = (batch.results, batch.begins, batch.wants)
        return office.store.tick(office.owner, *parts, 60.0, now=office.now)

    flying: Any = SimpleNamespace(claim_of=lambda result: claim, results=[])
    with pytest.raises(StopIteration):  # it waits for nothing but the store
        record(tick, batch, flying).send(None)


NO_NUMBERS = ("abc", b"\x00", 2**63 - 1)
NUMBERS = {
    "accounts": ("failures", "not_before", "retry_at", "tat"),
    "lanes": ("delivery", "fence", "not_before", "tat", "wake_at"),
    "deliveries": (
        *("attempts", "counts", "deadline", "deaths", "done_at", "failures", "fence", "first_try"),
        *("looked", "next_at", "open", "order_at", "revision", "sent_at", "step", "steps"),
        *("superseded_by", "tries", "verify_until"),
    ),
}


@pytest.mark.parametrize("odd", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize(
    ("table", "column"), [(table, each) for table, found in NUMBERS.items() for each in found]
)
def test_a_number_that_is_none_stops_nothing_else(
    tmp_path: Path, table: str, column: str, odd: object
) -> None:
    """SQLite keeps whatever is written, whatever the table asks for."""
    store = SqliteStore(tmp_path / "broadcaster.db")
    office = StoreOffice(store)
    store.open("daemon", exclusive=True)
    sent = office.post("bale-sent", texts=["یک", "دو"])
    first = office.send()
    claim = office.claim(count=1)
    assert (first.delivery, first.position, claim.position) == (claim.delivery, 0, 1)
    office.post("bale-waits", texts=["یک"])
    damage(store, "insert into accounts (name) values ({})", name="bale")
    damage(store, f"update {table} set {column} = {{}}", odd=odd)
    posts = good(office)
    office.record(claim, receipt("2"))
    for _ in range(3):
        office.wait(3600)
        while claims := office.tick(rate=Rate(count=20, per_s=1)).claims:
            assert (sent, 0) not in {(each.post, each.position) for each in claims}, "sent twice"
            office.tick(*(each.ended(receipt(f"m{each.delivery}")) for each in claims), count=0)
    if table != "accounts" or not isinstance(odd, int):  # silence until a far year is no error …
        assert out(office, posts) == posts
    no_screen_fails(office)
    store.close("daemon")
    again = StoreOffice(SqliteStore(tmp_path / "broadcaster.db"))
    again.store.open("daemon", exclusive=True)
    again.now = office.now
    for account in ("bale", "gap"):  # … and ends at the next start
        posts |= {again.post(f"{account}-new{n}", texts=["خوب"]) for n in range(GOOD)}
        again.drain(account)
    assert out(again, posts) == posts
    assert again.store.verify_audit().flaws == ()
    again.store.close("daemon")
