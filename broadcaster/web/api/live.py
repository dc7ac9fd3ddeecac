"""Server-sent events: what changes, to who may see it, for as long as they may."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from broadcaster.model import Actor, Permission
from broadcaster.web.api.endpoint import ApiRequest, Sends
from broadcaster.web.callers import Caller, identify
from broadcaster.web.feed import LiveEvent, since
from broadcaster.web.headers import ALWAYS
from broadcaster.web.problems import Problem
from broadcaster.web.state import REQUEST_ID

AT_ONCE = 5
"""Streams of one person."""
CHECK_S = 3.0
"""Between two looks whether the caller may still see anything."""
QUIET_S = 15.0
"""Without an event: a comment shows both sides that the other one is there."""
WRITE_S = 10.0
"""For a listener to take what it is sent."""


async def watch(call: ApiRequest) -> web.StreamResponse:
    with _one_more(call.console.streams, call.actor.person):
        response = web.StreamResponse(
            headers={
                **ALWAYS,
                "Content-Type": Sends.EVENTS.value,
                "X-Accel-Buffering": "no",
                "X-Request-Id": call.request[REQUEST_ID],
            }
        )
        feed = call.console.feed
        with feed.listening():
            number, missed = since(feed, call.request.headers.get("Last-Event-ID", ""))
            await response.prepare(call.request)
            begin = f"retry: 3000\nid: {feed.epoch}-{number}\n"
            await _write(response, begin + ("event: reset\ndata: {}\n\n" if missed else "\n"))
            await _tell(call, response, number)
    return response


async def _tell(call: ApiRequest, response: web.StreamResponse, number: int) -> None:
    """Until the caller goes, or may not see anything any more."""
    feed, quiet = call.console.feed, time.monotonic()
    actor: Actor | None = call.actor
    checked = time.monotonic()
    while not feed.closed:
        events = await feed.after(number, CHECK_S)
        if time.monotonic() - checked >= CHECK_S or not events:
            actor, checked = await _still(call), time.monotonic()
        if actor is None:
            return
        number = events[-1].number if events else number
        text = "".join(_text(feed.epoch, each) for each in events if each.is_for(actor))
        if not text and time.monotonic() - quiet > QUIET_S:
            text = ": still here\n\n"
        if text:
            quiet = time.monotonic()
            await _write(response, text)


async def _still(call: ApiRequest) -> Actor | None:
    """The caller with the rights of this moment; None: there are none."""
    try:
        caller: Caller | None = await identify(call.request, touch=False)
    except Problem:
        return None
    return caller.actor if caller and caller.may(Permission.SEE) else None


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_S):
        await response.write(text.encode())


def _text(epoch: str, event: LiveEvent) -> str:
    data = json.dumps(dict(event.data), ensure_ascii=False)
    return f"id: {epoch}-{event.number}\nevent: {event.kind}\ndata: {data}\n\n"


@contextmanager
def _one_more(streams: Counter[str], person: str) -> Iterator[None]:
    """:raises Problem: the person has as many as anybody may have."""
    if streams[person] >= AT_ONCE:
        raise Problem(
            429, f"you watch from {AT_ONCE} places already", headers={"Retry-After": "60"}
        )
    streams[person] += 1
    try:
        yield
    finally:
        streams[person] -= 1
        if not streams[person]:
            del streams[person]
