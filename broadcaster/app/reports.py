"""What went out on a day, for the office's own records."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from broadcaster.app.office import Office
from broadcaster.model import Json, Micros, Stage, State
from broadcaster.planning.plan import micros
from broadcaster.store.store import Store
from broadcaster.store.views import DeliveryView, PostView, Query

ALL = 1_000_000
"""Posts of a month; nobody publishes more."""
_FORMULA = re.compile(
    r"[\s\x00-\x1f\ufeff\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]*"
    r"(?:[=+\-@\uff1d\uff0b\uff0d\uff20]|(?<=[\t\r]))"
)
"""A sign that begins a formula, after whatever a spreadsheet passes over; or a tab or a return."""
LOOK_BACK = timedelta(days=30)
"""How long after its hour a post, its edit or its recall is still looked for."""


class ReportLine(NamedTuple):
    """One delivery of the day: when it was settled, or due where it is not."""

    at: Micros
    post: int
    channel: str
    platform: str
    kind: str
    state: str
    links: tuple[str, ...]
    reason: str
    text: str


def report(office: Office, store: Store, day: date) -> list[ReportLine]:
    """The deliveries that were settled on ``day``, or were due then and are not settled."""
    return sorted(_lines(office, store, day))


def report_json(office: Office, day: date, lines: Sequence[ReportLine]) -> dict[str, Json]:
    """The object that ``report --json`` prints."""
    return {
        "day": day.isoformat(),
        "deliveries": [
            {**each._asdict(), "links": [*each.links], "at": office.times.iso(each.at)}
            for each in lines
        ],
    }


def report_csv(office: Office, lines: Sequence[ReportLine]) -> str:
    """With a byte order mark, without which spreadsheets take Persian for something else."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(ReportLine._fields)
    for each in lines:
        row = {**each._asdict(), "at": office.times.iso(each.at), "links": " ".join(each.links)}
        writer.writerow([disarmed(value) for value in row.values()])
    return "\ufeff" + rows.getvalue()


def disarmed(cell: object) -> object:
    """``cell``, so that a spreadsheet takes it for a text: what begins like a formula would be run.

    :source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _lines(office: Office, store: Store, day: date) -> Iterator[ReportLine]:
    first, following = office.times.bounds(day)
    begin, end = micros(first), micros(following)
    for row in store.posts(Query(since=micros(first - LOOK_BACK), until=end, limit=ALL)):
        view = store.post(row.post.id)
        for each in view.deliveries:
            at = view.post.due if each.settled_at is None else each.settled_at
            if begin <= at < end and each.delivery.state is not State.CANCELLED:
                yield _line(office, view, each, at)


def _line(office: Office, view: PostView, each: DeliveryView, at: Micros) -> ReportLine:
    delivery = each.delivery
    links = (
        office.link(delivery.channel, id_, message.chat)
        for message in each.messages
        if message.receipt
        for id_ in message.receipt.ids
    )
    return ReportLine(
        at=at,
        post=view.post.id,
        channel=delivery.channel,
        platform=each.account,
        kind=delivery.kind.value,
        state="draft" if _unapproved(view, each) else delivery.state.value,
        links=tuple(link for link in links if link),
        reason=delivery.reason,
        text=view.post.texts.get(delivery.channel, view.post.source),
    )


def _unapproved(view: PostView, each: DeliveryView) -> bool:
    """It waits for a person, not for its turn."""
    return view.post.stage is Stage.DRAFT and each.delivery.state is State.WAITING
