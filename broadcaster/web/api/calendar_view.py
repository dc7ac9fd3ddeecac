"""A month: what was posted, what is to come, and what schedules will post."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from broadcaster.app import schedule_views, schedules, sight, views
from broadcaster.app.views import Filter
from broadcaster.model import Json
from broadcaster.web.api.bodies import MonthQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import said
from broadcaster.web.api.recurring import sees

POSTS = 2000
"""Of a month; nobody publishes more, and a page shows no more."""
OCCURRENCES = 200
"""Of one schedule."""


async def show(call: ApiRequest) -> Reply:
    return await call.ask(_show, call, said(call.query, MonthQuery).month)


def _show(call: ApiRequest, month: str) -> Reply:
    office, store, actor = call.office, call.store, call.actor
    now = office.times.now()
    period = office.times.period(month, now)
    rows = views.posts(
        office,
        store,
        Filter(since=month, until=month),
        limit=POSTS,
        within=sight.seen_channels(office, store, actor),
    )
    _, end = office.times.bounds(period.last)
    return Reply(
        {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "posts": [views.row_json(office, sight.row(actor, each)) for each in rows],
            "occurrences": [*_occurrences(call, now, end)],
        }
    )


def _occurrences(call: ApiRequest, now: datetime, end: datetime) -> Iterator[Json]:
    for row in schedules.rows(call.office, call.store, now).values():
        if row.paused or not sees(call, row):
            continue
        coming = schedule_views.coming(row, now, strict=False)
        for _, at in zip(range(OCCURRENCES), takewhile(lambda at: at < end, coming), strict=False):
            yield {"schedule": row.name, "at": call.office.times.iso(at)}
