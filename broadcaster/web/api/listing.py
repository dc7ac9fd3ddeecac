"""Lists of posts, a part at a time."""

from __future__ import annotations

import base64
import binascii
import struct

from broadcaster.app import sight, views
from broadcaster.model import Micros
from broadcaster.web.api.bodies import PostsQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import said
from broadcaster.web.problems import Problem

_CURSOR = struct.Struct("!qq")


async def show(call: ApiRequest) -> Reply:
    return await call.ask(_show, call, said(call.query, PostsQuery))


def _show(call: ApiRequest, query: PostsQuery) -> Reply:
    office, store, actor = call.office, call.store, call.actor
    chosen = views.Filter(
        state=query.state,
        since=query.since,
        until=query.until,
        author=query.author,
        to=tuple(query.to),
        search=query.q,
    )
    rows = views.posts(
        office,
        store,
        chosen,
        limit=query.limit + 1,
        within=sight.seen_channels(office, store, actor),
        after=_place(query.cursor) if query.cursor else None,
    )
    shown, more = rows[: query.limit], len(rows) > query.limit
    return Reply(
        {
            "posts": [views.row_json(office, sight.row(actor, each)) for each in shown],
            "next": _cursor((shown[-1].active, shown[-1].post.id)) if more else None,
        }
    )


def _cursor(place: tuple[Micros, int]) -> str:
    return base64.urlsafe_b64encode(_CURSOR.pack(*place)).decode().rstrip("=")


def _place(cursor: str) -> tuple[Micros, int]:
    """:raises Problem: nobody was given such a cursor."""
    try:
        due, number = _CURSOR.unpack(base64.b64decode(f"{cursor}==", b"-_", validate=True))
    except (ValueError, binascii.Error, struct.error):
        wrong = {"cursor": "is none of ours; begin without it"}
        raise Problem(422, "the cursor is none of ours", fields=wrong) from None
    return due, number
