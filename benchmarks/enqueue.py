"""Queueing one post to a thousand channels, against posting it to them with a bare loop."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bare import post_all
from benchmarks.measure import Row, pairs
from benchmarks.office import TEXT, build
from benchmarks.server import serving
from broadcaster.engine.plan import Draft

CHANNELS = 1000


def run() -> Row:
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        office = build(Path(folder), url, CHANNELS)
        now = datetime.now(UTC)
        draft = Draft(source=TEXT, to=("all",))
        planned = office.plan(draft, now=now)
        with office.store() as store:

            def ours() -> float:
                begun = time.perf_counter()
                office.submit(store, draft, planned, now=now)
                return time.perf_counter() - begun

            ours_s, theirs_s = pairs(ours, lambda: post_all(url, CHANNELS, 1))
    return Row(
        name="enqueue",
        what=f"one post queued to {CHANNELS} channels",
        against="a bare loop posting it",
        ours_s=ours_s,
        theirs_s=theirs_s,
        goal=0.03,
        at_least=False,
    )
