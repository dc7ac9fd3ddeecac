"""Lists of posts, a part at a time."""

from __future__ import annotations

import base64
import binascii
import struct

from broadcaster.app import sight, views
from broadcaster.app.views import PostRow
from broadcaster.model import Micros
from broadcaster.web.api.bodies import PostsQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.api.posts import said
from broadcaster.web.problems import Problem

_CURSOR = struct.Struct("!qq")
LOOKED_THROUGH = 2000
"""Posts for one part of a list, of which the caller sees few."""


async def show(call: ApiRequest) -> Reply:
    return await call.ask(_show, call, said(call.query, PostsQuery))


def _show(call: ApiRequest, query: PostsQuery) -> Reply:
    after = _place(query.cursor) if query.cursor else None
    rows: list[PostRow] = []
    looked, more = 0, True
    while more and len(rows) < query.limit and looked < LOOKED_THROUGH:
        page = views.posts(call.store, state=query.state, limit=query.limit, after=after)
        more = len(page) == query.limit
        looked += len(page)
        for row in page:
            after = row.post.due, row.post.id
            if sight.sees_row(call.store, call.actor, row):
                rows.append(row)
            if len(rows) == query.limit:
                more = more or row is not page[-1]
                break
    return Reply(
        {
            "posts": [views.row_json(call.office, row) for row in rows],
            "next": _cursor(after) if more and after else None,
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
