"""What there is and how it is: channels, accounts, platforms, status, audit, reports."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from broadcaster.app import audit, reports, sight
from broadcaster.app.channel_views import channels_json
from broadcaster.app.platforms import platform_json
from broadcaster.app.status import accounts_json, status, status_json
from broadcaster.errors import InputError
from broadcaster.model import Json, Permission
from broadcaster.web.api.bodies import AuditQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply, Sends
from broadcaster.web.api.posts import said
from broadcaster.web.problems import Problem


async def channels(call: ApiRequest) -> Reply:
    health = await call.ask(call.store.health)
    names = sight.channels(call.office, call.actor)
    return Reply({"channels": channels_json(call.office, health, names)})


async def accounts(call: ApiRequest) -> Reply:
    health = await call.ask(call.store.health)
    return Reply({"accounts": _of_accounts(call, accounts_json(call.office, health))})


async def platforms(call: ApiRequest) -> Reply:
    return Reply({"platforms": [platform_json(each) for each in call.office.platforms.values()]})


async def state(call: ApiRequest) -> Reply:
    """As ``status --json``, as far as the caller sees; where the store is, is nobody's matter."""
    return Reply(await call.ask(_state, call))


async def log(call: ApiRequest) -> Reply:
    return await call.ask(_log, call, said(call.query, AuditQuery))


async def report(call: ApiRequest) -> Reply | web.Response:
    found = await call.ask(_report, call, call.request.match_info["day"])
    if isinstance(found, str):
        return web.Response(text=found, content_type=Sends.CSV.value, charset="utf-8")
    return Reply(found)


def _state(call: ApiRequest) -> dict[str, Json]:
    found = status(call.store)
    shown = status_json(call.office, found)
    shown["store"] = {"engine": found.health.engine, "schema": found.health.schema}
    if call.actor.may(Permission.SEE):
        return shown
    names, accounts = sight.channels(call.office, call.actor), _names_of_accounts(call)
    by_channel = {name: each for name, each in found.health.by_channel.items() if name in names}
    counts: dict[str, Json] = {}
    for each in by_channel.values():
        for key, count in each.items():
            counts[key.value] = cast("int", counts.get(key.value, 0)) + count
    drafts = (call.store.post(number) for number in found.drafts)
    return {
        **shown,
        "deliveries": counts,
        "channels": {
            name: {key.value: count for key, count in each.items()}
            for name, each in by_channel.items()
        },
        "accounts": _of_accounts(call, accounts_json(call.office, found.health)),
        "contested": {},
        "closed": [
            each
            for each in cast("list[dict[str, Json]]", shown["closed"])
            if each["name"] in (accounts if each["scope"] == "account" else names)
        ],
        "drafts": [each.post.id for each in drafts if sight.narrowed(call.actor, each)],
        "schedules_failed": {},
    }


def _of_accounts(call: ApiRequest, shown: list[Json]) -> list[Json]:
    seen = _names_of_accounts(call)
    return [each for each in shown if isinstance(each, dict) and each["account"] in seen]


def _names_of_accounts(call: ApiRequest) -> set[str]:
    return set(sight.accounts(call.office, call.actor))


def _log(call: ApiRequest, query: AuditQuery) -> Reply:
    """Of a post: for all who see it; the whole log: for who looks after people."""
    if query.post is not None:
        sight.post(call.store, call.actor, query.post)
    elif not call.actor.may(Permission.USERS):
        raise Problem(403, "the whole log is for administrators; add ?post=NUMBER")
    since = None
    if query.since is not None:
        since = audit.since(call.office, query.since, call.office.times.now())
    rows = audit.rows(call.store, post=query.post, since=since, limit=query.limit)
    return Reply({"rows": [audit.row_object(call.office, row) for row in rows]})


def _report(call: ApiRequest, day: str) -> dict[str, Json] | str:
    """JSON, or CSV where the caller prefers it."""
    office, now = call.office, call.office.times.now()
    try:
        meant = office.times.period(day, now)
    except InputError as error:
        raise Problem(404, str(error)) from None
    lines = [
        each
        for each in reports.report(office, call.store, meant)
        if sight.sees(call.actor, [each.channel])
    ]
    if _prefers_csv(call.request.headers.get("Accept", "")):
        return reports.report_csv(office, lines)
    return reports.report_json(office, meant, lines)


def _prefers_csv(accept: str) -> bool:
    kinds = [each.partition(";")[0].strip().casefold() for each in accept.split(",")]
    wanted = [each for each in kinds if each in (Sends.CSV, Sends.JSON, "application/*", "*/*")]
    return wanted[:1] == [Sends.CSV]
