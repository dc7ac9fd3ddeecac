"""Daemons: who is alive, whose leases hold, and the pace of accounts."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence

from broadcaster.adapter import Rate
from broadcaster.model import Micros
from broadcaster.store.gcra import take
from broadcaster.store.sqlite import lanes
from broadcaster.store.sqlite.connection import Connection, pack
from broadcaster.store.sqlite.queries import load
from broadcaster.store.sqlite.renderings import Renderings
from broadcaster.store.sqlite.tick import reap

_SQL = load("daemons")
_LANES = load("lanes")

FIRST_LIFE: Micros = 60_000_000
"""A new daemon counts as alive for a minute, until its first heartbeat."""


def register(
    cx: Connection,
    renderings: Renderings,
    owner: str,
    *,
    exclusive: bool,
    verify_accounts: Collection[str],
    now: Micros,
) -> tuple[int, ...]:
    """Note the daemon; an exclusive one reaps at once, as every other owner is dead."""
    cx.run(
        _SQL["register"],
        owner=owner,
        pid=os.getpid(),
        host=socket.gethostname(),
        now=now,
        until=now + FIRST_LIFE,
    )
    if not exclusive:
        return ()
    cx.run(_SQL["only"], owner=owner)
    return reap(cx, renderings, cx.all(_LANES["leased"]), verify_accounts, now)


def heartbeat(
    cx: Connection, owner: str, leases: Sequence[tuple[str, int]], lease: Micros, now: Micros
) -> set[tuple[str, int]]:
    cx.run(_SQL["alive"], owner=owner, now=now, until=now + lease)
    if not leases:
        return set()
    kept = cx.all(_LANES["prolong"], lanes=pack(leases), owner=owner, until=now + lease)
    return set(leases) - {(row["channel"], row["fence"]) for row in kept}


def unregister(cx: Connection, owner: str) -> None:
    """Give back what never reached the wire; what did stays in doubt for the next daemon."""
    lanes.free(cx, [row["id"] for row in cx.all(_SQL["unsent"], owner=owner)])
    cx.run(_SQL["unregister"], owner=owner)


def acknowledge(cx: Connection, owner: str, generation: int) -> None:
    cx.run(_SQL["acknowledge"], owner=owner, generation=generation)


def acknowledged(cx: Connection, generation: int, now: Micros) -> bool:
    return not cx.scalar(_SQL["behind"], generation=generation, now=now)


def budget(cx: Connection, account: str, want: int, rate: Rate, now: Micros) -> tuple[int, Micros]:
    tat: Micros = cx.scalar(_SQL["tat"], account=account) or 0
    granted, tat, wait = take(tat, now, want, rate)
    if granted:
        cx.run(_SQL["put_tat"], account=account, tat=tat)
    return granted, wait
