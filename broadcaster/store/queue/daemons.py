"""Daemons: who is alive, and whose leases hold."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence

from broadcaster.model import Micros
from broadcaster.store.queue import lanes
from broadcaster.store.queue.database import Database, pack
from broadcaster.store.queue.reap import reap
from broadcaster.store.queue.renderings import Renderings

FIRST_LIFE: Micros = 60_000_000
"""A new daemon counts as alive for a minute, until its first heartbeat."""


def register(
    cx: Database,
    renderings: Renderings,
    owner: str,
    *,
    exclusive: bool,
    looks: Mapping[str, Micros],
    now: Micros,
) -> tuple[int, ...]:
    """Note the daemon; an exclusive one reaps at once, as every other owner is dead."""
    cx.run(
        "daemons.register",
        owner=owner,
        pid=os.getpid(),
        host=socket.gethostname(),
        now=now,
        until=now + FIRST_LIFE,
    )
    cx.run("daemons.grow_old")
    if exclusive:
        cx.run("daemons.only", owner=owner)
    cx.run("daemons.forget")
    if not exclusive:
        return ()
    return reap(cx, renderings, lanes.leased(cx), looks, now)


def heartbeat(
    cx: Database, owner: str, leases: Sequence[tuple[str, int]], lease: Micros, now: Micros
) -> set[tuple[str, int]]:
    cx.run("daemons.alive", owner=owner, now=now, until=now + lease)
    cx.run("daemons.grow_old")
    if not leases:
        return set()
    kept = cx.all("lanes.prolong", lanes=pack(leases), owner=owner, until=now + lease)
    return set(leases) - {(row["channel"], row["fence"]) for row in kept}


def unregister(cx: Database, owner: str) -> None:
    """Give back what never reached the wire; what did stays in doubt for the next daemon."""
    lanes.free(cx, [row["id"] for row in cx.all("daemons.unsent", owner=owner)])
    cx.run("daemons.unregister", owner=owner)
    cx.run("daemons.forget")


def acknowledge(cx: Database, owner: str, generation: int) -> None:
    cx.run("daemons.acknowledge", owner=owner, generation=generation)


def acknowledged(cx: Database, generation: int, now: Micros) -> bool:
    return not cx.scalar("daemons.behind", generation=generation, now=now)
