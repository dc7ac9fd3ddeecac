"""One tick (a hundred receipts recorded, a hundred messages claimed) beside a great backlog."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import backlog
from benchmarks.measure import Kind, Row
from broadcaster.model import Message, Receipt, Rendering
from broadcaster.store import codec
from broadcaster.store.exchange import Capacity, Claim, Result
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.submit import NewPost, Target

MANY, FEW = 1_000_000, 1_000
BATCH = 100
LANES = 1000
TICKS = 60
TEXT = "اطلاعیه: ساعت کار اداره از فردا ۸ صبح تا ۱۴ است."
STEP = 20
"""SQLite's instructions are counted in steps of so many."""


def beside_scheduled() -> Row:
    return _row("tick-scheduled", "scheduled", _scheduled, goal=1.2)


def beside_blocked() -> Row:
    return _row("tick-blocked", "due behind a dead platform", _blocked, goal=2)


def beside_done() -> Row:
    return _row("tick-done", "done and kept", _done, goal=2)


def _row(name: str, words: str, fill: Callable[[Path, int], None], *, goal: float) -> Row:
    with ExitStack() as opened:
        few, many = (_Office.filled(opened, fill, rows) for rows in (FEW, MANY))
        for office in (few, many):
            office.tick()  # the first has nothing to record
        turns = [(many.tick(), few.tick()) for _ in range(TICKS)]
        for office in (few, many):
            office.count_instructions()
            for _ in range(5):
                office.tick()
        steps = many.instructions / few.instructions
    return Row(
        name=name,
        what=f"a tick of {BATCH} with {MANY:,} {words}, SQLite",
        against=f"with {FEW:,}",
        kind=Kind.COST,
        goal=goal,
        unit="ms",
        ours=[ours * 1000 for ours, _ in turns],
        theirs=[theirs * 1000 for _, theirs in turns],
        details={
            "SQLite's instructions, ratio": steps,
            "slowest of both, ms": max(max(turn) for turn in turns) * 1000,
        },
    )


@dataclass(slots=True)
class _Office:
    """A store with a live account, whose every message arrives at once."""

    store: SqliteStore
    instructions: int = 0
    _claims: tuple[Claim, ...] = ()
    _wants: list[Capacity] = field(
        default_factory=lambda: [
            Capacity(account="live", count=BATCH),
            Capacity(account="dead", count=0),
        ]
    )

    @classmethod
    def filled(cls, opened: ExitStack, fill: Callable[[Path, int], None], rows: int) -> _Office:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        path = Path(folder) / "broadcaster.db"
        store = SqliteStore(path)
        store.enqueue([_post("live", LANES), _post("dead", LANES)])
        store.close()
        backlog.fan_out(path)
        fill(path, rows)
        store = SqliteStore(path)
        opened.callback(store.close, "bench")
        store.open("bench", exclusive=True)
        store.enqueue([_post("live", LANES)] * (TICKS * BATCH // LANES + 1))
        backlog.tick_all(store, "bench")
        return cls(store)

    def tick(self) -> float:
        """Seconds for one."""
        results = [_arrived(claim) for claim in self._claims]
        begun = time.perf_counter()
        tick = self.store.tick("bench", results, [], self._wants, 120.0)
        taken = time.perf_counter() - begun
        assert len(tick.claims) == BATCH
        self._claims = tick.claims
        return taken

    def count_instructions(self) -> None:
        """From now on; it slows them down."""

        def more() -> None:
            self.instructions += STEP

        self.store._cx._raw.set_progress_handler(more, STEP)


def _scheduled(path: Path, rows: int) -> None:
    backlog.scheduled(path, like=1, posts=rows)


def _blocked(path: Path, rows: int) -> None:
    backlog.waiting(path, like=2, posts=rows // LANES)


def _done(path: Path, rows: int) -> None:
    backlog.delivered(path, like=1, posts=rows // LANES)


def _post(account: str, channels: int) -> NewPost:
    messages = (Message(index=0, text=TEXT),)
    rendering = Rendering(messages=messages, digest=codec.digest(codec.messages_json(messages)))
    targets = tuple(
        Target(channel=f"{account}{number}", account=account, rendering=rendering)
        for number in range(channels)
    )
    return NewPost(source=TEXT, targets=targets)


def _arrived(claim: Claim) -> Result:
    return claim.ended(Receipt(ids=("7",)))
