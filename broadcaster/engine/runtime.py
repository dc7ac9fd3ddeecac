"""The objects that all parts of one daemon's engine share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from broadcaster.engine.gates import Gates
from broadcaster.engine.meter import Meter
from broadcaster.engine.store_thread import StoreThread
from broadcaster.engine.trusted_clock import TrustedClock
from broadcaster.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One daemon's name, store, clock, gates and counters."""

    owner: str
    """Unique to this run of the daemon."""
    store: Store
    in_store: StoreThread
    """``await in_store(verb, ...)`` runs a verb of ``store`` in a thread."""
    clock: TrustedClock
    gates: Gates
    meter: Meter
    wake: asyncio.Event
    """Setting it makes the worker take another turn soon."""

    @classmethod
    def of(cls, owner: str, store: Store) -> Runtime:
        """A new runtime for one worker."""
        in_store, meter = StoreThread(), Meter()
        gates = Gates(owner, store, in_store)
        return cls(
            owner=owner,
            store=store,
            in_store=in_store,
            clock=TrustedClock(owner, store, in_store, gates, meter),
            gates=gates,
            meter=meter,
            wake=asyncio.Event(),
        )
