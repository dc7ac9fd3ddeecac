"""What all parts of one daemon's engine share."""

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
    """One daemon's name, its store, and what it knows of gates and time."""

    owner: str
    """Unique to this run of the daemon."""
    store: Store
    in_store: StoreThread
    """``await in_store(verb, ...)`` runs a verb of ``store`` beside the event loop."""
    clock: TrustedClock
    gates: Gates
    meter: Meter
    wake: asyncio.Event
    """Set it, and the worker takes another turn soon."""

    @classmethod
    def of(cls, owner: str, store: Store) -> Runtime:
        """A runtime for a worker that has not begun."""
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
