"""What may leave at all: accounts off and on, a halt of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from broadcaster.app import sight, switches
from broadcaster.app.office import Store
from broadcaster.app.switches import Changed, FileUnchanged, NotTakenUp, Step, StillOff, Waiting
from broadcaster.errors import NotFound
from broadcaster.model import Json
from broadcaster.web.api.bodies import OptionalReasonBody, ReasonBody
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import said

AT_ONCE = asyncio.Semaphore(2)
"""Switches wait for the daemon, each in a thread with a store of its own."""


async def off(call: ApiRequest) -> Reply:
    meant, reason, actor = _meant(call), said(call.body, OptionalReasonBody).reason, call.actor

    def steps(store: Store) -> Iterator[Step]:
        return switches.off(call.office, store, meant, reason=reason, actor=actor)

    return await _apart(call, steps)


async def on(call: ApiRequest) -> Reply:
    meant, actor = _meant(call), call.actor
    await asyncio.to_thread(switches.enable, call.office, meant, actor=actor)

    def steps(store: Store) -> Iterator[Step]:
        return switches.on(call.office, store, meant, actor=actor)

    return await _apart(call, steps)


async def halt(call: ApiRequest) -> Reply:
    """Answers once it is written: whoever halts is not kept waiting for the daemon."""
    reason = said(call.body, ReasonBody).reason
    return await call.ask(_first, switches.halt(call.store, reason=reason, actor=call.actor))


async def resume(call: ApiRequest) -> Reply:
    return await call.ask(_first, switches.resume(call.store, actor=call.actor))


async def _apart(call: ApiRequest, steps: Callable[[Store], Iterator[Step]]) -> Reply:
    def run() -> Reply:
        with call.office.store() as store:
            return _reply(steps(store))

    async with AT_ONCE:
        return await asyncio.to_thread(run)


def _first(steps: Iterator[Step]) -> Reply:
    for step in steps:
        return _reply(iter([step]))
    return _reply(iter(()))


def _reply(steps: Iterator[Step]) -> Reply:
    changed, remarks = Changed(), list[Json]()
    for step in steps:
        match step:
            case Changed():
                changed = step
            case Waiting():
                continue
            case FileUnchanged(why):
                remarks.append(f"off in the queue, but the config file still says on: {why}")
            case NotTakenUp():
                remarks.append("the daemon has not taken up the changed config yet")
            case StillOff(channel, account):
                remarks.append(f"{channel}: its account {account} is still off")
    return Reply(
        {
            "channels": [*changed.channels],
            "deliveries": [*changed.deliveries],
            "remarks": remarks,
        }
    )


def _meant(call: ApiRequest) -> switches.Meant:
    """:raises NotFound: there is no such account, or the caller does not see it."""
    if call.name not in sight.accounts(call.office, call.actor):
        raise NotFound(f"there is no account {call.name}")
    return switches.stands_for(call.office.settings, call.name)
