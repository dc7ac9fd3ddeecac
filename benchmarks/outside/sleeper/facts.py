"""A messenger that is only a delay: what is left is the cost of the queue."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven
from broadcaster.text.encode import plain

HERE = "benchmarks"


PLATFORM = Platform(
    name="sleeper",
    title="sleeper",
    jurisdiction="domestic",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=4096, source=HERE),
        caption=Fact(value=1024, source=HERE),
        album=Fact(value=(1, 1), source=HERE),
        account_rate=Fact(value=None, source=HERE),
        channel_rate=Fact(value=None, source=HERE),
        quiet=Fact(value=1.0, source=HERE),
        edit_within=Fact(value=timedelta.max, source=HERE),
        recall_within=Fact(value=timedelta.max, source=HERE),
    ),
    proven=Proven.SANDBOX,
    base_url="http://127.0.0.1",
    senders=100,
    encode=plain,
    link=lambda channel, message_id: None,
    address=str,
    needs_token=False,
)
