"""Decisions about posts: approval, retries, what is held, what is unknown."""

from __future__ import annotations

from broadcaster.app import approvals, corrections, sight, stuck
from broadcaster.app.stuck import Kept, Resolution
from broadcaster.errors import NotFound
from broadcaster.model import State
from broadcaster.web.api.bodies import (
    ApprovalBody,
    ReasonBody,
    ReleaseBody,
    ResolveBody,
    RetryBody,
    WhereBody,
)
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import reach, said, seen


async def approve(call: ApiRequest) -> Reply:
    return await call.ask(_approve, call, said(call.body, ApprovalBody), call.number)


async def reject(call: ApiRequest) -> Reply:
    return await call.ask(_reject, call, said(call.body, ReasonBody), call.number)


async def give_back(call: ApiRequest) -> Reply:
    return await call.ask(_give_back, call, said(call.body, ReasonBody), call.number)


async def retry(call: ApiRequest) -> Reply:
    return await call.ask(_retry, call, said(call.body, RetryBody), call.number)


async def release(call: ApiRequest) -> Reply:
    return await call.ask(_release, call, said(call.body, ReleaseBody), call.number)


async def pin(call: ApiRequest) -> Reply:
    return await call.ask(_pin, call, said(call.body, WhereBody), call.number)


async def resolve(call: ApiRequest) -> Reply:
    return await call.ask(_resolve, call, said(call.body, ResolveBody), call.number)


def _approve(call: ApiRequest, body: ApprovalBody, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    view = call.store.post(number)
    approvals.approve(call.office, call.store, view, body.digest, actor=call.actor)
    return seen(call, number)


def _reject(call: ApiRequest, body: ReasonBody, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    approvals.reject(call.office, call.store, number, body.reason, actor=call.actor)
    return seen(call, number)


def _give_back(call: ApiRequest, body: ReasonBody, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    approvals.give_back(call.office, call.store, number, body.reason, actor=call.actor)
    return seen(call, number)


def _retry(call: ApiRequest, body: RetryBody, number: int) -> Reply:
    states, to = tuple(map(State, body.states)), reach(call, number, body.to)
    stuck.retry(call.office, call.store, number, states, to, actor=call.actor)
    return seen(call, number)


def _release(call: ApiRequest, body: ReleaseBody, number: int) -> Reply:
    sight.post(call.store, call.actor, number)
    kept = Kept(post=number, late=body.late, drop=body.drop)
    stuck.release(call.office, call.store, kept, actor=call.actor)
    return seen(call, number)


def _pin(call: ApiRequest, body: WhereBody, number: int) -> Reply:
    to = reach(call, number, body.to)
    corrections.pin(call.office, call.store, number, to, actor=call.actor)
    return seen(call, number)


def _resolve(call: ApiRequest, body: ResolveBody, number: int) -> Reply:
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
