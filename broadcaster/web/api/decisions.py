"""Decisions about posts: approval, retries, what is held, what is unknown."""

from __future__ import annotations

from broadcaster.app import approvals, corrections, sight, stuck
from broadcaster.app.stuck import Kept, Resolution
from broadcaster.errors import NotFound
from broadcaster.model import State
from broadcaster.web.api.bodies import Approval, Because, Releasing, Resolving, Retrying, Where
from broadcaster.web.api.endpoint import Call, Reply
from broadcaster.web.api.posts import reach, said, seen


async def approve(call: Call) -> Reply:
    return await call.ask(_approve, call, said(call.body, Approval), call.number)


async def reject(call: Call) -> Reply:
    return await call.ask(_reject, call, said(call.body, Because), call.number)


async def retry(call: Call) -> Reply:
    return await call.ask(_retry, call, said(call.body, Retrying), call.number)


async def release(call: Call) -> Reply:
    return await call.ask(_release, call, said(call.body, Releasing), call.number)


async def pin(call: Call) -> Reply:
    return await call.ask(_pin, call, said(call.body, Where), call.number)


async def resolve(call: Call) -> Reply:
    return await call.ask(_resolve, call, said(call.body, Resolving), call.number)


def _approve(call: Call, body: Approval, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    view = call.store.post(number)
    approvals.approve(call.office, call.store, view, body.digest, actor=call.actor)
    return seen(call, number)


def _reject(call: Call, body: Because, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    approvals.reject(call.office, call.store, number, body.reason, actor=call.actor)
    return seen(call, number)


def _retry(call: Call, body: Retrying, number: int) -> Reply:
    states, to = tuple(map(State, body.states)), reach(call, number, body.to)
    stuck.retry(call.office, call.store, number, states, to, actor=call.actor)
    return seen(call, number)


def _release(call: Call, body: Releasing, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    kept = Kept(post=number, late=body.late)
    stuck.release(call.office, call.store, kept, drop=body.drop, actor=call.actor)
    return seen(call, number)


def _pin(call: Call, body: Where, number: int) -> Reply:
    to = reach(call, number, body.to)
    corrections.pin(call.office, call.store, number, to, actor=call.actor)
    return seen(call, number)


def _resolve(call: Call, body: Resolving, number: int) -> Reply:
    unknown = next((each for each in call.store.unknowns() if each.delivery.id == number), None)
    channel = "" if unknown is None else unknown.delivery.channel
    if unknown is None or not sight.sees(call.actor, [channel]):
        raise NotFound(f"no delivery {number} is unknown; GET /posts?state=unknown shows those")
    found = Resolution(
        posted=body.posted,
        channel=channel,
        ids=tuple(body.ids),
        message=None if body.message is None else body.message - 1,
    )
    stuck.resolve(call.office, call.store, unknown.delivery.post, found, actor=call.actor)
    return seen(call, unknown.delivery.post)
