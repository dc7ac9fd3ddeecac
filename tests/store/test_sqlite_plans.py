"""Cost stays flat: the hot queries seek, whatever the backlog is; no timings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.store.exchange import Capacity
from broadcaster.store.queue.deliveries import DeliveryRow
from broadcaster.store.sqlite.connection import SQL
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.submit import Target
from broadcaster.testing.store_office import SECOND, StoreOffice, rendering

HOT = {
    "claims": ("before", "candidates", "ready", "next_due", "settle", "known"),
    "lanes": ("free", "wake", "wake_new", "lease", "prolong", "permits_awaited"),
    "deliveries": ("load", "save", "mark", "removed", "edited"),
    "sweep": ("missed", "hold", "unseen"),
    "enqueue": ("fan_out", "fanned_out"),
    "plan": ("due", "fans", "begun", "left"),
}
BIG = ("deliveries", "posts", "receipts", "plan", "scheduled", "lanes")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "queue.db")
    yield store
    store.close()


def plan(store: SqliteStore, sql: str) -> list[str]:
    names = {word.strip("():,") for word in sql.replace("(", " ").split() if word.startswith(":")}
    values = {name.lstrip(":").rstrip(")").rstrip(","): None for name in names}
    return [row["detail"] for row in store._cx.all(f"explain query plan {sql}", **values)]


@pytest.mark.parametrize(
    ("subject", "name"), [(subject, name) for subject, names in HOT.items() for name in names]
)
def test_no_full_scan(store: SqliteStore, subject: str, name: str) -> None:
    aliases = {"d", "l", "p", "h", *BIG}
    for detail in plan(store, SQL[f"{subject}.{name}"]):
        words = detail.split()
        if words[0] == "SCAN" and words[1] in aliases:
            assert "USING" in words, detail


def test_a_sweep_looks_at_parked_lanes_only(store: SqliteStore) -> None:
    details = "\n".join(plan(store, SQL["sweep.hold"]))
    assert "SEARCH d USING" in details
    assert "lanes_parked" in details
    assert "deliveries_line" in details


def test_deliveries_are_counted_without_sorting_them(store: SqliteStore) -> None:
    assert "TEMP B-TREE" not in "\n".join(plan(store, SQL["read.counts"]))


def test_a_claim_uses_the_lanes_clock_and_the_line(store: SqliteStore) -> None:
    details = "\n".join(plan(store, SQL["claims.candidates"]))
    assert "lanes_wake" in details
    assert "deliveries_line" in details


def steps(store: SqliteStore, office: StoreOffice) -> int:
    """Virtual-machine steps of one tick that claims five, in hundreds."""
    count = 0

    def counted() -> int:
        nonlocal count
        count += 1
        return 0

    raw = store._cx._raw
    raw.set_progress_handler(counted, 100)
    try:
        tick = store.tick("w", [], [], [Capacity(account="bale", count=5)], 30, now=office.now)
    finally:
        raw.set_progress_handler(None, 0)
    assert len(tick.claims) == 5
    return count


@pytest.mark.parametrize("kind", ["scheduled", "behind another platform", "delivered"])
def test_a_tick_costs_the_same_with_a_backlog(store: SqliteStore, kind: str) -> None:
    office = StoreOffice(store)
    office.post(*(f"bale-{number}" for number in range(20)))
    few = steps(store, office)
    fill(store, office, kind)
    assert steps(store, office) <= few * 1.2 + 2


def fill(store: SqliteStore, office: StoreOffice, kind: str) -> None:
    """100,000 rows, straight into the tables."""
    said = rendering()
    office.post("telegram-news")
    lane = store._cx.scalar("select id from lanes where channel = 'telegram-news'")
    rows = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000)"
    later = office.now + 3600 * SECOND
    with store._cx.write():
        store._cx.run(
            f"insert into posts (id, source, due, created, stage) {rows}"
            " select i + 1000, 'x', :due, 0, 'planned' from n",
            due=later,
        )
        if kind == "scheduled":
            store._cx.run(f"insert into scheduled {rows} select :due, i + 1000 from n", due=later)
            return
        store._cx.run(
            "insert into deliveries (post, lane, kind, rendering, steps, state, order_at, next_at)"
            f" {rows} select i + 1000, :lane, 'post', :digest, 1, 'waiting', 0, 0 from n",
            lane=lane,
            digest=said.digest,
        )
        if kind == "delivered":
            store._cx.run("update deliveries set state = 'sending' where lane = :lane", lane=lane)
            store._cx.run(
                "update deliveries set state = 'delivered', open = null where lane = :lane",
                lane=lane,
            )
        else:
            store._cx.run("update lanes set wake_at = 0 where id = :lane", lane=lane)


def test_targets_share_one_rendering(store: SqliteStore) -> None:
    office = StoreOffice(store)
    office.post(*(f"bale-{number}" for number in range(50)))
    assert store._cx.scalar("select count(*) from renderings") == 1
    assert isinstance(office.target("bale-1"), Target)


def test_rows_are_what_the_view_says(store: SqliteStore) -> None:
    columns = {row["name"] for row in store._cx.all("pragma table_info(delivery_rows)")}
    assert columns == {*DeliveryRow._fields}
