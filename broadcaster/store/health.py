"""The whole queue at a glance, as `status` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from broadcaster.model import Micros, State
from broadcaster.store.live import DaemonRow, Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A breaker's state and last probe of an account, for ``status``; kept beside its pace."""

    account: str
    breaker: str
    """closed, open or half-open."""
    failures: int
    retry_at: Micros | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """What ``status`` shows."""

    now: Micros
    url: str
    schema: int
    epoch: int
    engine: str
    """Such as ``SQLite 3.51.3 (pysqlite3)``."""
    generation: int
    """Grows with each change of a gate."""
    daemons: tuple[DaemonRow, ...]
    gates: tuple[Gate, ...]
    counts: Mapping[State, int]
    """Deliveries; waiting ones of posts not yet fanned out included."""
    by_channel: Mapping[str, Mapping[State, int]]
    """Only what is not delivered and not cancelled."""
    next_due: Micros | None
    accounts: tuple[Health, ...]
    quiet: Mapping[str, Micros]
    """Account -> nothing before (rate limit)."""
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Account -> live daemons that work by different settings for it: nothing is claimed."""
