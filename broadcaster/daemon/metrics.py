"""``/metrics``, ``/healthz`` and ``/readyz`` on a port of this machine.

healthz: the worker takes turns, so a restart would not help.  readyz: queued posts can be sent.

aiohttp's server and prometheus-client are imported in functions, because most daemons have no
metrics port.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from broadcaster import __version__
from broadcaster.engine.breaker import Position
from broadcaster.engine.meter import BOUNDS_S
from broadcaster.engine.worker import Worker
from broadcaster.errors import InputError
from broadcaster.store.background import BackgroundStore
from broadcaster.store.store import StoreBusy
from broadcaster.store.views import Backlog

if TYPE_CHECKING:
    from aiohttp import web
    from prometheus_client import Metric

HOST = "127.0.0.1"
HUNG_S = 120.0
"""A turn waits for a locked store 40 s at most, and rests 5 s; a longer silence means a hang."""
FRESH_S = 5.0
"""The backlog is read again after so long: the store looks at every open delivery for it."""


def hung(worker: Worker) -> bool:
    """Whether the worker has taken no turn for long; while stopping it waits for calls instead."""
    return not worker.stopping and time.monotonic() - worker.runtime.meter.turned > HUNG_S


def obstacles(worker: Worker) -> list[str]:
    """Why nothing can be sent now."""
    found = []
    if hung(worker):
        found.append("the worker hangs")
    if worker.stopping:
        found.append("stopping")
    if worker.runtime.meter.stuck:
        found.append(worker.runtime.meter.stuck)
    if not worker.runtime.clock.check.trusted:
        found.append("the clock has jumped")
    found += [f"halted: {gate.reason}" for gate in worker.closed_gates if gate.scope == "all"]
    return found


class MetricsServer:
    """``port`` 0: any free one, which :attr:`port` names once the server is open."""

    def __init__(self, worker: Worker, background: BackgroundStore, port: int) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector

        self.port = port
        self._worker = worker
        self._background = background
        self._lines: Sequence[Backlog] = ()
        self._asked = -FRESH_S
        self._asking = asyncio.Lock()
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    async def open(self) -> None:
        """:raises InputError: the port is taken."""
        from aiohttp import web

        from broadcaster.kit.doorway import doorway

        app = web.Application(middlewares=[doorway()])
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise InputError(
                f"[metrics] port {self.port} of {HOST} cannot be used: {error.strerror};"
                " choose another one"
            ) from None
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        from aiohttp import web

        well = not hung(self._worker)
        return web.json_response({"healthy": well}, status=200 if well else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        from aiohttp import web

        why = obstacles(self._worker)
        answer = {"ready": not why, "obstacles": why}
        return web.json_response(answer, status=503 if why else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        from aiohttp import web
        from prometheus_client import generate_latest

        async with self._asking:
            if time.monotonic() - self._asked >= FRESH_S:
                try:
                    now = self._worker.runtime.clock.now()
                    self._lines = await self._background(self._background.store.backlog, now=now)
                    self._asked = time.monotonic()
                except StoreBusy:
                    pass  # shown as it was
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    def collect(self) -> Iterator[Metric]:
        """All that is known now, for prometheus-client."""
        yield from _of_store(self._lines, self._worker.runtime.clock.now())
        yield from _of_accounts(self._worker)
        yield from _of_worker(self._worker)


def _of_store(lines: Iterable[Backlog], now: int) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    counts = GaugeMetricFamily(
        "broadcaster_deliveries",
        "Unfinished deliveries: in line (waiting, on the wire or being verified), or waiting for a"
        " person.",
        labels=("account", "state"),
    )
    oldest = GaugeMetricFamily(
        "broadcaster_oldest_due_seconds",
        "For how long the oldest due delivery has been due; 0: none is.",
        labels=("account",),
    )
    for each in lines:
        counts.add_metric((each.account, "in line"), each.in_line)
        for state, count in each.states.items():
            counts.add_metric((each.account, state.value), count)
        age = 0.0 if each.oldest is None else max(0.0, (now - each.oldest) / 1e6)
        oldest.add_metric((each.account,), age)
    yield counts
    yield oldest


def _of_accounts(worker: Worker) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    attempts = CounterMetricFamily(
        "broadcaster_attempts",
        "Attempts since the start by their outcome: receipt, or the error's name.",
        labels=("account", "outcome"),
    )
    for (account, outcome), count in sorted(worker.runtime.meter.attempts.items()):
        attempts.add_metric((account, outcome), count)
    breaker = GaugeMetricFamily(
        "broadcaster_breaker",
        "1 for the position that the account's breaker is in.",
        labels=("account", "position"),
    )
    for name, sender in sorted(worker.roster.senders.items()):
        for position in Position:
            value = sender.breaker.position is position
            breaker.add_metric((name, position.value), float(value))
    closed = GaugeMetricFamily(
        "broadcaster_closed",
        "1 for each closed gate: switched off, refused, gone or halted.",
        labels=("scope", "name", "cause"),
    )
    for gate in worker.closed_gates:
        closed.add_metric((gate.scope, gate.name, gate.cause.value), 1)
    yield from (attempts, breaker, closed)


def _of_worker(worker: Worker) -> Iterator[Metric]:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
        InfoMetricFamily,
    )

    meter = worker.runtime.meter
    total, buckets = 0, []
    for bound, count in zip((*BOUNDS_S, "+Inf"), meter.turns, strict=True):
        total += count
        buckets.append((str(bound), total))
    yield HistogramMetricFamily(
        "broadcaster_turn_seconds",
        "One exchange with the store.",
        buckets=buckets,
        sum_value=meter.turn_s,
    )
    yield CounterMetricFamily(
        "broadcaster_store_errors",
        "Times that the store could not be written.",
        value=meter.store_errors,
    )
    gauges = {
        "store_writable": ("1: the store can be written.", not meter.stuck),
        "clock_trusted": ("1: the wall clock is trusted.", worker.runtime.clock.check.trusted),
        "on_the_wire": (
            "Messages that are being sent, uploaded or looked for.",
            len(worker.turns.in_flight.claims),
        ),
        "wake_lag_seconds": ("How late the last turn was that had a due time.", meter.lag_s),
    }
    for name, (meaning, value) in gauges.items():
        yield GaugeMetricFamily(f"broadcaster_{name}", meaning, value=float(value))
    yield InfoMetricFamily("broadcaster_build", "The program.", value={"version": __version__})
