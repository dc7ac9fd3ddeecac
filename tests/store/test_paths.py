"""The fast and the general path of a tick leave the same rows behind.

Two stores, one clock: the same random work goes through both paths, and every table is compared.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from broadcaster.adapter import Absent, Found, Present, Rate, Undecided
from broadcaster.errors import Refused
from broadcaster.model import Handle, Micros, State, Verb
from broadcaster.store.changes import (
    Cancel,
    Change,
    Close,
    Edit,
    Open,
    Recall,
    Release,
    Resolve,
    Retry,
)
from broadcaster.store.exchange import Capacity, Checked, Claim, Purpose, Result, Tick, UploadDone
from broadcaster.store.live import Cause
from broadcaster.store.postgresql import tick as ticks
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.tick import tick
from broadcaster.store.queue.upkeep import TABLES
from broadcaster.store.queue.work import Work, micros
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    LOOKED_FOR,
    REJECTED,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    file,
    receipt,
)

CHANNELS = ("bale-news", "bale-desk", "bale-city")
ABLE = frozenset(CHANNELS)
LATER = dict.fromkeys(CHANNELS, LATE_AFTER)
OWNERS = ("one", "two")
RATES = (None, Rate(count=30, per_s=10), Rate(count=2, per_s=7))
OUTCOMES = (UNAVAILABLE, REJECTED, IN_DOUBT, LOOKED_FOR)
NOT_THERE = Absent(newest_at=datetime(2026, 11, 24, tzinfo=UTC))
FOUND: Sequence[Found] = (Present(ids=("seen",)), NOT_THERE, NOT_THERE, Undecided(why="۵۰۲"))
OF_ITS_OWN = {"meta": {"store", "functions"}}
"""Rows that tell two stores apart, by key."""
UNUSED = {"tat": 0, "not_before": 0, "breaker": None, "failures": 0, "retry_at": None}
"""An account with these values is as good as one that has no row: PostgreSQL's tick makes one, so
that another tick waits for it."""


class General:
    """Mixed into a store: its ticks take the general path alone."""

    def tick(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease_s: float,
        *,
        fans: bool = True,
        now: Micros | None = None,
    ) -> Tick:
        store: Any = self
        lease = micros(lease_s)

        def do(work: Work) -> Tick:
            return tick(work.under(owner), results, uploads_done, capacities, lease, fans_from=None)

        done: Tick = store._write(do, now)
        return done


class GeneralPostgres(General, PostgresStore):
    """Its tick is never a function of the database."""


class GeneralSqlite(General, SqliteStore):
    """Not even its claims are marked by a trigger."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        run = self._cx.run

        def spelled(query: str, /, **values: Any) -> int:
            if query != "claims.start":
                return run(query, **values)
            rows = values["rows"]
            run("deliveries.mark", rows=rows, now=values["now"])
            return run("lanes.lease", lanes=rows, owner=values["owner"], until=values["until"])

        self._cx.run = spelled  # type: ignore[method-assign]


def rows(office: StoreOffice) -> Mapping[str, Any]:
    """Every table, as values in a fixed order."""
    cx: Any = office.store._cx  # type: ignore[attr-defined]
    found = {}
    for table in (*TABLES, "uploads", "daemons", "settings", "meta"):
        named = [dict(row) for row in cx.all(f"select * from {table}")]
        if table == "renderings":
            named = [{**row, "used": None} for row in named]  # by the clock on the wall
        own = OF_ITS_OWN.get(table, set())
        kept = [row for row in named if row.get("key") not in own or not own]
        if table == "accounts":
            kept = [row for row in kept if any(row[name] != UNUSED[name] for name in UNUSED)]
        found[table] = sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))
    return found


class Paths(RuleBasedStateMachine):
    """A subclass gives :meth:`make`: the store by the fast path, the other, and their end."""

    examples = 0
    counts: Sequence[int] = (0, 1, 2, 3)
    rates: Sequence[Rate | None] = RATES
    """Of the account."""

    def make(self) -> tuple[Any, Any, Callable[[], None]]:
        raise AssertionError("give two stores")

    def __init__(self) -> None:
        super().__init__()
        fast, general, self.throw_away = self.make()
        self.fast, self.general = StoreOffice(fast), StoreOffice(general)
        self.flying: list[tuple[str, Claim]] = []
        self.said: list[tuple[str, Result]] = []
        """Reported before; an answer that got lost is asked for again."""
        self.posts: list[int] = []

    def both(self, work: Callable[[StoreOffice], Any]) -> Any:
        first, second = work(self.fast), work(self.general)
        assert first == second
        return first

    @rule(
        texts=st.integers(1, 3),
        width=st.integers(1, len(CHANNELS)),
        due=st.sampled_from([0, 0, 5]),
        more=st.sampled_from(["", "", "", "photo", "pin", "answer"]),
    )
    def post(self, texts: int, width: int, due: int, more: str) -> None:
        words = [f"بند {number}" for number in range(texts)]
        at = self.fast.now + due * SECOND if due else None
        extra: dict[str, Any] = {}
        if more == "photo":
            extra["media"] = [file()]
        elif more == "pin":
            extra["pin"] = True
        elif more == "answer" and self.posts:
            extra["reply_to"] = self.posts[0]
        channels = CHANNELS[:width]
        made = self.both(lambda each: each.post(*channels, texts=words, due=at, **extra))
        self.posts.append(made)

    @rule(seconds=st.sampled_from([1, 3, 10, 40, 7 * 3600]))
    def wait(self, seconds: int) -> None:
        self.fast.wait(seconds)
        self.general.wait(seconds)

    @rule(
        data=st.data(),
        owner=st.sampled_from(OWNERS),
        uploads=st.sampled_from([None, 1]),
        verifies=st.sampled_from([None, 0, 1]),
    )
    def tick(
        self, data: st.DataObject, owner: str, uploads: int | None, verifies: int | None
    ) -> None:
        """Some of the claims have ended, mostly well; others may start."""
        ours = [claim for who, claim in self.flying if who == owner]
        ended = data.draw(st.lists(st.sampled_from(ours), unique_by=id)) if ours else []
        results, uploads_done = [], []
        for claim in ended:
            self.flying.remove((owner, claim))
            if claim.purpose is Purpose.UPLOAD:
                uploads_done.append(_uploaded(claim))
            else:
                results.append(self._ended(data, claim))
        results += [result for who, result in self.said[-3:] if who == owner and data.draw(RARELY)]
        count, rate = (
            data.draw(st.sampled_from(self.counts)),
            data.draw(st.sampled_from(self.rates)),
        )
        more = {"uploads": uploads, "verifies": verifies, "count": count, "rate": rate}
        self._tick(owner, *results, uploads_done=uploads_done, **more)
        self.said += [(owner, result) for result in results]

    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """All that was claimed has arrived, and what waits is claimed."""
        mine = [claim for who, claim in self.flying if who == "one"]
        self.flying = [each for each in self.flying if each[0] != "one"]
        results = [
            claim.ended(
                receipt(f"{claim.delivery}.{claim.position}"), data.draw(st.sampled_from(RATES))
            )
            for claim in mine
            if claim.purpose is Purpose.SEND
        ]
        rate = data.draw(st.sampled_from(self.rates))
        self._tick("one", *results, count=self.counts[-1], rate=rate)

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """What is in doubt is looked for once, and sent again after two absences."""
        self.wait(60)
        before = len(self.flying)
        self._tick("one", count=self.counts[-1], verifies=3)
        asked, self.flying = self.flying[before:], self.flying[:before]
        results = [
            self._ended(data, claim) for _, claim in asked if claim.purpose is not Purpose.UPLOAD
        ]
        self._tick("one", *results, count=0)

    @rule(data=st.data(), what=st.sampled_from(["cancel", "retry", "edit", "recall", "resolve"]))
    def change(self, data: st.DataObject, what: str) -> None:
        if not self.posts:
            return
        post = data.draw(st.sampled_from(self.posts))
        if what == "cancel":
            self._change(Cancel(post=post))
        elif what == "retry":
            self._change(Retry(post=post, late_after=LATER))
        elif what == "recall":
            self._change(Recall(post=post, recallable=ABLE))
        elif what == "resolve":
            posted = data.draw(st.booleans())
            ids = ("seen",) if posted else ()
            channel = data.draw(st.sampled_from(CHANNELS))
            self._change(Resolve(post=post, channel=channel, posted=posted, ids=ids))
        else:
            targets = tuple(self.fast.target(name, "نو") for name in CHANNELS)
            self._change(
                Edit(post=post, source="نو", targets=targets, editable=ABLE, recallable=ABLE)
            )

    @rule(what=st.sampled_from(["off", "on", "release", "sweep"]))
    def switch(self, what: str) -> None:
        if what == "off":
            self._change(Close(channels=CHANNELS[:1], cause=Cause.OFF))
        elif what == "on":
            self._change(Open(channels=CHANNELS[:1], cause=Cause.OFF))
        elif what == "release":
            self._change(Release(late=True, late_after=LATER))
        else:
            self.both(lambda each: each.sweep(5))

    @invariant()
    def every_table_is_the_same(self) -> None:
        fast, general = rows(self.fast), rows(self.general)
        for table, found in fast.items():
            assert found == general[table], table

    def teardown(self) -> None:
        self.throw_away()

    def _ended(self, data: st.DataObject, claim: Claim) -> Result:
        if claim.purpose is Purpose.VERIFY:
            found = data.draw(st.sampled_from(FOUND))
            return claim.ended(Checked(found=found, delay=10 * SECOND, resend=True))
        rate = data.draw(st.sampled_from(RATES))
        if data.draw(RARELY):
            outcome = data.draw(st.sampled_from(OUTCOMES))
            if claim.message.verb is not Verb.SEND and outcome.state is State.UNKNOWN:
                outcome = UNAVAILABLE
            return claim.ended(outcome, rate)
        return claim.ended(receipt(f"{claim.delivery}.{claim.position}.{claim.attempt}"), rate)

    def _tick(self, owner: str, *results: Result, **more: Any) -> None:
        """Posts that are due become deliveries before it: when is no matter of its path."""

        def one(office: StoreOffice) -> Any:
            while office.store.fan_out(now=office.now):
                pass
            done = office.tick(*results, owner=owner, fans=False, **more)
            named = [claim._replace(key=claim.key.partition("-")[2]) for claim in done.claims]
            by_lane = sorted(named, key=lambda claim: (claim.channel, claim.delivery))
            return by_lane, sorted(done.late, key=repr), dict(done.settled)

        claims, _, _ = self.both(one)
        self.flying += [(owner, claim) for claim in claims]

    def _change(self, change: Change) -> None:
        def one(office: StoreOffice) -> Any:
            try:
                return office.change(change)
            except Refused as refused:
                return str(refused)

        self.both(one)


def _uploaded(claim: Claim) -> UploadDone:
    handles = {media.key: Handle(value="kept") for media in claim.message.media}
    return UploadDone(
        delivery=claim.delivery, position=claim.position, fence=claim.fence, handles=handles
    )


RARELY = st.sampled_from([False, False, False, True])


@pytest.fixture(params=["sqlite", "postgresql"])
def paths(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Paths]:
    if request.param == "sqlite":
        return SqlitePaths
    monkeypatch.setattr(ticks, "LOOK_S", 0)  # leases that ran out are looked for at every tick
    emptied, emptied_too = map(request.getfixturevalue, ("emptied", "emptied_too"))

    class PostgresPaths(Paths):
        """With room for more than there are lanes.

        A tick that is filled by the fast path leaves other heads to a later one.
        """

        examples = 12
        counts = (0, len(CHANNELS) + 1)
        rates = (None, Rate(count=1000, per_s=1))

        def make(self) -> tuple[Any, Any, Callable[[], None]]:
            fast, general = PostgresStore(emptied()), GeneralPostgres(emptied_too())

            def throw_away() -> None:
                fast.close()
                general.close()

            return fast, general, throw_away

    return PostgresPaths


class SqlitePaths(Paths):
    examples = 40

    def make(self) -> tuple[Any, Any, Callable[[], None]]:
        folder = Path(tempfile.mkdtemp(prefix="broadcaster-"))
        fast, general = SqliteStore(folder / "fast.db"), GeneralSqlite(folder / "general.db")

        def throw_away() -> None:
            fast.close()
            general.close()
            shutil.rmtree(folder)

        return fast, general, throw_away


def test_both_leave_the_same_rows(paths: type[Paths]) -> None:
    run_state_machine_as_test(
        paths,
        settings=settings(
            max_examples=paths.examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("texts", [1, 2])
def test_what_was_looked_for_and_sent_again(
    paths: type[Paths], texts: int, request: pytest.FixtureRequest
) -> None:
    """A rare way: in doubt, not found at two looks, sent again, and then proved."""
    both = paths()
    request.addfinalizer(both.teardown)
    both.post(texts=texts, width=1, due=0, more="")

    def step(*outcomes: Any, **more: Any) -> None:
        claims, both.flying = both.flying, []
        results = [c.ended(o) for (_, c), o in zip(claims, outcomes, strict=True)]
        both._tick("one", *results, **more)
        both.every_table_is_the_same()

    step(count=1)
    step(LOOKED_FOR, count=0)
    for seconds in (60, 115):  # the second look is the last one before its time is up
        both.wait(seconds)
        step(count=0, verifies=1)
        step(Checked(found=NOT_THERE, delay=10 * SECOND, resend=True), count=0)
    for _ in range(texts):
        step(count=1)
        step(receipt("seen"), count=0)
    assert both.fast.state(1, CHANNELS[0]) is State.DELIVERED
